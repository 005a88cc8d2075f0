"""What follows a run: more respondents, another run."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.submitting import Submitting
from core.jobs.schemas import JobRead
from core.surveys import extending, rerunning
from core.surveys.run_schemas import SimulationExtend, SimulationRerun

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("/{simulation_id}/extend", status_code=202, response_model=JobRead, operation_id="extend_simulation")
async def extend_simulation(
    member: CurrentMember, exp: UUID, simulation_id: UUID, body: SimulationExtend, submit: Submitting
) -> Response:
    """Ask more respondents; they count once all of them have answered, and nobody is asked twice."""
    return await submit(member, lambda session: extending.start(session, member, exp, simulation_id, body))


@router.post("/{simulation_id}/rerun", status_code=202, response_model=JobRead, operation_id="rerun_simulation")
async def rerun_simulation(
    member: CurrentMember, exp: UUID, simulation_id: UUID, body: SimulationRerun, submit: Submitting
) -> Response:
    """Run a simulation again as a new one, with changes; only what they change is paid for."""
    return await submit(member, lambda session: rerunning.start(session, member, exp, simulation_id, body))

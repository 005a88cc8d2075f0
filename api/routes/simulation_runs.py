"""What follows a run: more respondents, another run, two compared."""

from __future__ import annotations

import functools
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.stats.column_letters import Adjustment
from core.surveys import comparing, extending, rerunning
from core.surveys.comparison_schemas import ComparisonRead
from core.surveys.run_schemas import SimulationExtend, SimulationRerun

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.get("/compare", operation_id="compare_simulations")
async def compare_simulations(
    member: CurrentMember,
    exp: UUID,
    a: Annotated[UUID, Query(description="A simulation of this exploration.")],
    b: Annotated[UUID, Query(description="Another one; differences are its figures less those of `a`.")],
    alpha: Annotated[float, Query(gt=0, lt=1, description="Level at which a question differs.")] = 0.05,
    adjustment: Annotated[Adjustment, Query(description="How p is adjusted for the number of questions.")] = "holm",
) -> ComparisonRead:
    """Compare two runs question by question: differences with intervals, tests, distances."""
    scope = functools.partial(db.scope, [member.workspace_id])
    return await comparing.compare(scope, member.workspace_id, exp, (a, b), alpha, adjustment)


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

"""More respondents for a simulation that has ended.

start     draw up the addition and submit its job
finish    make those who were added respondents of the simulation, all at once

Until then a row of its own holds them: what was answered before stays whole, and readable, however the job ends.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.jobs.schemas import JobRead
from core.population.extension import weights_of_whole
from core.population.schemas import MAX_RESPONDENTS
from core.surveys import additions
from core.surveys.drawing import sizes_of
from core.surveys.errors import SimulationNotFinished, SimulationNotFound, SimulationStopped
from core.surveys.jobs import EXTEND_SIMULATION, ExtendSimulation
from core.surveys.models import Simulation
from core.surveys.run_schemas import SimulationExtend
from core.surveys.service import close, get, persona_versions, status_of, tell_completed
from core.surveys.submitting import submit
from core.workspaces.access import Member

NOT_TAKEN_OVER: Final = (
    *("id", "created_at", "sample_size", "sizes", "job_id", "rerun_of", "extension_of"),
    *("complete", "model", "demonstration"),
)


async def start(
    session: AsyncSession, member: Member, exploration_id: UUID, simulation_id: UUID, body: SimulationExtend
) -> JobRead:
    """Write an addition and its job; one whose job was stopped is given up for it.

    What was paid for a given-up addition is remembered: the same n costs nothing again. Raises SimulationNotFound,
    SimulationNotFinished while the simulation or an addition to it runs, SimulationStopped for one whose own job did
    not succeed, Invalid, ExplorationEnded.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    await get(session, member.workspace_id, exploration_id, simulation_id)
    simulation = await _locked(session, member.workspace_id, simulation_id)
    await _require_succeeded(session, simulation)
    if (room := MAX_RESPONDENTS - simulation.sample_size) < body.n:
        wrong = f"makes more than {MAX_RESPONDENTS:,} respondents: {room:,} can be added"
        raise Invalid([FieldError(("body", "n"), wrong)])
    await _give_up(session, simulation)
    added = Simulation(
        **simulation.model_dump(exclude=set(NOT_TAKEN_OVER)),
        sample_size=body.n,
        sizes=[*sizes_of(simulation), body.n],
        extension_of=simulation.id,
    )
    session.add(added)
    await session.flush()
    args = ExtendSimulation(simulation_id=simulation.id, extension_id=added.id)
    return await submit(session, member, added, EXTEND_SIMULATION, args, body.job)


async def finish(session: AsyncSession, workspace_id: UUID, simulation_id: UUID, extension_id: UUID) -> None:
    """Make those who were added respondents of their simulation, and weigh all of them as one sample.

    Runs in the transaction that ends the addition's job. Raises SimulationNotFound when it was given up meanwhile.
    """
    simulation = await _locked(session, workspace_id, simulation_id)
    added = await additions.find_extension(session, workspace_id, simulation_id)
    if added is None or added.id != extension_id:
        raise SimulationNotFound
    unanswered = await close(session, added)
    await additions.move(session, added, simulation.id)
    simulation.sample_size += added.sample_size
    simulation.sizes = list(added.sizes)
    simulation.complete = simulation.complete and not unanswered
    simulation.model = ", ".join(sorted({*_names(simulation), *_names(added)})) or None
    simulation.demonstration = simulation.demonstration or added.demonstration
    await _weigh(session, simulation)
    job_id = added.job_id
    await session.delete(added)
    await session.flush()
    await tell_completed(session, simulation, job_id)


def _names(simulation: Simulation) -> list[str]:
    return simulation.model.split(", ") if simulation.model else []


async def _locked(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> Simulation:
    simulation = await additions.lock(session, workspace_id, simulation_id)
    if simulation is None:
        raise SimulationNotFound
    return simulation


async def _require_succeeded(session: AsyncSession, simulation: Simulation) -> None:
    status = await status_of(session, simulation)
    if status in ("queued", "running"):
        raise SimulationNotFinished
    if status != "succeeded":
        raise SimulationStopped


async def _give_up(session: AsyncSession, simulation: Simulation) -> None:
    """Delete an addition whose job was stopped; raises SimulationNotFinished while it runs."""
    added = await additions.find_extension(session, simulation.workspace_id, simulation.id)
    if added is None:
        return
    if await status_of(session, added) in ("queued", "running"):
        raise SimulationNotFinished
    await session.delete(added)
    await session.flush()


async def _weigh(session: AsyncSession, simulation: Simulation) -> None:
    """Weigh the respondents of a plan so that each persona has its share of the whole again."""
    if simulation.plan is None:
        return
    found = await additions.count_by_persona(session, simulation.workspace_id, simulation.id)
    ids = [persona_id for persona_id, _ in persona_versions(simulation)]
    weights = weights_of_whole(simulation.plan, [found.get(persona_id, 0) for persona_id in ids])
    for persona_id, weight in zip(ids, weights, strict=True):
        if persona_id in found:
            await additions.weigh(session, simulation.workspace_id, simulation.id, persona_id, weight)

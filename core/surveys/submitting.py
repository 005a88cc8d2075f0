"""Submits the job of a simulation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs import service as jobs
from core.jobs.contract import JobArgs, JobContract
from core.jobs.schemas import JobOptions, JobRead
from core.questionnaires.content import Content
from core.surveys.jobs import RUN_SIMULATION, RunSimulation
from core.surveys.methods import Requested, models_asked
from core.surveys.models import Simulation
from core.workspaces.access import Member


async def submit_run(
    session: AsyncSession, member: Member, simulation: Simulation, options: JobOptions | None
) -> JobRead:
    """Write a new simulation and the job that runs it; raises Invalid for a budget without a price."""
    session.add(simulation)
    await session.flush()
    return await submit(
        session, member, simulation, RUN_SIMULATION, RunSimulation(simulation_id=simulation.id), options
    )


async def submit(
    session: AsyncSession,
    member: Member,
    simulation: Simulation,
    contract: JobContract[Any],
    args: JobArgs,
    options: JobOptions | None,
) -> JobRead:
    """Write the job that asks the respondents of a row; its subject is the simulation they belong to."""
    content = Content.model_validate(simulation.content)
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    job = await jobs.submit(
        session,
        contract,
        args,
        workspace_id=member.workspace_id,
        author=member.author,
        exploration_id=simulation.exploration_id,
        subject_type="simulation",
        subject_id=simulation.extension_of or simulation.id,
        options=options,
        asks=models_asked(content, requested),
    )
    simulation.job_id = job.id
    return job

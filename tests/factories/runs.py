"""What follows a run: additions and reruns, submitted as a member would and run to their end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.db import session as db
from core.jobs import service as service_of_jobs
from core.jobs.models import Job
from core.jobs.schemas import JobUsage
from core.surveys import extending, rerunning, service
from core.surveys.exporting import export_lines
from core.surveys.models import Simulation
from core.surveys.run_schemas import SimulationExtend, SimulationRerun
from core.surveys.schemas import SimulationRead
from core.workspaces.access import Member
from tests.factories import jobs
from tests.factories.jobs import AUTHOR
from worker.runner import Runner


async def work(runner: Runner, job_id: UUID) -> Job:
    """Run a job, its shards and its end, one after the other; return the job."""
    await runner.run(job_id)
    for shard in await jobs.children(job_id):
        await runner.run(shard.id)
    await runner.run(job_id)
    return await jobs.read(job_id)


def member_of(simulation: Simulation) -> Member:
    """Return somebody who may do everything in a simulation's workspace."""
    return Member(simulation.workspace_id, AUTHOR, "admin")


async def submit_extension(simulation: Simulation, n: int, **members: Any) -> UUID:
    """Ask for n more respondents; return the job's id."""
    body = SimulationExtend.model_validate({"n": n} | members)
    place = (simulation.exploration_id, simulation.id)
    async with db.scope([simulation.workspace_id]) as session:
        return (await extending.start(session, member_of(simulation), *place, body)).id


async def submit_rerun(simulation: Simulation, **members: Any) -> tuple[UUID, Simulation]:
    """Ask for another run; return the job's id, and the new simulation."""
    body = SimulationRerun.model_validate(members)
    place = (simulation.exploration_id, simulation.id)
    async with db.scope([simulation.workspace_id]) as session:
        job = await rerunning.start(session, member_of(simulation), *place, body)
        assert job.subject_id is not None
        return job.id, await service.get_by_id(session, simulation.workspace_id, job.subject_id)


async def usage(job_id: UUID) -> JobUsage:
    """Return what a job and its shards have used."""
    async with db.scope(db.SYSTEM) as session:
        return (await service_of_jobs.read(session, await service_of_jobs.get(session, job_id))).usage


async def told(simulation: Simulation) -> SimulationRead:
    """Return a simulation as it is shown."""
    async with db.scope([simulation.workspace_id]) as session:
        stored = await service.get_by_id(session, simulation.workspace_id, simulation.id)
        return await service.read(session, stored)


async def respondents(simulation: Simulation) -> dict[int, tuple[Any, ...]]:
    """Return number → persona, version, weight and attributes."""
    query = "SELECT number, persona_id, persona_version, weight, attributes FROM respondent WHERE simulation_id = :id"
    async with db.scope([simulation.workspace_id]) as session:
        rows = list(await session.execute(text(query), {"id": simulation.id}))
    return {row[0]: tuple(row[1:]) for row in rows}


async def files(simulation: Simulation) -> tuple[str, str]:
    """Return the CSV and the JSON lines of a simulation."""

    def scope() -> Any:
        return db.scope([simulation.workspace_id])

    async with scope() as session:
        stored = await service.get_by_id(session, simulation.workspace_id, simulation.id)
    csv = "".join([part async for part in export_lines(scope, stored, "csv")])
    return csv, "".join([part async for part in export_lines(scope, stored, "jsonl")])

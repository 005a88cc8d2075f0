"""Jobs of a kind that only tests know, and what their rows say."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from core.db import session as db
from core.jobs import engine, fanning, service
from core.jobs.contract import Backoff, JobArgs, JobContract
from core.jobs.models import Job
from core.jobs.records import Claim, End, Fan, Finished, Hint, Shard
from core.jobs.service import Author

LEASE_S = 30.0
AUTHOR = Author("system")


class ProbeArgs(JobArgs):
    """A name to tell shards apart."""

    name: str = ""


PROBE: JobContract[ProbeArgs] = JobContract(
    kind="test.probe", args=ProbeArgs, pool="batch", subject="test", result=(), backoff=Backoff(base_s=8, cap_s=60)
)


async def submit(workspace_id: UUID, contract: JobContract[Any] = PROBE, **columns: Any) -> UUID:
    """Submit a job as the product does; `columns` are then set on its row."""
    async with db.scope([workspace_id]) as session:
        job = await service.submit(session, contract, contract.args(), workspace_id=workspace_id, author=AUTHOR)
    if columns:
        await change(job.id, **columns)
    return job.id


async def change(job_id: UUID, **columns: Any) -> None:
    """Set columns of a job's row, past the engine; a text starting with "now" is an expression."""
    sets = ", ".join(
        f"{name} = {value}" if isinstance(value, str) and value.startswith("now") else f"{name} = :{name}"
        for name, value in columns.items()
    )
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text(f"UPDATE job SET {sets} WHERE id = :id"), {"id": job_id} | columns)


async def lapse(job_id: UUID, **columns: Any) -> None:
    """Let a job's lease run out, as when its worker fell silent."""
    await change(job_id, lease_until="now() - interval '1 second'", **columns)


async def read(job_id: UUID) -> Job:
    """Return a job's row as it is."""
    async with db.scope(db.SYSTEM) as session:
        return await service.get(session, job_id)


async def try_claim(job_id: UUID) -> Claim | None:
    """Claim a job as some worker; None when it is not there to take."""
    async with db.scope(db.SYSTEM) as session:
        return await engine.claim(session, job_id, uuid4(), LEASE_S)


async def claim(job_id: UUID) -> Claim:
    """Claim a job that is there to take."""
    found = await try_claim(job_id)
    assert found is not None
    return found


async def finish(held: Claim, status: str = "succeeded", **ending: Any) -> Finished:
    """End a claimed job."""
    async with db.scope(db.SYSTEM) as session:
        return await engine.finish(session, End(held.job_id, held.epoch, status, **ending))


async def fan_out(held: Claim, shards: int, in_flight: int = 16) -> list[Hint]:
    """Let a claimed job wait for shards."""
    fan = Fan([(PROBE, Shard(number, ProbeArgs(name=str(number)))) for number in range(shards)], in_flight)
    async with db.scope(db.SYSTEM) as session:
        return await fanning.fan_out(session, held, fan)


async def children(parent_id: UUID) -> list[Job]:
    """Return a job's shards by number."""
    async with db.scope(db.SYSTEM) as session:
        return await service.list_children(session, parent_id, limit=1000)


async def column(query: str, job_id: UUID) -> list[Any]:
    """Return the first column of a query about a job (`:id`)."""
    async with db.scope(db.SYSTEM) as session:
        return list((await session.execute(text(query), {"id": job_id})).scalars())


async def events(job_id: UUID) -> list[str]:
    """Return the types of what a job told the outbox."""
    return await column("SELECT type FROM event WHERE job_id = :id ORDER BY created_at", job_id)


async def outcomes(job_id: UUID) -> list[str | None]:
    """Return how a job's runs ended, in order."""
    return await column("SELECT outcome FROM job_attempt WHERE job_id = :id ORDER BY claim_epoch", job_id)

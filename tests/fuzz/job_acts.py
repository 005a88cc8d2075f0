"""Callers and the dispatcher as a test drives them, each act in the transactions that the product makes."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from core.db import session as db
from core.jobs import dispatching, service
from core.jobs.errors import JobNotRetryable, ShardNotCancellable, ShardNotRetryable
from core.jobs.models import DONE, OPEN
from core.jobs.schemas import JobOptions
from tests.factories.jobs import AUTHOR, PROBE, ProbeArgs
from tests.fuzz.job_world import World


async def submit(world: World, key: str | None, *, parent: bool, max_attempts: int) -> None:
    """Submit a job; the same key makes it once."""
    named = {"caller": str(world.workspace_id), "route": "POST /test", "key": key or "", "body": "hash"}
    async with db.scope([world.workspace_id]) as session:
        found = await service.find_replay(session, **named) if key else None
        assert (found.id if found else None) == world.keys.get(key or ""), "the key leads to another job"
        if found:
            return
        options = JobOptions(max_attempts=max_attempts)
        job = await service.submit(
            session, PROBE, ProbeArgs(), workspace_id=world.workspace_id, author=AUTHOR, options=options
        )
        if key:
            service.remember(session, job, **named)
    if parent:
        world.parents.add(job.id)
    if key:
        world.keys[key] = job.id


async def cancel(world: World, job_id: UUID, *, through: bool) -> None:
    """Ask for a job's end; `through` says whether the process lives to hand the request down."""
    row, asked = world.now.jobs[job_id], False
    with suppress(ShardNotCancellable):
        async with db.scope([world.workspace_id]) as session:
            asked = await service.request_cancel(session, job_id)
        assert world.racing or asked == (row["status"] not in DONE)
    if through:
        async with db.scope([world.workspace_id]) as session:
            await service.cascade_cancel(session, job_id)
        shards = (await world.ground.look(world.workspace_id)).children(job_id)
        spared = [child for child in shards if child["status"] not in DONE and child["cancel_requested_at"] is None]
        assert world.racing or not asked or not spared, f"{len(spared)} shards of a cancelled job go on"


async def retry(world: World, job_id: UUID) -> None:
    """Ask for another round of a failed or cancelled job."""
    row = world.now.jobs[job_id]
    ready = row["parent_id"] is None and row["status"] in ("failed", "cancelled")
    try:
        async with db.scope([world.workspace_id]) as session:
            job = await service.retry(session, job_id)
    except (JobNotRetryable, ShardNotRetryable):
        assert world.racing or not ready, "a job that ended badly was not retried"
    else:
        assert world.racing or ready, f"a {row['status']} job was retried"
        assert (job.attempt, job.rescues, job.cancel_requested_at) == (0, 0, None), "it does not begin afresh"
        world.retried[job_id] += 1


async def rescue(world: World) -> None:
    """Sweep: give lapsed jobs back or end them."""
    lapsed = {row["id"] for row in world.now.jobs.values() if row["status"] == "running" and row["lapsed"]}
    async with db.scope(db.SYSTEM) as session:
        hints, ended = await dispatching.rescue_lapsed(session)
    found = {one.job_id for one in hints} | {one.job_id for one in ended}
    assert world.racing or found == lapsed, f"lapsed {lapsed}, rescued {found}"


async def settle(world: World) -> None:
    """Sweep: hand cancel requests down and end what nobody runs."""
    async with db.scope(db.SYSTEM) as session:
        await dispatching.cascade_cancel(session)
    async with db.scope(db.SYSTEM) as session:
        await dispatching.settle_cancelled(session)


async def find_lost(world: World, *, again: bool) -> None:
    """Sweep: look after messages nobody took."""
    async with db.scope(db.SYSTEM) as session:
        stale = await dispatching.stale(session)
    async with db.scope(db.SYSTEM) as session:
        await dispatching.renew(session, [hint.job_id for hint in stale], again=again)


async def dispatch(world: World, room: int) -> None:
    """Sweep: send waiting jobs to the queue."""
    async with db.scope(db.SYSTEM) as session:
        sent = await dispatching.dispatch(session, PROBE.pool, room)
    waiting = {row["id"] for row in world.now.jobs.values() if row["status"] in OPEN}
    assert world.racing or {hint.job_id for hint in sent} <= waiting

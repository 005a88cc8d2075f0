"""What a job shows and what its events tell are the same at every moment of its life."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session as db
from core.jobs import engine, service
from core.jobs.dispatching import rescue_lapsed
from core.jobs.fanning import tell_wait
from core.jobs.records import Claim
from core.jobs.schemas import JobRead
from core.jobs.shown import ended
from tests.factories import jobs

ERROR = {"code": "model_unavailable", "detail": "Too many questions."}


async def shown(job_id: UUID) -> JobRead:
    """Read a job as callers do."""
    async with db.scope(db.SYSTEM) as session:
        return await service.read(session, await service.get(session, job_id))


async def last_told(job_id: UUID) -> dict[str, Any]:
    """Return the data of a job's last event, which must be of its present version."""
    version = (await jobs.read(job_id)).version
    async with db.scope(db.SYSTEM) as session:
        [event] = await service.list_events(session, job_id, version - 1, 10)
    return event.data


async def check(job_id: UUID, status: str, attempt: int) -> None:
    """Assert that a job and its last event both show this."""
    job, told = await shown(job_id), await last_told(job_id)
    assert (job.status, job.attempt) == (status, attempt)
    assert (told["status"], told["attempt"]) == (status, attempt)


async def defer(held: Claim, delay_s: float, attempts: int) -> None:
    async with db.scope(db.SYSTEM) as session:
        await engine.defer(session, held, outcome="retried", delay_s=delay_s, attempts=attempts, error=ERROR)


async def rescue() -> None:
    async with db.scope(db.SYSTEM) as session:
        await rescue_lapsed(session)


async def retry(job_id: UUID) -> None:
    async with db.scope(db.SYSTEM) as session:
        await service.retry(session, job_id)


@pytest.fixture(autouse=True)
async def _nothing_else_lapses(job_database: None) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("UPDATE job SET status = 'failed' WHERE status NOT IN ('succeeded', 'failed')"))


async def test_a_job_and_its_events_count_attempts_alike(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    await check(job_id, "queued", 0)
    held = await jobs.claim(job_id)
    await check(job_id, "running", 1)
    await jobs.lapse(job_id)
    await rescue()
    await check(job_id, "queued", 0)  # a worker that fell silent uses up none
    held = await jobs.claim(job_id)
    await check(job_id, "running", 1)
    await defer(held, 60, attempts=1)
    await check(job_id, "queued", 1)
    await jobs.change(job_id, next_attempt_at="now()")
    held = await jobs.claim(job_id)
    await check(job_id, "running", 2)
    await jobs.finish(held, "failed", error=ERROR)
    await check(job_id, "failed", 2)
    await retry(job_id)
    await check(job_id, "queued", 0)
    await jobs.finish(await jobs.claim(job_id))
    await check(job_id, "succeeded", 1)
    attempts = await jobs.column("SELECT attempt FROM job_attempt WHERE job_id = :id ORDER BY claim_epoch", job_id)
    assert attempts == [1, 1, 2, 1]


async def test_a_parent_is_in_one_attempt_from_its_split_to_its_end(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(held, 1)
    assert (await shown(held.job_id)).attempt == 1
    [shard] = await jobs.children(held.job_id)
    await jobs.finish(await jobs.claim(shard.id), "failed", error=ERROR)
    assert ((await shown(held.job_id)).status, (await shown(held.job_id)).attempt) == ("running", 1)
    reducing = await jobs.claim(held.job_id)
    await check(held.job_id, "running", 1)
    await defer(reducing, 60, attempts=1)
    await check(held.job_id, "running", 2)
    await jobs.change(held.job_id, next_attempt_at="now()")
    await jobs.finish(await jobs.claim(held.job_id), "failed", error=ERROR)
    await check(held.job_id, "failed", 2)
    await retry(held.job_id)
    await check(held.job_id, "running", 1)  # its shard runs again


async def test_a_waiting_job_says_until_when_and_why(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id, progress_message="Working"))
    assert (await shown(held.job_id)).progress.message == "Working"
    await defer(held, 60, attempts=1)
    job, told = await shown(held.job_id), await last_told(held.job_id)
    assert job.next_attempt_at is not None
    assert job.progress.message == f"Waiting until {job.next_attempt_at:%Y-%m-%dT%H:%M:%SZ}: Too many questions."
    assert job.error is None
    document = job.model_dump(mode="json")
    assert told["next_attempt_at"] == document["next_attempt_at"]
    assert told["message"] == document["progress"]["message"]
    await jobs.change(held.job_id, next_attempt_at="now()")
    await jobs.claim(held.job_id)
    again = await shown(held.job_id)
    assert (again.next_attempt_at, again.progress.message) == (None, "Working")
    assert set(await last_told(held.job_id)) == {"status", "attempt"}


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
async def test_a_job_that_has_ended_says_no_more_that_it_works(workspace_id: UUID, status: str) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id, progress_message="Working"))
    assert ended({}, await jobs.read(held.job_id))["progress"]["message"] == "Working"
    await jobs.finish(held, status)
    assert (await shown(held.job_id)).progress.message == ""
    assert ended({}, await jobs.read(held.job_id))["progress"]["message"] == ""


async def test_a_parent_waits_when_all_of_its_running_shards_do(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id, progress_message="Asking"))
    await jobs.fan_out(parent, 3)
    first, second, last = [await jobs.claim(shard.id) for shard in await jobs.children(parent.job_id)]
    await jobs.finish(last)
    for held, delay_s in ((first, 300), (second, 60)):
        assert (await shown(parent.job_id)).progress.message == "Asking"
        async with db.scope(db.SYSTEM) as session:
            await engine.defer(session, held, outcome="retried", delay_s=delay_s, attempts=1, error=ERROR)
            await tell_wait(session, parent.job_id)
    job, told = await shown(parent.job_id), await last_told(parent.job_id)
    soonest = await jobs.read(second.job_id)
    assert (job.status, job.next_attempt_at) == ("running", soonest.next_attempt_at)
    assert job.progress.message.endswith("Too many questions.")
    assert told == job.progress.model_dump()
    await jobs.change(second.job_id, next_attempt_at="now()")
    await jobs.claim(second.job_id)
    again = await shown(parent.job_id)
    assert (again.next_attempt_at, again.progress.message) == (None, "Asking")

"""The engine's statements on a real Postgres: one claims, the fence holds, parents wait, nothing is doubled."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session as db
from core.db.base import uuid7
from core.jobs import committing, dispatching, engine, service
from core.jobs.dispatching import rescue_lapsed
from core.jobs.engine import POISON_AFTER, SUSPECT_AFTER
from core.jobs.errors import JobNotRetryable, LostClaim, ShardNotRetryable
from core.jobs.records import Claim, Commit, End, Finished, Hint, Step, Usage
from tests.factories import jobs
from tests.fixtures.jobs import new_workspace


async def rescue() -> tuple[list[Hint], list[Finished]]:
    async with db.scope(db.SYSTEM) as session:
        return await rescue_lapsed(session)


async def dispatch(room: int = 100) -> list[UUID]:
    async with db.scope(db.SYSTEM) as session:
        return [hint.job_id for hint in await dispatching.dispatch(session, "batch", room)]


@pytest.fixture(autouse=True)
async def _nothing_else_waits(job_database: None) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("UPDATE job SET status = 'failed' WHERE status NOT IN ('succeeded', 'failed')"))


async def test_of_twenty_claims_at_once_one_wins(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    won = [held for held in await asyncio.gather(*(jobs.try_claim(job_id) for _ in range(20))) if held]
    assert [held.epoch for held in won] == [1]
    assert (await jobs.read(job_id)).status == "running"
    assert len(await jobs.outcomes(job_id)) == 1


async def test_what_is_done_cancelled_or_not_yet_due_is_not_there_to_claim(workspace_id: UUID) -> None:
    beyond_reach: list[dict[str, Any]] = [
        {"status": "succeeded"},
        {"status": "waiting"},
        {"cancel_requested_at": "now()"},
        {"status": "retry_wait", "next_attempt_at": "now() + interval '1 minute'"},
    ]
    for columns in beyond_reach:
        assert await jobs.try_claim(await jobs.submit(workspace_id, **columns)) is None, columns
    due = await jobs.submit(workspace_id, status="retry_wait", next_attempt_at="now() - interval '1 second'")
    assert await jobs.try_claim(due) is not None


async def test_a_finish_under_a_lost_claim_changes_nothing(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    old = await jobs.claim(job_id)
    await jobs.lapse(job_id)
    await rescue()
    new = await jobs.claim(job_id)
    before = await jobs.read(job_id)
    with pytest.raises(LostClaim):
        await jobs.finish(old)
    assert (await jobs.read(job_id)).version == before.version
    await jobs.finish(new, result={"by": "new"})
    assert (await jobs.read(job_id)).result == {"by": "new"}
    assert await jobs.outcomes(job_id) == ["lapsed", "succeeded"]


async def test_a_second_finish_takes_all_it_came_with_back(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.finish(held)

    async def finish_again() -> None:
        async with db.scope([workspace_id]) as session:
            await session.execute(text("UPDATE workspace SET name = 'doubled'"))
            await engine.finish(session, End(held.job_id, held.epoch, "failed"))

    with pytest.raises(LostClaim):
        await finish_again()
    names = "SELECT name FROM workspace w JOIN job j ON j.workspace_id = w.id WHERE j.id = :id"
    assert await jobs.column(names, held.job_id) == ["Test"]
    assert (await jobs.read(held.job_id)).status == "succeeded"
    assert await jobs.events(held.job_id) == ["job.succeeded"]


async def test_steps_under_a_lost_claim_are_not_written(workspace_id: UUID) -> None:
    old = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.lapse(old.job_id)
    await rescue()
    new = await jobs.claim(old.job_id)
    for held, expected in ((old, 0), (new, 1)):
        try:
            async with db.scope([workspace_id]) as session:
                step = Step("a", "hash", {"value": held.epoch})
                await committing.commit_steps(session, [Commit(held, [step, step], Usage(calls=1), 1, tell=True)])
        except LostClaim:
            assert held is old
        async with db.scope([workspace_id]) as session:
            assert len(await committing.committed_steps(session, old.job_id)) == expected
        assert (await jobs.read(old.job_id)).usage_calls == expected


async def test_progress_stays_within_its_total_once_there_is_one(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    seen = []
    for total in (0, 3, 5):
        async with db.scope([workspace_id]) as session:
            if total:
                await engine.set_progress(session, held, total=total, message="")
            await committing.commit_steps(session, [Commit(held, done=4)])
        job = await jobs.read(held.job_id)
        seen.append((job.progress_done, job.progress_total))
    assert seen == [(4, 0), (3, 3), (5, 5)]


async def test_a_deferred_job_runs_at_once_or_when_it_is_due(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    async with db.scope([workspace_id]) as session:
        hint = await engine.defer(session, held, outcome="released", delay_s=0, attempts=0)
    assert hint == Hint(held.job_id, "batch", 1)
    held = await jobs.claim(held.job_id)
    async with db.scope([workspace_id]) as session:
        assert await engine.defer(session, held, outcome="retried", delay_s=60, attempts=1) is None
    job = await jobs.read(held.job_id)
    assert (job.status, job.attempt, job.lease_until) == ("retry_wait", 1, None)
    assert await dispatch() == []
    await jobs.change(job.id, next_attempt_at="now() - interval '1 second'")
    assert await dispatch() == [job.id]
    assert await jobs.outcomes(job.id) == ["released", "retried"]


async def test_a_lapsed_job_is_queued_again_and_consumes_no_attempt(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    assert await rescue() == ([], [])
    await jobs.lapse(held.job_id)
    assert await rescue() == ([Hint(held.job_id, "batch", 1)], [])
    job = await jobs.read(held.job_id)
    assert (job.status, job.attempt, job.rescues) == ("queued", 0, 1)


async def test_an_overdue_job_consumes_an_attempt_and_fails_with_its_last(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id, max_attempts=2)
    for expected in ("queued", "failed"):
        await jobs.claim(job_id)
        await jobs.lapse(job_id, deadline_at="now() - interval '1 second'")
        await rescue()
        assert (await jobs.read(job_id)).status == expected
    job = await jobs.read(job_id)
    assert job.error is not None
    assert (job.attempt, job.error["code"]) == (2, "job_timeout")
    assert await jobs.outcomes(job_id) == ["timed_out", "failed"]


async def suspect(workspace_id: UUID) -> UUID:
    """Return a job under which workers died so often that it must run alone."""
    job_id = await jobs.submit(workspace_id)
    for _ in range(SUSPECT_AFTER):
        await jobs.claim(job_id)
        await jobs.lapse(job_id)
        await rescue()
    return job_id


async def commit_step(held: Claim, workspace_id: UUID) -> None:
    """Commit one step of a running job."""
    async with db.scope([workspace_id]) as session:
        step = Step(str(held.epoch), "hash", {})
        await committing.commit_steps(session, [Commit(held, [step], done=1)])


async def test_a_job_under_which_workers_died_again_and_again_is_taken_only_alone(workspace_id: UUID) -> None:
    job_id = await suspect(workspace_id)
    async with db.scope(db.SYSTEM) as session:
        assert await engine.take_suspects(session, [job_id]) == {job_id}
        assert await engine.take_suspects(session, [job_id]) == set()  # one process is enough
        assert await engine.claim(session, job_id, uuid7(), 30) is None
        assert await engine.claim(session, job_id, uuid7(), 30, alone=True) is not None


async def test_a_job_that_gets_on_between_deaths_is_no_suspect(workspace_id: UUID) -> None:
    job_id = await jobs.submit(workspace_id)
    for _ in range(POISON_AFTER + 1):
        await commit_step(await jobs.claim(job_id), workspace_id)
        await jobs.lapse(job_id)
        await rescue()
    assert (await jobs.read(job_id)).status == "queued"


async def test_a_suspect_that_fans_out_is_none_when_its_shards_are_done(workspace_id: UUID) -> None:
    job_id = await suspect(workspace_id)
    async with db.scope(db.SYSTEM) as session:
        held = await engine.claim(session, job_id, uuid7(), 30, alone=True)
    assert held is not None
    await jobs.fan_out(held, 1)
    [shard] = await jobs.children(job_id)
    await jobs.finish(await jobs.claim(shard.id))
    assert (await jobs.claim(job_id)).children_total == 1


async def test_a_suspect_whose_own_process_dies_is_poison(workspace_id: UUID) -> None:
    job_id, worker_id = await suspect(workspace_id), uuid7()
    async with db.scope(db.SYSTEM) as session:
        await engine.claim(session, job_id, worker_id, 30, alone=True)
    async with db.scope(db.SYSTEM) as session:
        assert await dispatching.end_poison(session, job_id, uuid7()) is None
        assert await dispatching.end_poison(session, job_id, worker_id) is not None
    job = await jobs.read(job_id)
    assert job.error is not None
    assert (job.status, job.error["code"]) == ("failed", "job_poison")
    assert await jobs.events(job_id) == ["job.failed"]


async def test_a_suspect_that_got_on_before_its_process_died_is_not_poison(workspace_id: UUID) -> None:
    job_id, worker_id = await suspect(workspace_id), uuid7()
    async with db.scope(db.SYSTEM) as session:
        held = await engine.claim(session, job_id, worker_id, 30, alone=True)
    assert held is not None
    await commit_step(held, workspace_id)
    async with db.scope(db.SYSTEM) as session:
        assert await dispatching.end_poison(session, job_id, worker_id) is None
    await jobs.lapse(job_id)
    await rescue()
    assert (await jobs.read(job_id)).rescues == 1


async def test_a_suspect_that_lapses_again_and_again_is_poison(workspace_id: UUID) -> None:
    job_id = await suspect(workspace_id)
    for _ in range(POISON_AFTER - SUSPECT_AFTER):
        async with db.scope(db.SYSTEM) as session:
            await engine.claim(session, job_id, uuid7(), 30, alone=True)
        await jobs.lapse(job_id)
        await rescue()
    job = await jobs.read(job_id)
    assert job.error is not None
    assert (job.status, job.error["code"]) == ("failed", "job_poison")


async def test_a_lapsed_job_that_was_to_be_cancelled_is(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.lapse(held.job_id, cancel_requested_at="now()")
    _, [ended] = await rescue()
    assert (ended.job_id, ended.status) == (held.job_id, "cancelled")
    assert await jobs.events(held.job_id) == ["job.cancelled"]


async def test_shards_have_as_many_attempts_as_their_caller_allowed(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id, max_attempts=1))
    await jobs.fan_out(held, 2)
    assert [shard.max_attempts for shard in await jobs.children(held.job_id)] == [1, 1]


async def test_a_fan_out_happens_once(workspace_id: UUID) -> None:
    held = await jobs.claim(await jobs.submit(workspace_id))
    assert len(await jobs.fan_out(held, 3)) == 3
    with pytest.raises(LostClaim):
        await jobs.fan_out(held, 5)
    assert [shard.shard_no for shard in await jobs.children(held.job_id)] == [0, 1, 2]


async def test_a_parent_is_queued_by_its_last_shard_alone(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 8)
    held = [await jobs.claim(shard.id) for shard in await jobs.children(parent.job_id)]
    ended = await asyncio.gather(*(jobs.finish(one, "failed" if n == 3 else "succeeded") for n, one in enumerate(held)))
    reducers = [hint for one in ended for hint in one.hints if hint.job_id == parent.job_id]
    assert len(reducers) == 1
    job = await jobs.read(parent.job_id)
    assert (job.status, job.children_open) == ("queued", 0)
    assert (await jobs.claim(parent.job_id)).children_total == 8


async def test_a_parent_without_shards_goes_on_at_once(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 0)
    assert (await jobs.read(parent.job_id)).status == "queued"


async def test_no_more_shards_are_in_flight_than_the_parent_allows(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    hints = await jobs.fan_out(parent, 6, in_flight=2)
    shards = await jobs.children(parent.job_id)
    assert [shard.status for shard in shards] == ["dispatched"] * 2 + ["queued"] * 4
    for shard in shards:
        await jobs.change(shard.id, updated_at="now() - interval '5 seconds'")
    assert await dispatch() == []
    done = await jobs.finish(await jobs.claim(hints[0].job_id))
    assert [hint.job_id for hint in done.hints] == [shards[2].id]
    assert [s.status for s in await jobs.children(parent.job_id)].count("dispatched") == 2


async def test_workspaces_take_turns(workspace_id: UUID) -> None:
    other = await new_workspace()
    old = "now() - interval '5 seconds'"
    many = [await jobs.submit(workspace_id, updated_at=old) for _ in range(6)]
    few = [await jobs.submit(other, updated_at=old) for _ in range(2)]
    first = await dispatch(room=4)
    assert set(few) < set(first)
    assert set(first) - set(few) == set(many[:2])
    urgent = await jobs.submit(workspace_id, updated_at=old, priority=100)
    assert await dispatch(room=1) == [urgent]


async def test_a_dispatched_job_nobody_took_is_sent_again_under_a_new_number(workspace_id: UUID) -> None:
    fresh = await jobs.submit(workspace_id, status="dispatched", dispatched_at="now()")
    lost = await jobs.submit(workspace_id, status="dispatched", dispatched_at="now() - interval '10 seconds'")
    async with db.scope(db.SYSTEM) as session:
        assert [hint.job_id for hint in await dispatching.stale(session)] == [lost]
        assert await dispatching.renew(session, [lost], again=True) == [Hint(lost, "batch", 1)]
        assert await dispatching.stale(session) == []
    assert (await jobs.read(fresh)).dispatch_no == 0


async def test_a_retried_parent_runs_only_what_failed(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 3)
    for number, shard in enumerate(await jobs.children(parent.job_id)):
        await jobs.finish(await jobs.claim(shard.id), "failed" if number == 1 else "succeeded")
    await jobs.finish(await jobs.claim(parent.job_id), "failed", error={"code": "permanent"})
    async with db.scope([workspace_id]) as session:
        await service.retry(session, parent.job_id)
    job = await jobs.read(parent.job_id)
    assert (job.status, job.children_open, job.attempt, job.error) == ("waiting", 1, 0, None)
    shards = await jobs.children(parent.job_id)
    assert [shard.status for shard in shards] == ["succeeded", "queued", "succeeded"]
    done = await jobs.finish(await jobs.claim(shards[1].id))
    assert [hint.job_id for hint in done.hints] == [parent.job_id]


async def test_only_a_failed_or_cancelled_job_of_ones_own_is_retried(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 1)
    [shard] = await jobs.children(parent.job_id)
    for job_id, error in ((parent.job_id, JobNotRetryable), (shard.id, ShardNotRetryable)):
        with pytest.raises(error):
            async with db.scope([workspace_id]) as session:
                await service.retry(session, job_id)

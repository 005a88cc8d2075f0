"""Group commits: who waits together is written together, under the claim, and one bad row harms nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import text

from core import clock
from core.db import session as db
from core.db.base import uuid7
from core.db.session import DatabaseUnavailable
from core.jobs import committing
from core.jobs.errors import LostClaim
from core.jobs.queue import queue
from core.jobs.records import Claim, Commit, Step
from core.llm.contract import Call
from core.llm.errors import ModelRefused
from core.llm.prompts import Prompt
from core.llm.scripted import ScriptedModel
from tests.factories import jobs
from tests.fixtures.jobs import new_workspace
from worker import steps
from worker.context import JobContext
from worker.lanes import Lanes
from worker.steps import Commits, Entry, Group, StepWriter

NEVER_S = 20
CALL = Call(
    kind="chat", model="m", outcome="ok", attempt_no=1, input_tokens=100, output_tokens=20,
    cost_usd=Decimal("0.25"), latency_ms=1, started_at=clock.now(),
)  # fmt: skip


def entry(key: str, output: Any = "answer", *, calls: Sequence[Call] | None = None) -> Entry:
    made = [replace(CALL, id=uuid7())] if calls is None else calls
    return Entry(step=Step(key, "hash", output), step_key=key, calls=made, done=1)


@pytest.fixture
async def claim(workspace_id: UUID) -> Claim:
    """A claimed job."""
    return await jobs.claim(await jobs.submit(workspace_id))


@pytest.fixture
async def writer(claim: Claim) -> StepWriter:
    return StepWriter(claim, queue(), Commits())


@asynccontextmanager
async def held_row(claim: Claim) -> AsyncIterator[None]:
    """Hold the job's row, so that whatever wants to write under its claim has to wait."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("SELECT 1 FROM job WHERE id = :id FOR UPDATE"), {"id": claim.job_id})
        yield


async def until_blocked(claim: Claim) -> None:
    """Wait until a transaction waits for a lock."""
    for _ in range(100 * NEVER_S):
        if await jobs.column("SELECT pid FROM pg_locks WHERE NOT granted", claim.job_id):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits for a lock")


async def stored(claim: Claim) -> list[str]:
    """Return the keys of the stored steps, in the order of their writing."""
    return await jobs.column("SELECT step_key FROM job_step WHERE job_id = :id ORDER BY created_at", claim.job_id)


async def commits(claim: Claim) -> int:
    """Return in how many transactions the steps were written."""
    return int(
        (await jobs.column("SELECT count(DISTINCT xmin::text) FROM job_step WHERE job_id = :id", claim.job_id))[0]
    )


async def outcomes(*waiting: asyncio.Future[None]) -> list[BaseException | None]:
    async with asyncio.timeout(NEVER_S):
        return list(await asyncio.gather(*waiting, return_exceptions=True))


def adding(writer: StepWriter, *entries: Entry) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(writer.add(one)) for one in entries]


async def test_entries_of_one_tick_share_a_commit_and_its_sums(writer: StepWriter, claim: Claim) -> None:
    await jobs.change(claim.job_id, progress_total=100)
    found = await outcomes(*adding(writer, *(entry(f"s{number}") for number in range(50)), Entry(replayed=1)))
    assert found == [None] * 51
    assert (len(await stored(claim)), await commits(claim)) == (50, 1)
    job = await jobs.read(claim.job_id)
    assert (job.progress_done, job.usage_calls, job.usage_input_tokens, job.usage_output_tokens) == (50, 50, 5000, 1000)
    assert (job.usage_cost_usd, job.usage_replayed_calls) == (Decimal("12.5"), 1)
    assert await jobs.column("SELECT count(*) FROM llm_call WHERE job_id = :id", claim.job_id) == [50]


async def test_what_arrives_during_a_commit_joins_the_next_one_in_order(writer: StepWriter, claim: Claim) -> None:
    async with held_row(claim):
        first = adding(writer, entry("first"))
        await until_blocked(claim)
        later = adding(writer, *(entry(f"later{number}") for number in range(20)))
        await asyncio.sleep(0)
        assert not any(task.done() for task in (*first, *later))
        assert await stored(claim) == []
    assert await outcomes(*first, *later) == [None] * 21
    keys = await stored(claim)
    assert (keys[0], len(keys), await commits(claim)) == ("first", 21, 2)


async def test_add_returns_only_once_the_step_is_in_the_database(writer: StepWriter, claim: Claim) -> None:
    for number in range(5):
        await writer.add(entry(f"s{number}"))
        assert await stored(claim) == [f"s{place}" for place in range(number + 1)]
    assert await commits(claim) == 5


async def test_the_first_output_of_a_step_stays(writer: StepWriter, claim: Claim) -> None:
    await writer.add(entry("s", "one"))
    await writer.add(entry("s", "two"))
    async with db.scope(db.SYSTEM) as session:
        assert await committing.committed_steps(session, claim.job_id) == {("s", "hash"): "one"}


async def test_an_unknown_price_makes_the_sum_unknown(writer: StepWriter, claim: Claim) -> None:
    await writer.add(entry("s", calls=[CALL, replace(CALL, cost_usd=None)]))
    await writer.add(entry("t"))
    job = await jobs.read(claim.job_id)
    assert (job.usage_calls, job.usage_cost_usd) == (3, None)


@pytest.mark.parametrize("columns", [{"claim_epoch": 9}, {"status": "queued"}, {"status": "cancelled"}])
async def test_under_a_lost_claim_nothing_is_written_and_all_are_told(
    writer: StepWriter, claim: Claim, columns: dict[str, Any]
) -> None:
    await writer.add(entry("before"))
    await jobs.change(claim.job_id, **columns)
    found = await outcomes(*adding(writer, entry("a"), entry("b"), entry("c", "\0")))
    assert [type(error) for error in found] == [LostClaim] * 3
    assert await stored(claim) == ["before"]
    assert (await jobs.read(claim.job_id)).usage_calls == 1
    assert await jobs.column("SELECT count(*) FROM llm_call WHERE job_id = :id", claim.job_id) == [1]


async def test_of_two_runs_of_a_job_only_the_later_one_writes(writer: StepWriter, claim: Claim) -> None:
    await jobs.lapse(claim.job_id, status="queued")
    second = StepWriter(await jobs.claim(claim.job_id), queue(), Commits())
    found = await outcomes(*adding(writer, entry("s", "old")), *adding(second, entry("s", "new")))
    assert [type(error) for error in found] == [LostClaim, type(None)]
    async with db.scope(db.SYSTEM) as session:
        assert await committing.committed_steps(session, claim.job_id) == {("s", "hash"): "new"}


@pytest.mark.parametrize("bad", ["\0", "\ud800", {"a": ["\0"]}])
async def test_what_cannot_be_stored_fails_alone_and_is_billed(writer: StepWriter, claim: Claim, bad: Any) -> None:
    found = await outcomes(*adding(writer, entry("a"), entry("bad", bad), entry("b"), entry("worse", bad), entry("c")))
    assert [isinstance(error, db.STATEMENT_ERRORS) for error in found] == [False, True, False, True, False]
    assert await stored(claim) == ["a", "b", "c"]
    job = await jobs.read(claim.job_id)
    assert (job.progress_done, job.usage_calls, job.usage_cost_usd) == (3, 5, Decimal("1.25"))
    await writer.add(entry("next"))
    assert await stored(claim) == ["a", "b", "c", "next"]


async def test_a_bill_that_cannot_be_stored_fails_alone_too(writer: StepWriter, claim: Claim) -> None:
    odd = [replace(CALL, request_id="\ud800")]
    entries = [entry("a"), entry("bad", calls=odd), Entry(step_key="worse", calls=odd), entry("b")]
    found = await outcomes(*adding(writer, *entries))
    assert [isinstance(error, db.STATEMENT_ERRORS) for error in found] == [False, True, True, False]
    assert await stored(claim) == ["a", "b"]
    assert (await jobs.read(claim.job_id)).usage_calls == 2


async def test_a_claim_lost_while_entries_are_written_apart_is_told_to_the_rest(
    writer: StepWriter, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = committing.commit_steps

    async def losing(session: Any, commits: Sequence[Commit]) -> None:
        if not commits[0].steps:  # what the bad one cost is about to be written
            await jobs.change(claim.job_id, claim_epoch=9)
        await commit(session, commits)

    monkeypatch.setattr(committing, "commit_steps", losing)
    found = await outcomes(*adding(writer, entry("a"), entry("bad", "\0"), entry("b")))
    assert [type(error) for error in found] == [type(None), LostClaim, LostClaim]
    assert await stored(claim) == ["a"]


async def test_a_database_that_is_away_is_waited_for(
    writer: StepWriter, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, away = committing.commit_steps, [DatabaseUnavailable(), DatabaseUnavailable()]

    async def flaky(session: Any, commits: Sequence[Commit]) -> None:
        if away:
            raise away.pop()
        await commit(session, commits)

    monkeypatch.setattr(steps, "RETRY_WRITE_S", 0.01)
    monkeypatch.setattr(committing, "commit_steps", flaky)
    assert await outcomes(*adding(writer, entry("a"), entry("b"))) == [None, None]
    assert (sorted(await stored(claim)), (await jobs.read(claim.job_id)).usage_calls) == (["a", "b"], 2)


async def test_a_commit_whose_reply_was_lost_is_made_once(
    writer: StepWriter, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = steps._store
    lost: list[Sequence[Group]] = []

    async def lose_the_reply(groups: Sequence[Group]) -> None:
        await store(groups)
        if len(lost) < 2:
            lost.append(groups)
            raise DatabaseUnavailable

    monkeypatch.setattr(steps, "_store", lose_the_reply)
    monkeypatch.setattr(steps, "RETRY_WRITE_S", 0.01)
    lineage = {"id": uuid7(), "workspace_id": claim.workspace_id, "job_id": claim.job_id, "step_key": "s0"}
    made_from = {"model": "m", "prompt_name": "p", "prompt_version": 1, "seed": 1, "draw": 0, "input_hash": "h"}
    first = replace(entry("s0"), lineage=lineage | made_from | {"inputs": {}})
    assert await outcomes(*adding(writer, first, entry("s1"), Entry(replayed=1))) == [None] * 3
    assert await outcomes(*adding(writer, entry("s2"))) == [None]
    job = await jobs.read(claim.job_id)
    assert (len(lost), job.progress_done, job.usage_calls, job.usage_replayed_calls) == (2, 3, 3, 1)
    assert (job.usage_input_tokens, job.usage_cost_usd) == (300, Decimal("0.75"))
    for table, rows in (("llm_call", 3), ("job_step", 3), ("lineage", 1)):
        assert await jobs.column(f"SELECT count(*) FROM {table} WHERE job_id = :id", claim.job_id) == [rows]


async def test_close_waits_for_what_was_paid_for_though_nobody_else_does(writer: StepWriter, claim: Claim) -> None:
    async with held_row(claim):
        [asking] = adding(writer, entry("paid"))
        await until_blocked(claim)
        asking.cancel()
        closing = asyncio.create_task(writer.close(lambda: False))
        done, _ = await asyncio.wait([closing], timeout=0.6)  # longer than its own look-around
        assert not done
        assert isinstance((await outcomes(asking))[0], asyncio.CancelledError)
    assert await outcomes(closing) == [None]
    assert await stored(claim) == ["paid"]


async def test_close_gives_up_a_lost_claim(writer: StepWriter, claim: Claim) -> None:
    async with held_row(claim):
        waiting = adding(writer, entry("a"))
        await until_blocked(claim)
        waiting += adding(writer, entry("b"))
        async with asyncio.timeout(NEVER_S):
            await writer.close(lambda: True)
        assert [type(error) for error in await outcomes(*waiting)] == [asyncio.CancelledError] * 2
    assert set(await stored(claim)) <= {"a"}  # which was with the database already; the fence decides


async def test_close_has_nothing_to_wait_for_when_nothing_is_under_way(writer: StepWriter, claim: Claim) -> None:
    await writer.close(lambda: True)
    await writer.add(entry("a"))
    await writer.close(lambda: True)
    assert await stored(claim) == ["a"]


async def test_steps_of_a_shard_show_in_its_parents_progress(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 2)
    for shard in await jobs.children(parent.job_id):
        commits = Commits()
        await StepWriter(await jobs.claim(shard.id), queue(), commits).add(entry("s"))
        await asyncio.gather(*commits._refreshing)
    job = await jobs.read(parent.job_id)
    assert (job.status, job.progress_done) == ("waiting", 2)


async def test_a_parent_is_shown_twice_a_second_at_most(workspace_id: UUID) -> None:
    parent = await jobs.claim(await jobs.submit(workspace_id))
    await jobs.fan_out(parent, 2)
    version = (await jobs.read(parent.job_id)).version
    commits = Commits()
    for shard in await jobs.children(parent.job_id):
        await StepWriter(await jobs.claim(shard.id), queue(), commits).add(entry("s"))
    await asyncio.gather(*commits._refreshing)
    assert (await jobs.read(parent.job_id)).version == version + 1


async def held_by_writers(workspace_id: UUID, count: int) -> tuple[list[Claim], list[StepWriter]]:
    """Return claims of so many jobs with their writers, which commit together."""
    commits = Commits()
    claims = [await jobs.claim(await jobs.submit(workspace_id)) for _ in range(count)]
    return claims, [StepWriter(held, queue(), commits) for held in claims]


async def together(writers: Sequence[StepWriter], entries: Sequence[Entry]) -> list[BaseException | None]:
    """Write one entry per job at once."""
    tasks = [task for writer, one in zip(writers, entries, strict=True) for task in adding(writer, one)]
    return await outcomes(*tasks)


async def test_jobs_that_write_at_the_same_time_share_a_commit(workspace_id: UUID) -> None:
    claims, writers = await held_by_writers(workspace_id, 8)
    assert await together(writers, [entry("s", held.epoch) for held in claims]) == [None] * 8
    ids = [str(held.job_id) for held in claims]
    async with db.scope(db.SYSTEM) as session:
        query = "SELECT count(*), count(DISTINCT xmin::text) FROM job_step WHERE job_id = ANY(CAST(:ids AS uuid[]))"
        rows, transactions = (await session.execute(text(query), {"ids": ids})).one()
    assert rows == 8
    assert transactions < 8


async def test_jobs_of_several_workspaces_write_together(workspace_id: UUID) -> None:
    commits = Commits()
    claims = [await jobs.claim(await jobs.submit(owner)) for owner in (workspace_id, await new_workspace())]
    writers = [StepWriter(held, queue(), commits) for held in claims]
    assert await together(writers, [entry("s"), entry("s")]) == [None, None]
    for held in claims:
        assert await jobs.column("SELECT workspace_id FROM llm_call WHERE job_id = :id", held.job_id) == [
            held.workspace_id
        ]


async def test_a_lost_claim_and_a_bad_row_are_the_matter_of_their_own_jobs(workspace_id: UUID) -> None:
    claims, writers = await held_by_writers(workspace_id, 4)
    await jobs.change(claims[1].job_id, claim_epoch=9)
    found = await together(writers, [entry("a"), entry("b"), entry("c", "\0"), entry("d")])
    assert (found[0], found[3]) == (None, None)
    assert isinstance(found[1], LostClaim)
    assert isinstance(found[2], db.STATEMENT_ERRORS)
    assert [await stored(held) for held in claims] == [["a"], [], [], ["d"]]
    assert [(await jobs.read(held.job_id)).usage_calls for held in claims] == [1, 0, 1, 1]


class Subject(BaseModel):
    name: str


class Said(BaseModel):
    said: str


SAY = Prompt(name="say", version=1, system="Say.", input=Subject, output=Said, max_output_tokens=9)


def context(held: Claim, script: Any) -> JobContext:
    return JobContext(held, ScriptedModel({"say": script}), queue(), "m", "e", Lanes(4), Commits())


async def test_a_later_run_replays_what_was_committed_and_asks_for_the_rest(claim: Claim) -> None:
    first = context(claim, [{"said": "one"}, ModelRefused(calls=[CALL])])
    asked = await first.ask(SAY, Subject(name="a"), key="a", seed=1)
    with pytest.raises(ModelRefused):
        await first.ask(SAY, Subject(name="b"), key="b", seed=1)
    await jobs.lapse(claim.job_id, status="queued")
    second = context(await jobs.claim(claim.job_id), {"said": "two"})
    await second.load_steps()
    again = await second.ask(SAY, Subject(name="a"), key="a", seed=1)
    assert (again.output, again.lineage_id, again.replayed) == (asked.output, asked.lineage_id, True)
    rest = [await second.ask(SAY, Subject(name=name), key=key, seed=1) for name, key in (("b", "b"), ("changed", "a"))]
    assert [(one.output.said, one.replayed) for one in rest] == [("two", False)] * 2
    job = await jobs.read(claim.job_id)
    assert (job.usage_calls, job.usage_replayed_calls, job.progress_done) == (4, 1, 3)

"""The money of a run: drawn in blocks, shared with other runs, counted from the ledger, void with the claim."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import event, text

from core import clock
from core.db import direct
from core.db import session as db
from core.db.base import uuid7
from core.jobs.errors import LostClaim
from core.jobs.queue import queue
from core.jobs.records import Claim
from core.limits import service as limits
from core.limits.schemas import BudgetsRead
from core.llm.contract import Call
from core.llm.errors import BudgetExhausted, BudgetReserved, PriceUnknown
from core.llm.scripted import ScriptedModel
from tests.core.llm.examples import WORD, Question
from tests.factories import jobs
from worker import purse as purses
from worker.context import JobContext
from worker.lanes import Lanes
from worker.purse import RunPurse
from worker.steps import Commits, Entry, Group, StepWriter

ONE = Decimal(1)
CALL = Call(
    kind="chat", model="m", outcome="ok", attempt_no=1, input_tokens=100, output_tokens=20, cost_usd=ONE,
    latency_ms=1, started_at=clock.now(),
)  # fmt: skip


async def set_limits(workspace_id: UUID, daily: float | None = None, monthly: float | None = None) -> None:
    """Give a workspace budgets, past the check of prices."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("INSERT INTO workspace_limit (workspace_id, daily_usd, monthly_usd) VALUES (:id, :daily, :monthly)"),
            {"id": workspace_id, "daily": daily, "monthly": monthly},
        )


async def budgets(workspace_id: UUID) -> BudgetsRead:
    async with db.scope([workspace_id]) as session:
        return await limits.read_budgets(session, workspace_id)


async def claimed(workspace_id: UUID, **columns: Any) -> Claim:
    return await jobs.claim(await jobs.submit(workspace_id, **columns))


async def pay(claim: Claim, *costs: Decimal | None, most: Decimal | None = None) -> None:
    """Commit calls of a run."""
    calls = [replace(CALL, id=uuid7(), cost_usd=cost, most_usd=most if cost is None else None) for cost in costs]
    await StepWriter(claim, queue(), Commits()).add(Entry(step_key="s", calls=calls))


async def spend_before(claim: Claim, usd: float, since: str) -> None:
    """Write a ledger row of an earlier moment, an expression of SQL."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text(
                "INSERT INTO llm_call (id, workspace_id, job_id, kind, model, outcome, attempt_no, input_tokens,"
                " output_tokens, cost_usd, latency_ms, created_at)"
                f" VALUES (:id, :workspace_id, :job_id, 'chat', 'm', 'ok', 1, 1, 1, :usd, 1, {since})"
            ),
            {"id": uuid4(), "workspace_id": claim.workspace_id, "job_id": claim.job_id, "usd": usd},
        )


async def held(claim: Claim) -> list[Decimal]:
    return await jobs.column("SELECT held_usd FROM budget_hold WHERE job_id = :id", claim.job_id)


@contextmanager
def statements(word: str) -> Iterator[list[str]]:
    """Collect the statements sent meanwhile that have a word in them, through SQLAlchemy or on a connection."""
    found: list[str] = []

    def note(statement: str) -> None:
        if word in statement:
            found.append(statement)

    def prepared(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        note(statement)

    unwatched = db.transaction

    @asynccontextmanager
    async def watched(driver: asyncpg.Connection, workspace_ids: Any) -> AsyncIterator[None]:
        with driver.query_logger(lambda sent: note(sent.query)):
            async with unwatched(driver, workspace_ids):
                yield

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "transaction", watched)
        patch.setattr(direct, "transaction", watched)
        event.listen(db.engine().sync_engine, "before_cursor_execute", prepared)
        yield found
        event.remove(db.engine().sync_engine, "before_cursor_execute", prepared)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for money."""
    monkeypatch.setattr(purses, "LONGEST_WAIT_S", 0.2)
    monkeypatch.setattr(purses, "LOOK_AGAIN_S", (0.02, 0.04))


async def test_a_claim_says_whether_a_budget_applies(workspace_id: UUID) -> None:
    assert not (await claimed(workspace_id)).budgeted
    parent = await claimed(workspace_id, max_cost_usd=5)
    assert parent.budgeted
    await jobs.fan_out(parent, 1)
    [shard] = await jobs.children(parent.job_id)
    held_shard = await jobs.claim(shard.id)
    assert (held_shard.budgeted, held_shard.root_id) == (True, parent.job_id)
    await set_limits(workspace_id, daily=1)
    assert (await claimed(workspace_id)).budgeted


async def test_without_a_budget_no_statement_is_about_money(workspace_id: UUID) -> None:
    claim = await claimed(workspace_id)
    context = JobContext(
        claim, ScriptedModel({"word": {"word": "yes", "count": 1}}), queue(), "m", "e", Lanes(3), Commits()
    )
    with statements("budget") as found, statements("workspace_limit") as limited, statements("llm_call") as written:
        await asyncio.gather(*(context.ask(WORD, Question(text=str(n)), key=str(n), seed=n) for n in range(5)))
    assert (found, limited, len(written) > 0) == ([], [], True)


async def test_while_a_budget_is_wide_many_calls_share_a_draw(workspace_id: UUID) -> None:
    purse = RunPurse(await claimed(workspace_id, max_cost_usd=10_000))
    with statements("pg_advisory_xact_lock") as draws:
        for _ in range(60):
            await purse.take(ONE, "m")
            purse.give_back(Decimal(0))
    assert len(draws) == 1
    assert await held(purse.claim) == [64]


async def test_a_job_and_its_shards_share_the_jobs_budget_to_the_last_call(workspace_id: UUID) -> None:
    parent = await claimed(workspace_id, max_cost_usd=10)
    await jobs.fan_out(parent, 2)
    runs = [RunPurse(await jobs.claim(shard.id)) for shard in await jobs.children(parent.job_id)]
    for run in runs * 5:
        await run.take(ONE, "m")
        await pay(run.claim, ONE)
    for run in runs:
        with pytest.raises(BudgetExhausted, match=r"max_cost_usd.* 10 of 10 USD") as refused:
            await run.take(ONE, "m")
        assert refused.value.budget == {"which": "job", "limit_usd": 10, "spent_usd": 10, "next_call_usd": 1}
    assert not [usd for run in runs for usd in await held(run.claim) if usd]


async def test_what_a_call_did_not_cost_comes_back_with_its_reply(workspace_id: UUID) -> None:
    purse = RunPurse(await claimed(workspace_id, max_cost_usd=2))
    dime = Decimal("0.1")
    for _ in range(11):
        await purse.take(ONE, "m")
        purse.give_back(ONE - dime)
        await pay(purse.claim, dime)
    with pytest.raises(BudgetExhausted):
        await purse.take(ONE, "m")
    assert (await budgets(workspace_id)).today.spent_usd == dime * 11


async def test_a_run_waits_for_what_its_own_calls_give_back(workspace_id: UUID) -> None:
    purse = RunPurse(await claimed(workspace_id, max_cost_usd=1))
    await purse.take(ONE, "m")
    second = asyncio.create_task(purse.take(Decimal("0.5"), "m"))
    await asyncio.sleep(0.05)
    assert not second.done()
    await pay(purse.claim, Decimal("0.25"))
    purse.give_back(Decimal("0.75"))
    await asyncio.wait_for(second, 5)


@pytest.mark.usefixtures("impatient")
async def test_runs_that_draw_at_the_same_time_see_each_other(workspace_id: UUID) -> None:
    await set_limits(workspace_id, daily=5)
    runs = [RunPurse(await claimed(workspace_id)) for _ in range(8)]
    ends = await asyncio.gather(*(run.take(ONE, "m") for run in runs), return_exceptions=True)
    assert ends.count(None) == 5
    assert {type(end) for end in ends if end is not None} == {BudgetReserved}
    assert (await budgets(workspace_id)).today.reserved_usd == 5


@pytest.mark.usefixtures("impatient")
async def test_what_others_hold_too_long_is_waited_for_elsewhere(workspace_id: UUID) -> None:
    await set_limits(workspace_id, daily=3)
    first, second = RunPurse(await claimed(workspace_id)), RunPurse(await claimed(workspace_id))
    await first.take(Decimal(2), "m")
    for _ in range(2):  # once refused, at once refused
        with pytest.raises(BudgetReserved) as waited:
            await second.take(Decimal(2), "m")
        assert waited.value.retry_after_s
    with pytest.raises(BudgetExhausted) as refused:
        await RunPurse(second.claim).take(Decimal(4), "m")
    assert (refused.value.budget or {})["which"] == "day"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("end", ["rescued", "finished", "fanned out"])
async def test_what_a_run_held_is_free_when_it_has_its_job_no_more(workspace_id: UUID, end: str) -> None:
    await set_limits(workspace_id, monthly=1)
    gone = await claimed(workspace_id)
    await RunPurse(gone).take(ONE, "m")
    assert (await budgets(workspace_id)).month.reserved_usd == 1
    other = RunPurse(await claimed(workspace_id))
    with pytest.raises(BudgetReserved):
        await other.take(ONE, "m")
    if end == "rescued":
        await jobs.change(gone.job_id, status="queued")
        again = RunPurse(await jobs.claim(gone.job_id))
        await again.take(ONE, "m")
        assert await held(gone) == [1]
        with pytest.raises(LostClaim):
            await RunPurse(gone).take(ONE, "m")
        return
    await (jobs.finish(gone) if end == "finished" else jobs.fan_out(gone, 1))
    assert (await budgets(workspace_id)).month.reserved_usd == 0
    await RunPurse(other.claim).take(ONE, "m")
    assert await held(gone) == []  # swept


async def test_a_day_and_a_month_are_counted_from_the_ledger_whoever_spent(workspace_id: UUID) -> None:
    claim = await claimed(workspace_id)  # has no budget yet
    await pay(claim, Decimal("0.5"), None, most=Decimal("0.25"))
    midnight = "date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
    month = "date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
    await spend_before(claim, 16, f"{month} - interval '1 second'")
    await spend_before(claim, 4, f"greatest({month}, {midnight} - interval '26 hours')")
    now = await budgets(workspace_id)
    first_of_month = clock.now().day == 1
    assert now.month.spent_usd == Decimal("4.75")
    assert now.today.spent_usd == (Decimal("4.75") if first_of_month else Decimal("0.75"))
    assert (now.today.unknown_calls, now.month.unknown_calls) == (1, 1)
    await set_limits(workspace_id, monthly=6)
    for _ in range(2):  # the second time from what is kept of days that are over
        purse = RunPurse(await claimed(workspace_id))
        with pytest.raises(BudgetExhausted) as refused:
            await purse.take(Decimal("1.5"), "m")
        assert dict(refused.value.budget or {}).items() >= {"which": "month", "spent_usd": 4.75}.items()
    kept = await jobs.column("SELECT coalesce(sum(spent_usd), 0) FROM spent_day WHERE workspace_id = :id", workspace_id)
    assert kept == [0 if clock.now().day <= 2 else 4]
    await RunPurse(await claimed(workspace_id)).take(ONE, "m")


async def test_a_commit_that_is_sent_twice_is_settled_once(workspace_id: UUID) -> None:
    purse = RunPurse(await claimed(workspace_id, max_cost_usd=64))
    await purse.take(ONE, "m")
    group = Group(replace(purse.claim), [Entry(step_key="s", calls=[replace(CALL, id=uuid7())])])
    for _ in range(2):
        await Commits().write(group)
    assert await held(purse.claim) == [3]
    assert (await budgets(workspace_id)).today.spent_usd == 1


async def test_what_costs_nothing_needs_no_budget_and_what_has_no_price_no_call(workspace_id: UUID) -> None:
    purse = RunPurse(await claimed(workspace_id, max_cost_usd=0))
    await purse.take(Decimal(0), "m")
    with pytest.raises(BudgetExhausted):
        await purse.take(Decimal("0.0000000001"), "m")
    with pytest.raises(PriceUnknown, match="no price of the-model"):
        await purse.take(None, "the-model")


async def test_a_budget_that_was_lifted_meanwhile_bounds_nothing(workspace_id: UUID) -> None:
    claim = await claimed(workspace_id, max_cost_usd=1)
    await jobs.change(claim.job_id, max_cost_usd=None)
    purse = RunPurse(claim)
    for _ in range(3):
        await purse.take(ONE, "m")

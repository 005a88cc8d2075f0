"""Workers as a test drives them: each act is one that the product makes, in its own transactions.

An act checks what its function answered; what it left behind is the invariants' matter. A hold outlives the claim it
stands for, as in a worker that was frozen: what it writes later must count for nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.db.base import uuid7
from core.jobs import committing, dispatching, engine, fanning
from core.jobs.engine import SUSPECT_AFTER
from core.jobs.errors import LostClaim
from core.jobs.records import Claim, Commit, Fan, Shard, Step, Usage
from core.settings import get_settings
from tests.factories import jobs
from tests.factories.jobs import LEASE_S, PROBE, ProbeArgs
from tests.fuzz.job_ground import Ground, Picture
from worker.heartbeat import Heartbeat, Verdict

Write = Callable[[AsyncSession], Awaitable[Any]]
STEPS: Final = 3
SHARD_STEPS: Final = 2
ERROR: Final = {"type": "urn:test", "title": "Test", "detail": "It went wrong.", "code": "test"}


@dataclass(slots=True)
class Worker:
    """A worker process: its id and its heartbeat, which is beaten by hand."""

    id: UUID = field(default_factory=uuid7)
    heart: Heartbeat = field(init=False)

    def __post_init__(self) -> None:
        self.heart = Heartbeat(get_settings(), self.id)


@dataclass(slots=True)
class Hold:
    """A claim as its worker remembers it, and what the heartbeat said of it."""

    claim: Claim
    worker: Worker
    verdict: Verdict | None = None


class World:
    """One workspace with its jobs, three workers, and what was seen to be committed."""

    def __init__(self, ground: Ground, workspace_id: UUID) -> None:
        self.ground = ground
        self.workspace_id = workspace_id
        self.workers = [Worker() for _ in range(3)]
        self.holds: list[Hold] = []
        self.now = Picture()
        self.spent: dict[UUID, Usage] = {}
        self.steps: dict[UUID, set[str]] = {}
        self.retried: Counter[UUID] = Counter()
        self.parents: set[UUID] = set()
        self.racing = False
        self.keys: dict[str, UUID] = {}

    async def look(self) -> None:
        """Read what is stored now."""
        self.now = await self.ground.look(self.workspace_id)

    def row(self, hold: Hold) -> Any:
        """Return the job a hold stands for, as it was seen last."""
        return self.now.jobs[hold.claim.job_id]

    def good(self, hold: Hold) -> bool:
        """Tell whether a hold is the job's present claim."""
        row = self.row(hold)
        return bool(row["status"] == "running" and row["claim_epoch"] == hold.claim.epoch)

    async def write(self, hold: Hold, change: Write) -> bool:
        """Write under a claim, in the workspace's scope."""

        async def do() -> None:
            async with db.scope([self.workspace_id]) as session:
                await change(session)

        return await self._counts(hold, do)

    async def _counts(self, hold: Hold, do: Callable[[], Awaitable[Any]]) -> bool:
        """Do what writes under a claim: all of it counts if the claim is good, nothing if it is not."""
        good = self.good(hold)
        before = None if good or self.racing else await self.ground.digest(self.workspace_id)
        try:
            await do()
        except LostClaim:
            assert self.racing or not good, "a good claim was refused"
            assert before is None or before == await self.ground.digest(self.workspace_id), "a lost claim wrote"
            return False
        assert good, "a lost claim was good enough to write"
        return True

    async def deliver(self, job_id: UUID, worker: Worker, *, alone: bool) -> None:
        """Deliver a message: the worker claims the job if it is there to take."""
        row = self.now.jobs[job_id]
        async with db.scope(db.SYSTEM) as session:
            claim = await engine.claim(session, job_id, worker.id, LEASE_S, alone=alone)
        ready = row["status"] in ("queued", "dispatched") or (row["status"] == "retry_wait" and row["due"])
        there = ready and row["cancel_requested_at"] is None and (alone or row["rescues"] < SUSPECT_AFTER)
        assert self.racing or (claim is not None) == there, f"{row['status']} job, claimed: {claim is not None}"
        if claim is None:
            return
        hold = Hold(claim, worker)

        def stop(verdict: Verdict) -> None:
            hold.verdict = verdict

        worker.heart.hold(job_id, claim.epoch, stop)
        self.holds.append(hold)

    async def beat(self, worker: Worker) -> None:
        """Let a worker's heart beat: it learns which of its jobs it lost and which it is to cancel."""
        held = [(one.job_id, one.epoch) for one in worker.heart._holds.values()]
        worker.heart._connection = self.ground.beating
        await worker.heart._beat(time.monotonic())
        for hold in self.holds:
            row = self.row(hold)
            if self.racing or hold.worker is not worker or (row["id"], hold.claim.epoch) not in held:
                continue
            kept = self.good(hold) and not row["overdue"]
            due = "lost" if not kept else "cancelled" if row["cancel_requested_at"] else None
            assert hold.verdict == due, f"the heartbeat said {hold.verdict} where {due} was due"

    async def commit(self, holds: list[Hold], count: int, calls: int, extra: int) -> None:
        """Commit the next steps of several jobs together; one lost claim among them voids all of it."""
        commits = [self._commit(hold, count, calls, extra) for hold in holds]
        worst = next((hold for hold in holds if not self.good(hold)), holds[0])
        if await self.write(worst, lambda session: committing.commit_steps(session, commits)):
            for commit in commits:
                job_id = commit.claim.job_id
                self.spent[job_id] = _sum(self.spent.get(job_id, Usage()), commit.usage)
                self.steps.setdefault(job_id, set()).update(step.key for step in commit.steps)

    def _commit(self, hold: Hold, count: int, calls: int, extra: int) -> Commit:
        job_id = hold.claim.job_id
        total = SHARD_STEPS if hold.claim.parent_id else STEPS
        keys = sorted({f"step {n}" for n in range(total)} - self.steps.get(job_id, set()))[:count]
        steps = [Step(key, "hash", {"value": hold.claim.epoch}) for key in keys]
        usage = Usage(calls, 3 * calls, 2 * calls, None if calls > 2 else Usage().cost_usd, count - len(keys))
        done = 0 if job_id in self.parents else len(keys) + extra
        return Commit(hold.claim, steps, usage, done, tell=bool(calls))

    async def declare(self, hold: Hold) -> None:
        """Say how many steps the job has."""
        if hold.claim.parent_id is None and hold.claim.job_id not in self.parents:
            await self.write(hold, lambda session: engine.set_progress(session, hold.claim, total=STEPS, message="t"))

    async def succeed(self, hold: Hold, shards: int, in_flight: int) -> None:
        """End a body well: a parent's first run by fanning out, any other by finishing."""
        claim = hold.claim
        if claim.job_id in self.parents and not claim.children_total:
            total = shards * SHARD_STEPS
            fan = Fan([(PROBE, Shard(number, ProbeArgs(), SHARD_STEPS)) for number in range(shards)], in_flight)
            if await self.write(hold, lambda session: engine.set_progress(session, claim, total=total, message="f")):
                await self.write(hold, lambda session: fanning.fan_out(session, claim, fan))
                hold.worker.heart.release(claim.job_id, claim.epoch)
        else:
            await self.finish(hold, "succeeded")

    async def finish(self, hold: Hold, status: str) -> None:
        """End a run for good."""
        claim, error = hold.claim, ERROR if status == "failed" else None
        await self._counts(hold, lambda: jobs.finish(claim, status, error=error, counts_attempt=status != "cancelled"))
        hold.worker.heart.release(claim.job_id, claim.epoch)

    async def defer(self, hold: Hold, outcome: str) -> None:
        """End a run for now: given back at once, snoozed, or after an error; the last attempt fails."""
        if outcome == "retried" and hold.claim.attempt + 1 >= hold.claim.max_attempts:
            await self.finish(hold, "failed")
            return
        delay_s = 0.0 if outcome == "released" else 60.0

        async def change(session: AsyncSession) -> None:
            used = int(outcome == "retried")
            await engine.defer(session, hold.claim, outcome=outcome, delay_s=delay_s, attempts=used)
            if hold.claim.parent_id and delay_s:
                await fanning.tell_wait(session, hold.claim.parent_id)

        await self.write(hold, change)
        hold.worker.heart.release(hold.claim.job_id, hold.claim.epoch)

    async def crash(self, worker: Worker) -> None:
        """Lose a worker and all it knew; another one takes its place."""
        self.holds = [hold for hold in self.holds if hold.worker is not worker]
        self.workers[self.workers.index(worker)] = Worker()

    async def die_alone(self, hold: Hold) -> None:
        """Let a suspect's own process die, and be seen to."""
        row = self.row(hold)
        self.holds.remove(hold)
        async with db.scope(db.SYSTEM) as session:
            ended = await dispatching.end_poison(session, hold.claim.job_id, hold.worker.id)
        fruitless = row["steps_at_rescue"] == row["steps"] and row["cancel_requested_at"] is None
        mine = row["status"] == "running" and row["worker_id"] == hold.worker.id
        assert self.racing or (ended is not None) == (mine and fruitless), f"poison: {ended}"


def _sum(one: Usage, other: Usage) -> Usage:
    known = one.cost_usd is not None and other.cost_usd is not None
    return Usage(
        one.calls + other.calls,
        one.input_tokens + other.input_tokens,
        one.output_tokens + other.output_tokens,
        (one.cost_usd or 0) + (other.cost_usd or 0) if known else None,  # type: ignore[arg-type]
        one.replayed_calls + other.replayed_calls,
    )

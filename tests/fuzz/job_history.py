"""A history of jobs that Hypothesis makes up: rules are what may happen next, invariants what must hold ever after.

What a rule draws never depends on what came before, so that a history with a race in it can be generated again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.db import session as db
from core.jobs import service
from core.jobs.engine import SUSPECT_AFTER
from core.jobs.models import DONE, OPEN
from tests.fixtures.jobs import new_workspace
from tests.fuzz import job_acts as acts
from tests.fuzz import job_invariants as check
from tests.fuzz.job_ground import Ground
from tests.fuzz.job_world import Hold, World

ROUNDS_TO_DRAIN: Final = 40
which = st.integers(0, 11)
LATE: Final = ("commit", "succeed", "failed", "released", "retried", "cancelled")
Act = Callable[[], Awaitable[None]]


class JobHistory(RuleBasedStateMachine):
    """Jobs of one workspace."""

    runner: ClassVar[asyncio.Runner]
    ground: ClassVar[Ground]
    seen: ClassVar[Counter[tuple[str, str]]]
    world: World

    @initialize()
    def found(self) -> None:
        """Start with a job that runs and a parent, one of whose three shards runs."""
        self.sound = False
        self.world = World(self.ground, self.runner.run(new_workspace()))
        for parent in (True, False):
            self.do(acts.submit(self.world, None, parent=parent, max_attempts=2))
        self.take_on()
        self.do(self.world.succeed(self.world.holds[0], 3, 2))
        self.take_on()

    def take_on(self) -> None:
        """Let the first worker claim the first job of each sort that is there to take."""
        ready = [row for row in self.world.now.jobs.values() if row["status"] in OPEN]
        for row in {row["parent_id"]: row for row in reversed(ready)}.values():
            self.do(self.world.deliver(row["id"], self.world.workers[0], alone=False))

    def do(self, *happening: Awaitable[None]) -> None:
        """Do something, or several things at the same time; look at what came of it."""
        self.sound = False

        async def do() -> None:
            self.world.racing = len(happening) > 1
            ended = await asyncio.gather(*happening, return_exceptions=True)
            self.world.racing = False
            for error in ended:
                if error is not None:
                    raise error
            await self.world.look()

        self.runner.run(do())

    def job(self, number: int, *statuses: str) -> Any:
        """Return one of the jobs, of those in a certain status if there are any."""
        rows = list(self.world.now.jobs.values())
        fitting = [row for row in rows if row["status"] in statuses] or rows
        return fitting[number % len(fitting)]

    def hold(self, number: int, *, late: bool = False) -> Hold | None:
        """Return one of the good claims, or of those that were lost."""
        fitting = [hold for hold in self.world.holds if self.world.good(hold) != late]
        return fitting[number % len(fitting)] if fitting else None

    @rule(key=st.sampled_from([None, None, "a", "b"]), parent=st.booleans(), max_attempts=st.integers(1, 3))
    def submit(self, key: str | None, parent: bool, max_attempts: int) -> None:
        self.do(acts.submit(self.world, key, parent=parent, max_attempts=max_attempts))

    @rule(number=which, worker=which, wanted=st.sampled_from(["open", "open", "open", "any"]))
    def deliver(self, number: int, worker: int, wanted: str) -> None:
        row = self.job(number, *(OPEN if wanted == "open" else ()))
        alone = row["rescues"] >= SUSPECT_AFTER and worker % 4 > 0
        self.do(self.world.deliver(row["id"], self.world.workers[worker % 3], alone=alone))

    @rule(number=which)
    def deliver_three_times_at_once(self, number: int) -> None:
        row = self.job(number, *OPEN)
        self.do(*(self.world.deliver(row["id"], worker, alone=False) for worker in self.world.workers))

    @rule(number=which, count=st.integers(1, 2), calls=st.sampled_from([0, 1, 2, 1, 3]), extra=st.integers(0, 1))
    def commit(self, number: int, count: int, calls: int, extra: int) -> None:
        if hold := self.hold(number):
            self.do(self.world.commit([hold], count, calls, extra))

    @rule(numbers=st.lists(which, min_size=2, max_size=3), one_late=st.sampled_from([False, False, True]))
    def commit_together(self, numbers: list[int], one_late: bool) -> None:
        found = [self.hold(number, late=one_late and not at) for at, number in enumerate(numbers)]
        holds = {hold.claim.job_id: hold for hold in found if hold}
        if holds:
            self.do(self.world.commit(list(holds.values()), 1, 1, 0))

    @rule(number=which)
    def declare(self, number: int) -> None:
        if hold := self.hold(number):
            self.do(self.world.declare(hold))

    @rule(number=which, shards=st.integers(1, 4), in_flight=st.integers(1, 3))
    def succeed(self, number: int, shards: int, in_flight: int) -> None:
        if hold := self.hold(number):
            self.do(self.world.succeed(hold, shards, in_flight))

    @rule(number=which, end=st.sampled_from(["succeed", "failed"]))
    def run_through(self, number: int, end: str) -> None:
        row = self.job(number, *OPEN)
        self.do(self.world.deliver(row["id"], self.world.workers[0], alone=row["rescues"] >= SUSPECT_AFTER))
        holds = [hold for hold in self.world.holds if hold.claim.job_id == row["id"] and self.world.good(hold)]
        if holds:
            self.do(self.end(holds[0], end))

    @rule(number=which, end=st.sampled_from(["failed", "released", "snoozed", "retried"]))
    def end_badly(self, number: int, end: str) -> None:
        if hold := self.hold(number):
            self.do(self.world.finish(hold, end) if end == "failed" else self.world.defer(hold, end))

    @rule(number=which)
    def obey_cancel(self, number: int) -> None:
        told = [hold for hold in self.world.holds if hold.verdict == "cancelled"]
        if told:
            self.do(self.world.finish(told[number % len(told)], "cancelled"))

    @rule(number=which, end=st.sampled_from(LATE))
    def write_late(self, number: int, end: str) -> None:
        if hold := self.hold(number, late=True):
            self.do(self.end(hold, end))

    @rule(number=which)
    def wake_after_another_took_over(self, number: int) -> None:
        if hold := self.hold(number):
            self.do(self.ground.let_lapse(hold.claim.job_id, overdue=False))
            self.do(acts.rescue(self.world))
            alone = self.world.row(hold)["rescues"] >= SUSPECT_AFTER
            self.do(self.world.deliver(hold.claim.job_id, self.world.workers[number % 3], alone=alone))
            for end in LATE:
                self.do(self.end(hold, end))

    def end(self, hold: Hold, end: str) -> Awaitable[None]:
        """Return what a worker does with a hold."""
        if end == "commit":
            return self.world.commit([hold], 1, 1, 0)
        if end == "succeed":
            return self.world.succeed(hold, 2, 1)
        if end in DONE:
            return self.world.finish(hold, end)
        return self.world.defer(hold, end)

    @rule(worker=which)
    def beat(self, worker: int) -> None:
        self.do(self.world.beat(self.world.workers[worker % 3]))

    @rule(worker=which)
    def crash(self, worker: int) -> None:
        self.do(self.world.crash(self.world.workers[worker % 3]))

    @rule(number=which)
    def die_alone(self, number: int) -> None:
        if hold := self.hold(number):
            self.do(self.world.die_alone(hold))

    @rule(number=which, overdue=st.sampled_from([False, False, True]), seen=st.booleans())
    def lapse(self, number: int, overdue: bool, seen: bool) -> None:
        self.do(self.ground.let_lapse(self.job(number, "running")["id"], overdue=overdue))
        if seen:
            self.do(acts.rescue(self.world))

    @rule(seconds=st.sampled_from([5.0, 70.0]))
    def pass_time(self, seconds: float) -> None:
        self.do(self.ground.pass_time(self.world.workspace_id, seconds))

    @rule(number=which, through=st.booleans())
    def cancel(self, number: int, through: bool) -> None:
        self.do(acts.cancel(self.world, self.job(number)["id"], through=through))

    @rule(number=which)
    def retry(self, number: int) -> None:
        self.do(acts.retry(self.world, self.job(number, "failed", "cancelled")["id"]))

    @rule(part=st.sampled_from(["rescue", "settle", "find_lost", "dispatch"]), room=st.integers(1, 5))
    def sweep(self, part: str, room: int) -> None:
        self.do(self.part(part, room))

    def part(self, part: str, room: int) -> Awaitable[None]:
        """Return one part of the dispatcher's round."""
        parts: dict[str, Act] = {
            "rescue": partial(acts.rescue, self.world),
            "settle": partial(acts.settle, self.world),
            "find_lost": partial(acts.find_lost, self.world, again=room > 2),
            "dispatch": partial(acts.dispatch, self.world, room),
        }
        return parts[part]()

    @rule(
        number=which,
        ends=st.lists(st.sampled_from(["commit", "succeed", "failed", "released", "retried"]), min_size=2, max_size=3),
        others=st.lists(
            st.sampled_from(["cancel", "retry", "deliver", "beat", "rescue", "settle", "dispatch"]),
            max_size=2,
            unique=True,
        ),
    )
    def race(self, number: int, ends: Sequence[str], others: Sequence[str]) -> None:
        """Do several things at once: runs of different jobs end, callers ask, the dispatcher sweeps."""
        holds = list({hold.claim.job_id: hold for at in range(len(ends)) if (hold := self.hold(number + at))}.values())
        happening = [self.end(hold, end) for hold, end in zip(holds, ends, strict=False)]
        row = self.job(number, "running", "waiting")
        asked: dict[str, Act] = {
            "cancel": partial(acts.cancel, self.world, row["parent_id"] or row["id"], through=True),
            "retry": partial(acts.retry, self.world, self.job(number, "failed", "cancelled")["id"]),
            "deliver": partial(self.world.deliver, self.job(number, *OPEN)["id"], self.world.workers[0], alone=False),
            "beat": partial(self.world.beat, self.world.workers[number % 3]),
        }
        happening += [asked[other]() if other in asked else self.part(other, 5) for other in others]
        if happening:
            self.do(*happening)

    @invariant()
    def holds_true(self) -> None:
        if not hasattr(self, "world"):
            return
        now = self.world.now
        check.check_changes(now)
        check.check_claims(now)
        check.check_stuck(now)
        check.check_told(now)
        check.check_parents(now)
        check.check_amounts(now, self.world.spent, self.world.steps)
        check.check_retries(now, self.world.retried)
        self.sound = True

    def teardown(self) -> None:
        """Let diligent workers run all that is left to its end; nothing may remain."""
        if not hasattr(self, "world"):
            return
        if self.sound:
            self.drain()
            self.runner.run(self.sums_up())
            self.seen.update(move for job_id in self.world.now.jobs for move in check.moves(self.world.now, job_id))
        self.runner.run(self.ground.clear(self.world.workspace_id))

    def drain(self) -> None:
        for worker in self.world.workers:
            self.runner.run(self.world.crash(worker))
        for _ in range(ROUNDS_TO_DRAIN):
            if all(row["status"] in DONE for row in self.world.now.jobs.values()):
                return
            self.runner.run(self.work_off())
            self.holds_true()
        left = [(row["status"], row["shard_no"], row["cancel_requested_at"]) for row in self.world.now.jobs.values()]
        raise AssertionError(f"not done after {ROUNDS_TO_DRAIN} rounds: {left}")

    async def work_off(self) -> None:
        """Sweep once and run what was sent."""
        self.world.racing = True  # the parts of a sweep go by what they find
        await self.ground.pass_time(self.world.workspace_id, 70)
        for part in ("rescue", "settle", "find_lost", "dispatch"):
            await self.part(part, 5)
        self.world.racing = False
        await self.world.look()
        for row in [row for row in self.world.now.jobs.values() if row["status"] == "dispatched"]:
            alone = row["rescues"] >= SUSPECT_AFTER
            await self.world.deliver(row["id"], self.world.workers[0], alone=alone)
        await self.world.look()
        for hold in [hold for hold in self.world.holds if self.world.good(hold)]:
            await self.world.succeed(hold, 2, 1)
        await self.world.look()

    async def sums_up(self) -> None:
        """Check that what callers are shown of a parent includes what its shards cost."""
        for row in self.world.now.jobs.values():
            async with db.scope([self.world.workspace_id]) as session:
                shown = await service.read(session, await service.get(session, row["id"]))
            calls = [one["usage_calls"] for one in (row, *self.world.now.children(row["id"]))]
            assert shown.usage.calls == sum(calls), f"shown {shown.usage.calls}, spent {calls}"

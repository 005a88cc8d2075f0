"""A storm over the whole product: what a plan says goes wrong while clients keep it busy; then calm."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import asyncpg

from core.jobs.queue import arq_redis
from core.redis.connection import REDIS_ERRORS
from tests.chaos.load import Load
from tests.chaos.plan import Disturbance, Plan
from tests.fixtures.system import System, WorkerHandle, new_study

CALM_WITHIN_S: Final = 120.0
# A traceback in a log: the line above it, its frames, and the line that names the error.
TRACEBACK: Final = re.compile(r"(.*)\nTraceback \(most recent call last\):\n(?:[ \t|+].*\n)*(.*)")


@dataclass(frozen=True, slots=True)
class Strike:
    """A disturbance as it came: from when to when, and the worker process it hit."""

    planned: Disturbance
    began_at: datetime
    ended_at: datetime
    pid: int | None


@dataclass(slots=True)
class Storm:
    """One run of a plan; afterwards, what it left behind is there to be judged."""

    system: System
    plan: Plan
    load: Load
    strikes: list[Strike] = field(default_factory=list)
    logs: list[str] = field(default_factory=list)
    calm_after_s: float = 0.0
    left: int = 0
    _busy: dict[str, asyncio.Lock] = field(default_factory=dict)

    @classmethod
    async def prepare(cls, system: System, plan: Plan) -> Storm:
        """Make a study and start the workers, each with its own idea of the time."""
        storm = cls(system, plan, Load(await new_study(system), random.Random(plan.seed)))
        system.workers = [storm._worker(number) for number in range(len(plan.clocks_s))]
        for _ in range(600):
            if len(await system.rows("SELECT FROM worker")) == len(plan.clocks_s):
                return storm
            await asyncio.sleep(0.1)
        raise AssertionError("the workers did not start")

    async def run(self) -> None:
        """Let it rage, then wait until nothing is left to do."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.load.run(self.plan.duration_s))
            for one in self.plan.disturbances:
                group.create_task(self._strike(one))
        await self._calm()

    async def _strike(self, one: Disturbance) -> None:
        await asyncio.sleep(one.at_s)
        part = one.kind.split()[0] + (str(one.worker) if one.kind.startswith("worker") else "")
        async with self._busy.setdefault(part, asyncio.Lock()):
            pid = self.system.workers[one.worker].process.pid if part.startswith("worker") else None
            began_at = datetime.now(UTC)
            await self._strikes()[one.kind](one)
            self.strikes.append(Strike(one, began_at, datetime.now(UTC), pid))

    def _strikes(self) -> dict[str, Callable[[Disturbance], Awaitable[None]]]:
        valkey, postgres = self.system.valkey, self.system.postgres
        return {
            "worker killed": self._kill_worker,
            "worker frozen": lambda one: freeze([self.system.workers[one.worker].process.pid], one.for_s),
            "worker ended": self._end_worker,
            "web killed": self._kill_web,
            "web frozen": lambda one: freeze([self.system.web.process.pid], one.for_s),
            "valkey killed": lambda one: away(valkey.kill, valkey.start, one.for_s),
            "valkey frozen": lambda one: freeze([valkey.pid], one.for_s),
            "valkey flushed": self._flush,
            "valkey cut": lambda _: self._cut("valkey"),
            "valkey held up": lambda one: self._hold_up("valkey", one.for_s),
            "postgres restarted": lambda one: away(postgres.stop, postgres.start, one.for_s),
            "postgres killed": lambda one: away(postgres.kill, postgres.start, one.for_s),
            "postgres lost a process": self._kill_backend,
            "postgres frozen": self._freeze_postgres,
            "postgres cut": lambda _: self._cut("postgres"),
            "postgres held up": lambda one: self._hold_up("postgres", one.for_s),
        }

    def _worker(self, number: int) -> WorkerHandle:
        environment = self.system.environment | {"CHAOS_SKEW_S": str(self.plan.clocks_s[number])}
        return WorkerHandle.start(environment, "tests.chaos.skewed_worker")

    async def _kill_worker(self, one: Disturbance) -> None:
        await asyncio.to_thread(self.system.workers[one.worker].kill)
        await asyncio.sleep(one.for_s)
        self._replace(one.worker)

    async def _end_worker(self, one: Disturbance) -> None:
        handle = self.system.workers[one.worker]
        handle.send(signal.SIGTERM)
        await asyncio.to_thread(handle.process.wait, 20)
        self._replace(one.worker)

    def _replace(self, number: int) -> None:
        self._read_log(self.system.workers[number])
        self.system.workers[number] = self._worker(number)

    async def _kill_web(self, one: Disturbance) -> None:
        await asyncio.to_thread(self.system.web.kill)
        await asyncio.sleep(one.for_s)
        self._read_log(self.system.web)
        self.system.web = WorkerHandle.start(self.system.environment, "api")

    def _read_log(self, handle: WorkerHandle) -> None:
        self.logs.append(handle.log.read_text(errors="replace"))
        handle.log.unlink()

    async def _flush(self, _: Disturbance) -> None:
        redis = arq_redis(self.system.valkey.url)
        with suppress(*REDIS_ERRORS):
            await redis.flushall()
        await redis.aclose(close_connection_pool=True)

    async def _cut(self, server: str) -> None:
        self.system.wires[server].cut()

    async def _hold_up(self, server: str, seconds: float) -> None:
        self.system.wires[server].hold_up()
        await asyncio.sleep(seconds)
        self.system.wires[server].let_go()

    async def _backends(self) -> list[int]:
        """Return Postgres' processes; none while it is down."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            rows = await self.system.rows(
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL ORDER BY pid"
            )
            return [row["pid"] for row in rows]
        return []

    async def _kill_backend(self, one: Disturbance) -> None:
        if found := await self._backends():
            with suppress(ProcessLookupError):
                os.kill(found[one.worker % len(found)], signal.SIGKILL)

    async def _freeze_postgres(self, one: Disturbance) -> None:
        await freeze([self.system.postgres.pid, *await self._backends()], one.for_s)

    async def _calm(self) -> None:
        """Wait until every job is done and every line is empty; `left` counts what is not by then."""
        began = time.monotonic()
        while time.monotonic() - began < CALM_WITHIN_S:
            [row] = await self.system.rows("SELECT count(*) FROM job WHERE finished_at IS NULL")
            self.left = row["count"]
            if not self.left:
                break
            await asyncio.sleep(0.1)
        self.calm_after_s = time.monotonic() - began
        for handle in (*self.system.workers, self.system.web):
            self.logs.append(handle.log.read_text(errors="replace"))

    def trouble(self) -> list[str]:
        """Return what the processes logged of errors nobody caught."""
        return [f"{error[:200]} ({above[:120]})" for log in self.logs for above, error in TRACEBACK.findall(log)]


async def freeze(pids: Sequence[int | None], seconds: float) -> None:
    """Stop processes for a while, in the middle of whatever they do."""
    known = [pid for pid in pids if pid is not None]
    for sign, wait_s in ((signal.SIGSTOP, seconds), (signal.SIGCONT, 0.0)):
        for pid in known:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        await asyncio.sleep(wait_s)


async def away(end: Callable[[], object], start: Callable[[], object], seconds: float) -> None:
    """Take a server away for a while."""
    await asyncio.to_thread(end)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(start)

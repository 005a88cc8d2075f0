"""The limit on all requests of a caller: counted in this process without waiting, evened out over Redis.

Asking Redis on every request would cost more than many a request. A process counts by itself and tells Redis four
times a second what it let in; what the others let in comes back. So processes together may let in more than the limit
for a quarter of a second, and no request waits. While Redis is away each process counts for itself: more comes in,
nobody is refused because of it.
"""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from redis.asyncio import Redis

from core import tasks
from core.rates.buckets import ADD, MOST_LOCAL, key_of, whole_seconds
from core.rates.policies import Policy, Standing, policies
from core.redis.connection import REDIS_ERRORS, connection_pool
from core.settings import Settings, require

log = structlog.get_logger(__name__)
EVERY_S: Final = 0.25
AT_ONCE: Final = 500
PAUSE_AFTER_FAILURE_S: Final = 1.0
_HAIR_S: Final = 1e-6


@dataclass(slots=True)
class _Bucket:
    """When it is full again, on this process's clock, and how many pieces Redis does not know of yet."""

    policy: Policy
    full_at: float
    untold: int = 0


class Meter:
    """Counts requests: `standing, wait_s = meter.count("requests", who)`; a wait means that it was not let in."""

    def __init__(self, settings: Settings) -> None:
        self._policies = policies(settings)
        pool = connection_pool(require(settings.redis_url, "REDIS_URL"), retries=0, max_connections=2)
        self._redis = Redis(connection_pool=pool)
        self._add = self._redis.register_script(ADD)
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._dirty: set[tuple[str, str]] = set()
        self._task: asyncio.Task[None] | None = None

    def count(self, name: str, who: str) -> tuple[Standing, int]:
        """Count one request of `who`; return how they stand, and the whole seconds to wait where it is one too many."""
        now = time.monotonic()
        bucket = self._buckets.get((name, who))
        if bucket is None:
            bucket = self._new(name, who, now)
        policy = bucket.policy
        full_at = max(now, bucket.full_at) + policy.window_s / policy.quota
        over_s = full_at - now - policy.window_s
        if over_s > _HAIR_S:
            return Standing(policy, max(0.0, bucket.full_at - now)), whole_seconds(over_s)
        bucket.full_at = full_at
        bucket.untold += 1
        self._dirty.add((name, who))
        return Standing(policy, full_at - now), 0

    async def start(self) -> None:
        """Start telling Redis."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, and close the connection."""
        await tasks.end([self._task] if self._task else [])
        with suppress(*REDIS_ERRORS):
            await self._redis.aclose(close_connection_pool=True)

    def _new(self, name: str, who: str, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_LOCAL:
            self._forget(now)
            for one in list(self._buckets)[: max(0, len(self._buckets) - MOST_LOCAL // 2)]:
                del self._buckets[one]
        made = self._buckets[name, who] = _Bucket(self._policies[name], now)  # type: ignore[index]  # one of the names
        return made

    def _forget(self, now: float) -> None:
        """Let go of buckets that are full."""
        self._buckets = {one: bucket for one, bucket in self._buckets.items() if bucket.full_at > now or bucket.untold}

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.tell()
            except REDIS_ERRORS as error:
                log.warning("rates_without_redis", error=type(error).__name__)
                self._write_off(time.monotonic())
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)
            except Exception:
                log.exception("rates_not_told")
                await asyncio.sleep(PAUSE_AFTER_FAILURE_S)

    def _write_off(self, now: float) -> None:
        """Keep for Redis' return only what would still count: nobody is refused for what is long made up for."""
        for one in self._dirty:
            if (bucket := self._buckets.get(one)) is not None:
                bucket.untold = min(bucket.untold, math.ceil(max(0.0, bucket.full_at - now) / bucket.policy.each_s))

    async def tell(self) -> None:
        """Tell Redis what was let in since the last time, and take over what all let in; raises REDIS_ERRORS."""
        dirty, self._dirty = self._dirty, set()
        wanted = [(one, found) for one in dirty if (found := self._buckets.get(one)) is not None and found.untold]
        for start in range(0, len(wanted), AT_ONCE):
            try:
                await self._tell_some(wanted[start : start + AT_ONCE])
            except REDIS_ERRORS:
                self._dirty.update(one for one, _ in wanted[start:])
                raise
        self._forget(time.monotonic())

    async def _tell_some(self, some: list[tuple[tuple[str, str], _Bucket]]) -> None:
        told = [bucket.untold for _, bucket in some]
        arguments: list[float] = []
        for (_, bucket), count in zip(some, told, strict=True):
            arguments += [count * bucket.policy.each_s, bucket.policy.window_s]
        backlogs = await self._add(keys=[key_of(*one) for one, _ in some], args=arguments)
        now = time.monotonic()
        for (_, bucket), count, backlog_s in zip(some, told, backlogs, strict=True):
            bucket.untold -= count
            bucket.full_at = now + float(backlog_s) + bucket.untold * bucket.policy.each_s

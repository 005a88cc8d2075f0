"""Places of workspaces that bound their model calls in flight at once, kept in Redis for all workers together.

A place is held from before the question until its answer is committed. A worker that dies gives its places back by not
renewing them. While Redis is away each worker keeps its share of the bound, one place at least.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from redis.asyncio import Redis

from core import tasks
from core.redis.connection import REDIS_ERRORS, connection_pool

HELD_S: Final = 60.0
"""How long a place is held that is not renewed."""
LOOK_AGAIN_S: Final = (0.02, 0.5)
REDIS_TIMEOUT_S: Final = 0.5
PAUSE_AFTER_FAILURE_S: Final = 1.0
_log = logging.getLogger(__name__)

# KEYS: the places held, by until when; the workers that asked for one. ARGV: bound, place, worker, seconds to hold.
# Returns whether the place was taken, and how many workers have asked lately.
_TAKE: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held = tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - held)
redis.call('ZADD', KEYS[2], now, ARGV[3])
redis.call('PEXPIRE', KEYS[2], math.ceil(held * 1000))
local taken = 0
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('ZADD', KEYS[1], now + held, ARGV[2])
    redis.call('PEXPIRE', KEYS[1], math.ceil(held * 1000))
    taken = 1
end
return {taken, redis.call('ZCARD', KEYS[2])}
"""
# KEYS: the places held. ARGV: seconds to hold, then places; those taken while Redis was away are made known too.
_RENEW: Final = """
local time = redis.call('TIME')
local until_ = tonumber(time[1]) + tonumber(time[2]) / 1000000 + tonumber(ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], until_, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], math.ceil(tonumber(ARGV[1]) * 1000))
"""


@dataclass(slots=True)
class _Line:
    """Who of this process waits for places of one workspace, and the places it has."""

    first: asyncio.Lock = field(default_factory=asyncio.Lock)
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    held: set[str] = field(default_factory=set)
    workers: int = 1


class WorkspacePlaces:
    """The places of this process; without an address of Redis it is taken for the only one."""

    def __init__(self, redis_url: str | None = None, *, held_s: float = HELD_S) -> None:
        self._url = redis_url
        self._held_s = held_s
        self._worker = uuid.uuid4().hex
        self._lines: dict[UUID, _Line] = {}
        self._away_until = 0.0
        self._redis: Redis | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._tidying: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def place(self, workspace_id: UUID | None, bound: int | None) -> AsyncIterator[None]:
        """Hold one of a workspace's places, first come, first served in this process; at once where it has no bound."""
        if workspace_id is None or bound is None:
            yield
            return
        line = self._lines.setdefault(workspace_id, _Line())
        place = f"{self._worker}:{uuid.uuid4().hex}"
        try:
            await self._wait(line, workspace_id, bound, place)
            yield
        finally:
            line.held.discard(place)
            line.freed.set()
            giving = asyncio.create_task(self._give_back(workspace_id, place))
            self._tidying.add(giving)
            giving.add_done_callback(self._tidying.discard)

    async def aclose(self) -> None:
        """Give back what is held and close the connection."""
        if self._renewing is not None:
            await tasks.end([self._renewing])
        await asyncio.gather(*self._tidying)
        redis, self._redis = self._redis, None
        if redis is not None:
            await redis.aclose(close_connection_pool=True)

    async def _wait(self, line: _Line, workspace_id: UUID, bound: int, place: str) -> None:
        shortest, longest = LOOK_AGAIN_S
        async with line.first:
            wait_s = shortest
            while True:
                line.freed.clear()
                if await self._take(line, workspace_id, bound, place):
                    break
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s * random.uniform(0.5, 1.0)):
                        await line.freed.wait()
                wait_s = min(longest, wait_s * 1.5)
        line.held.add(place)
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def _take(self, line: _Line, workspace_id: UUID, bound: int, place: str) -> bool:
        keys = [_key(workspace_id), f"{_key(workspace_id)}:workers"]
        answer = await self._run(_TAKE, keys, [bound, place, self._worker, self._held_s])
        if answer is None:
            return len(line.held) < max(1, bound // line.workers)
        line.workers = int(answer[1])
        return bool(answer[0])

    async def _renew(self) -> None:
        while any(line.held for line in self._lines.values()):
            await asyncio.sleep(self._held_s / 3)
            for workspace_id, line in self._lines.items():
                if line.held:
                    await self._run(_RENEW, [_key(workspace_id)], [self._held_s, *line.held])

    async def _give_back(self, workspace_id: UUID, place: str) -> None:
        with suppress(*REDIS_ERRORS):
            if self._redis is not None and time.monotonic() >= self._away_until:
                await self._redis.zrem(_key(workspace_id), place)

    async def _run(self, script: str, keys: list[str], arguments: list[Any]) -> Any:
        """Run a script; None while Redis is away."""
        if self._url is None or time.monotonic() < self._away_until:
            return None
        if self._redis is None:
            self._redis = Redis(connection_pool=connection_pool(self._url, timeout_s=REDIS_TIMEOUT_S, retries=0))
        try:
            return await self._redis.eval(script, len(keys), *keys, *arguments) or ()  # type: ignore[misc]  # it is awaitable
        except REDIS_ERRORS as error:
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
            _log.warning("redis is away; keeping a share of workspaces' places: %s", type(error).__name__)
            return None


def _key(workspace_id: UUID) -> str:
    return f"sp:places:{{{workspace_id}}}"

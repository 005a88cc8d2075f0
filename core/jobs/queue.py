"""Hints over Redis: arq messages that carry a job id, a doorbell, and word that a job changed.

Nothing here must succeed: what a lost message announced is in Postgres and is found by the dispatcher.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import deserialize_job_raw, serialize_job
from arq.utils import timestamp_ms

from core.jobs.records import Hint
from core.redis.connection import REDIS_ERRORS, connection_pool
from core.settings import get_settings, require

log = structlog.get_logger(__name__)

FUNCTION: Final = "run_job"
CHANGED_CHANNEL: Final = "sp:job-changed"
NUDGE_CHANNEL: Final = "sp:job-nudge"
# Longest line of messages kept per pool; the rest waits in Postgres, where fairness is decided.
WINDOW: Final = 400
PAUSE_AFTER_FAILURE_S: Final = 1.0
PAUSE_WHEN_FULL_S: Final = 0.25
# Takes messages out of a line and returns their contents, in one round trip.
TAKE: Final = """
    local taken = redis.call('ZPOPMIN', KEYS[1], ARGV[1])
    local found = {}
    for i = 1, #taken, 2 do
        local key = ARGV[2] .. taken[i]
        local message = redis.call('GET', key)
        if message then
            found[#found + 1] = message
            redis.call('DEL', key)
        end
    end
    return found
"""
# A message nobody took for so long is not missed: the dispatcher sends another.
MESSAGE_LIFE_S: Final = 24 * 3600


def queue_name(pool: str) -> str:
    """Return the arq queue of a pool."""
    return f"sp:queue:{pool}"


def doorbell_channel(pool: str) -> str:
    """Return the channel on which workers of a pool are woken."""
    return f"sp:doorbell:{pool}"


def message_id(hint: Hint) -> str:
    """Return the arq job id of one dispatch; a new dispatch is a new message, whatever became of the last."""
    return f"{hint.job_id}:{hint.dispatch_no}"


def dump(value: Any) -> bytes:
    """Serialise an arq message as JSON (never pickle)."""
    return json.dumps(value, separators=(",", ":"), default=str).encode()


def load(raw: bytes) -> Any:
    """Read an arq message."""
    return json.loads(raw)


def _argument(raw: bytes) -> str:
    """Return the one argument of an arq message: a job's id."""
    _, [job_id], *_ = deserialize_job_raw(raw, deserializer=load)
    return str(job_id)


def arq_redis(url: str, *, timeout_s: float = 2.0) -> ArqRedis:
    """Return arq's client over a connection that times out and retries."""
    return ArqRedis(connection_pool(url, timeout_s=timeout_s), job_serializer=dump, job_deserializer=load)


class JobQueue:
    """Sends hints; after a failure it pauses, so that a dead Redis costs a submit one timeout a second at most."""

    def __init__(self, redis: ArqRedis) -> None:
        self.redis = redis
        self._take = redis.register_script(TAKE)
        self._paused_until = 0.0
        self._full_until: dict[str, float] = {}

    async def announce(self, hints: Iterable[Hint]) -> bool:
        """Enqueue hints, ring the doorbells and tell watchers, all at once; False when Redis did not take them."""
        wanted = list(hints)
        if not wanted or time.monotonic() < self._paused_until:
            return not wanted
        now_ms = timestamp_ms()
        try:
            async with self.redis.pipeline(transaction=False) as pipe:
                for hint in wanted:
                    message = serialize_job(FUNCTION, (str(hint.job_id),), {}, None, now_ms, serializer=dump)
                    pipe.set(job_key_prefix + message_id(hint), message, ex=MESSAGE_LIFE_S)
                    pipe.zadd(queue_name(hint.pool), {message_id(hint): now_ms})
                for pool in sorted({hint.pool for hint in wanted}):
                    pipe.publish(doorbell_channel(pool), b"1")
                pipe.publish(CHANGED_CHANNEL, " ".join(str(hint.job_id) for hint in wanted))
                pipe.zcard(queue_name(wanted[-1].pool))
                *_, length = await pipe.execute()
        except REDIS_ERRORS as error:
            self._failed(error)
            return False
        if length >= WINDOW:
            self._full_until[wanted[-1].pool] = time.monotonic() + PAUSE_WHEN_FULL_S
        return True

    async def submit(self, hint: Hint) -> bool:
        """Announce a new job; where the pool's line was just seen full, the dispatcher decides whose turn it is."""
        if time.monotonic() < self._full_until.get(hint.pool, 0.0):
            return False
        return await self.announce([hint])

    async def room(self, pool: str) -> int:
        """Return how many messages a pool's line still takes; 0 when Redis is away."""
        if time.monotonic() < self._paused_until:
            return 0
        try:
            return max(0, WINDOW - int(await self.redis.zcard(queue_name(pool))))
        except REDIS_ERRORS as error:
            self._failed(error)
            return 0

    async def lost(self, hints: Sequence[Hint]) -> list[Hint] | None:
        """Return those hints whose message is no longer waiting in line; None when Redis is away."""
        if not hints:
            return []
        try:
            async with self.redis.pipeline(transaction=False) as pipe:
                for hint in hints:
                    pipe.zscore(queue_name(hint.pool), message_id(hint))
                scores = await pipe.execute()
        except REDIS_ERRORS as error:
            self._failed(error)
            return None
        return [hint for hint, score in zip(hints, scores, strict=True) if score is None]

    async def take(self, pool: str, count: int) -> list[UUID]:
        """Take up to `count` messages out of a pool's line and return the jobs they are about.

        Each message goes to one worker, once. Raises REDIS_ERRORS; a message that is lost on the way is sent again.
        """
        messages = await self._take(keys=[queue_name(pool)], args=[count, job_key_prefix])
        return [UUID(_argument(raw)) for raw in messages]

    async def tell_changed(self, job_ids: Iterable[UUID | None]) -> None:
        """Tell watchers that these jobs changed."""
        await self._publish(CHANGED_CHANNEL, [str(job_id) for job_id in job_ids if job_id])

    async def nudge(self, job_ids: Iterable[UUID]) -> None:
        """Ask workers to look at once whether these jobs were cancelled."""
        await self._publish(NUDGE_CHANNEL, [str(job_id) for job_id in job_ids])

    async def _publish(self, channel: str, ids: list[str]) -> None:
        if not ids or time.monotonic() < self._paused_until:
            return
        try:
            await self.redis.publish(channel, " ".join(ids))
        except REDIS_ERRORS as error:
            self._failed(error)

    async def ping(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(await self.redis.ping())
        except REDIS_ERRORS:
            return False

    def _failed(self, error: BaseException) -> None:
        self._paused_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
        log.warning("redis_unavailable", error=str(error))

    async def aclose(self) -> None:
        """Close the connections."""
        with suppress(*REDIS_ERRORS):
            await self.redis.aclose(close_connection_pool=True)


_queues: dict[asyncio.AbstractEventLoop, JobQueue] = {}


def queue() -> JobQueue:
    """Return this event loop's queue, made on first use; short timeouts, for use inside a request."""
    loop = asyncio.get_running_loop()
    found = _queues.get(loop)
    if found is None:
        url = require(get_settings().redis_url, "REDIS_URL")
        found = _queues[loop] = JobQueue(arq_redis(url, timeout_s=0.5))
    return found


async def close_queue() -> None:
    """Close this event loop's queue."""
    found = _queues.pop(asyncio.get_running_loop(), None)
    if found is not None:
        await found.aclose()

"""The buckets of a model's limits in Redis, and the one script that keeps them; on Redis' clock."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Final

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from core.redis.connection import REDIS_ERRORS, connection_pool

SILENT_AFTER_S: Final = 60.0
REDIS_TIMEOUT_S: Final = 0.5
PAUSE_AFTER_FAILURE_S: Final = 1.0
_log = logging.getLogger(__name__)

# KEYS: the buckets; the processes that draw from them. ARGV: this process, seconds until a silent one is forgotten,
# longest wait granted, seconds to pause, then for requests and for tokens: limit, amount, what comes back, what the
# endpoint says remains; a limit of 0 and a remainder of -1 are unknown. Returns whether the amounts were taken, the
# wait before they may be used, and the number of processes.
DRAW: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[2], math.ceil(tonumber(ARGV[2])))
local state = redis.call('HMGET', KEYS[1], 'at', 'paused_until', 'requests', 'tokens')
local gone = math.max(0, now - tonumber(state[1] or now))
local paused_until = math.max(tonumber(state[2] or 0), now + tonumber(ARGV[4]))
local wait, full_in, left, amount = math.max(0, paused_until - now), 0, {}, {}
for i = 1, 2 do
    local limit = tonumber(ARGV[4 * i + 1])
    amount[i] = tonumber(ARGV[4 * i + 2])
    if limit > 0 then
        local burst = math.max(1, limit / 60)
        local rate = (limit - burst + 1) / 60
        local remaining = tonumber(ARGV[4 * i + 4])
        left[i] = math.min(burst, tonumber(state[i + 2] or burst) + gone * rate + tonumber(ARGV[4 * i + 3]))
        if remaining >= 0 then left[i] = math.min(left[i], remaining) end
        wait = math.max(wait, (math.min(amount[i], burst) - left[i]) / rate)
        full_in = math.max(full_in, (burst - left[i] + amount[i]) / rate)
    end
end
local granted = wait <= tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'at', now, 'paused_until', paused_until)
for i, name in ipairs({'requests', 'tokens'}) do
    if left[i] then redis.call('HSET', KEYS[1], name, left[i] - (granted and amount[i] or 0)) end
end
redis.call('EXPIRE', KEYS[1], math.ceil(math.max(full_in, paused_until - now) + 60))
return {granted and 1 or 0, tostring(wait), redis.call('ZCARD', KEYS[2])}
"""


class Shared:
    """The connection to Redis of one client; after a failure it is left alone for a second."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._redis: Redis | None = None
        self._script: AsyncScript | None = None
        self._away_until = 0.0
        self._member = uuid.uuid4().hex

    async def draw(self, name: str, arguments: list[float]) -> tuple[bool, float, int] | None:
        """Run the script on the buckets `name`; None while Redis is away."""
        if self._url is None or time.monotonic() < self._away_until:
            return None
        keys = [f"sp:model:{{{name}}}", f"sp:model:{{{name}}}:processes"]
        try:
            granted, wait, processes = await self._opened()(keys=keys, args=[self._member, SILENT_AFTER_S, *arguments])
        except REDIS_ERRORS as error:
            self._away_until = time.monotonic() + PAUSE_AFTER_FAILURE_S
            _log.warning("redis is away; keeping a share of the model's limits: %s", type(error).__name__)
            return None
        return bool(granted), float(wait), int(processes)

    async def aclose(self) -> None:
        """Close the connections; they are opened again when needed."""
        redis, self._redis, self._script = self._redis, None, None
        if redis is not None:
            await redis.aclose(close_connection_pool=True)

    def _opened(self) -> AsyncScript:
        if self._script is None:
            assert self._url is not None
            self._redis = Redis(connection_pool=connection_pool(self._url, timeout_s=REDIS_TIMEOUT_S, retries=0))
            self._script = self._redis.register_script(DRAW)
        return self._script

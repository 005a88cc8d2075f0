"""Buckets as one number each, the moment at which they are full again (GCRA): in Redis, or in this process."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.rates.policies import Policy

PREFIX: Final = "sp:rate"
MOST_LOCAL: Final = 50_000
_HAIR_S: Final = 1e-6

# KEYS: the buckets, then the mark of a place the account is known at. ARGV: the number of the bucket that a mark
# opens (0: none), then for each bucket the seconds of one piece and of the whole. Takes one piece of every bucket, or
# none of any. Returns the wait in seconds (0: taken), the bucket left aside because of the mark, and how long each
# takes to be full again.
TAKE: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local open = tonumber(ARGV[1])
if open > 0 and redis.call('EXISTS', KEYS[#KEYS]) == 0 then open = 0 end
local full, wait, told = {}, 0, {}
for i = 1, #KEYS - 1 do
    full[i] = math.max(now, tonumber(redis.call('GET', KEYS[i]) or now)) + tonumber(ARGV[2 * i])
    if i ~= open then wait = math.max(wait, full[i] - now - tonumber(ARGV[2 * i + 1])) end
end
if wait <= 0.000001 then
    wait = 0
    for i = 1, #KEYS - 1 do
        if i ~= open then
            redis.call('SET', KEYS[i], string.format('%.6f', full[i]), 'PX', math.ceil((full[i] - now) * 1000) + 1)
        end
    end
end
for i = 1, #KEYS - 1 do
    local taken = (wait == 0 and i ~= open) and 0 or tonumber(ARGV[2 * i])
    told[i] = string.format('%.6f', math.max(0, full[i] - taken - now))
end
return {string.format('%.6f', wait), open, unpack(told)}
"""
# KEYS: buckets, then the mark. ARGV: seconds the mark stays, then the seconds of a piece of each bucket. Gives back.
GIVE: Final = """
for i = 1, #KEYS - 1 do
    local full = redis.call('GET', KEYS[i])
    if full then
        local life = math.max(1, redis.call('PTTL', KEYS[i]))
        redis.call('SET', KEYS[i], string.format('%.6f', tonumber(full) - tonumber(ARGV[i + 1])), 'PX', life)
    end
end
redis.call('SET', KEYS[#KEYS], '1', 'EX', ARGV[1])
return 1
"""
# KEYS: buckets. ARGV: for each, the seconds that were taken of it here, and the whole. Returns how long each takes to
# be full again, with what all processes took.
ADD: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local told = {}
for i = 1, #KEYS do
    local full = math.max(now, tonumber(redis.call('GET', KEYS[i]) or now)) + tonumber(ARGV[2 * i - 1])
    full = math.min(full, now + tonumber(ARGV[2 * i]))
    redis.call('SET', KEYS[i], string.format('%.6f', full), 'PX', math.ceil((full - now) * 1000) + 1)
    told[i] = string.format('%.6f', full - now)
end
return told
"""


def key_of(name: str, *of: str) -> str:
    """Return the key of a bucket; nobody can read from it whose it is."""
    return f"{PREFIX}:{name}:{hashlib.sha256(chr(0).join(of).encode(errors='replace')).hexdigest()[:24]}"


@dataclass(slots=True)
class LocalBuckets:
    """The buckets of this process alone, for while Redis is away."""

    full_at: dict[str, float] = field(default_factory=dict)

    def take(self, wanted: Sequence[tuple[str, Policy]]) -> tuple[float, list[float]]:
        """Take one piece of every bucket, or none of any; return the wait (0: taken) and each one's seconds to full."""
        now = time.monotonic()
        full = [max(now, self.full_at.get(key, now)) + policy.each_s for key, policy in wanted]
        pairs = list(zip(full, wanted, strict=True))
        wait = max((at - now - policy.window_s for at, (_, policy) in pairs), default=0.0)
        if wait > _HAIR_S:
            return wait, [at - policy.each_s - now for at, (_, policy) in pairs]
        self._make_room(now)
        self.full_at.update({key: at for at, (key, _) in pairs})
        return 0.0, [at - now for at in full]

    def give(self, wanted: Sequence[tuple[str, Policy]]) -> None:
        """Give a piece back to each."""
        for key, policy in wanted:
            if key in self.full_at:
                self.full_at[key] -= policy.each_s

    def _make_room(self, now: float) -> None:
        if len(self.full_at) < MOST_LOCAL:
            return
        self.full_at = {key: at for key, at in self.full_at.items() if at > now}
        for key in list(self.full_at)[: max(0, len(self.full_at) - MOST_LOCAL // 2)]:
            del self.full_at[key]


def whole_seconds(wait_s: float) -> int:
    """Return a wait as Retry-After has it."""
    return max(1, math.ceil(wait_s))

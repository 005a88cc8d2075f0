"""Limits per minute on requests and tokens of a model, kept together by all processes that use the same key.

The buckets are in Redis; a process draws for a quarter of a second at a time. While Redis is away, each process keeps
its share: the limit divided by the processes last seen, each of which leaves its mark when it draws. Until a limit is
known, from the settings or from headers of the endpoint, nothing here is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from core.llm.buckets import Shared
from core.llm.config import ModelConfig
from core.llm.errors import ModelPaused
from core.llm.limits import MINUTE_S, Bucket, Told, told

RESOURCES: Final = ("requests", "tokens")
AHEAD_S: Final = 0.25
_OUTPUT_WEIGHT: Final = 1 / 16
_NOTHING: Final = (Told(), Told())
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _News:
    """What one resource's bucket is to be told with the next draw."""

    back: float = 0.0
    remaining: float | None = None


@dataclass(slots=True)
class _Ahead:
    """What was drawn and not used yet; good for a moment only."""

    requests: int = 0
    tokens: int = 0
    until: float = 0.0

    def use(self, tokens: int) -> bool:
        """Take one call; tell whether there was one."""
        if self.requests < 1 or self.tokens < tokens or time.monotonic() >= self.until:
            return False
        self.requests -= 1
        self.tokens -= tokens
        return True


@dataclass(slots=True)
class Pace:
    """The limits of one model. Calls stand in line here; the first one draws, and waits until it may go."""

    name: str
    own: tuple[float | None, float | None]
    longest_wait_s: float
    shared: Shared
    processes: int = 1
    learned: list[float | None] = field(default_factory=lambda: [None, None])
    outputs: dict[str, float] = field(default_factory=dict)
    _news: tuple[_News, _News] = field(default_factory=lambda: (_News(), _News()))
    _share: tuple[Bucket, Bucket] = field(default_factory=lambda: (Bucket(), Bucket()))
    _closed_until: float = 0.0
    _ahead: _Ahead = field(default_factory=_Ahead)
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def limits(self) -> list[float]:
        """Requests and tokens per minute, the smaller of what is set and what was learned; 0 is unknown."""
        pairs = zip(self.own, self.learned, strict=True)
        return [min((one for one in pair if one is not None), default=0.0) for pair in pairs]

    @property
    def known(self) -> bool:
        """Tell whether there is anything to keep to."""
        return any(self.limits) or time.monotonic() < self._closed_until

    async def turn(self, tokens: int) -> None:
        """Wait for leave to send one call of about `tokens`; raises ModelPaused where that takes too long."""
        async with self._line:
            if self._ahead.use(tokens):
                return
            self._give_back(self._ahead.requests, self._ahead.tokens)
            self._ahead = _Ahead()
            granted, wait_s = False, self._closed_until - time.monotonic()
            calls = self._calls_ahead(tokens)
            if wait_s <= self.longest_wait_s:
                granted, wait_s = await self._draw((calls, calls * tokens))
            if not granted:
                self._closed_until = time.monotonic() + wait_s
                raise self.paused(wait_s)
            try:
                await asyncio.sleep(wait_s)
            except asyncio.CancelledError:
                self._give_back(calls, calls * tokens)
                raise
            self._ahead = _Ahead(calls - 1, (calls - 1) * tokens, time.monotonic() + AHEAD_S)

    async def pause(self, seconds: float) -> None:
        """Let no call of any process out for a time."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)
        self._ahead.until = 0.0
        await self._draw((0, 0), seconds)

    def paused(self, wait_s: float) -> ModelPaused:
        """Return the error for a call that would have to wait too long."""
        detail = "The limits per minute of the model endpoint are used up."
        return ModelPaused(detail, retry_after_s=wait_s + random.uniform(0, 0.1 * wait_s + 0.1))

    def expect(self, prompt: str, characters: int, most_output: int) -> int:
        """Estimate the tokens of a call: a quarter of its characters, and what this prompt's replies came to so far."""
        return characters // 4 + round(min(float(most_output), self.outputs.get(prompt, float(most_output))))

    def settle(self, prompt: str, expected: int, used: int | None, output: int) -> None:
        """Take note of what a call used; None where nobody knows."""
        if used is None:
            return
        if output:
            mean = self.outputs.get(prompt, float(output))
            self.outputs[prompt] = mean + (output - mean) * _OUTPUT_WEIGHT
        self._give_back(0, expected - used)

    def correct(self, said: tuple[Told, Told]) -> None:
        """Take over what the endpoint says of its limits."""
        for place, one in enumerate(said):
            if one.limit is not None:
                self.learned[place] = one.per_minute
            if one.remaining is not None and (one.per_minute or self.own[place]):
                news = self._news[place]
                news.remaining = one.remaining if news.remaining is None else min(one.remaining, news.remaining)

    def _calls_ahead(self, tokens: int) -> int:
        """Return for how many calls to draw at once: what this process gets in a moment; so few calls ask Redis."""
        requests, most = self.limits
        shares = [requests] if requests else []
        shares += [most / max(1, tokens)] if most else []
        return max(1, int(min(shares, default=0.0) / MINUTE_S * AHEAD_S / self.processes))

    def _give_back(self, requests: float, tokens: float) -> None:
        self._news[0].back += requests
        self._news[1].back += tokens

    async def _draw(self, amounts: tuple[int, int], pause_s: float = 0.0) -> tuple[bool, float]:
        news, self._news = self._news, (_News(), _News())
        limits = self.limits
        arguments = [self.longest_wait_s, pause_s]
        for limit, amount, one in zip(limits, amounts, news, strict=True):
            arguments += [limit, amount, one.back, -1.0 if one.remaining is None else one.remaining]
        drawn = await self.shared.draw(self.name, arguments)
        if drawn is None:
            return self._draw_alone(limits, amounts, news)
        granted, wait_s, self.processes = drawn
        return granted, wait_s

    def _draw_alone(
        self, limits: list[float], amounts: tuple[int, int], news: tuple[_News, _News]
    ) -> tuple[bool, float]:
        now = time.monotonic()
        wait_s = max(0.0, self._closed_until - now)
        shares = [limit / self.processes for limit in limits]
        for share, bucket, amount, one in zip(shares, self._share, amounts, news, strict=True):
            if share:
                bucket.refill(share, now, one.back, one.remaining)
                wait_s = max(wait_s, bucket.wait_s(share, amount))
        granted = wait_s <= self.longest_wait_s
        for share, bucket, amount in zip(shares, self._share, amounts, strict=True):
            if share and granted:
                bucket.left -= amount
        return granted, wait_s


class Limiter:
    """The paces of one client's models."""

    def __init__(self, config: ModelConfig) -> None:
        self._config = config
        self._shared = Shared(config.redis_url)
        self._paces: dict[str, Pace] = {}
        self._set = config.requests_per_minute is not None or config.tokens_per_minute is not None

    def pace(self, model: str) -> Pace | None:
        """Return what a call to `model` has to keep to; None, at no cost, while no limit is known."""
        found = self._paces.get(model)
        if found is None and self._set:
            found = self._pace(model)
        return found if found is not None and found.known else None

    def hear(self, model: str, headers: Mapping[str, str]) -> tuple[Told, Told]:
        """Learn from the headers of a reply; return what they say of requests and tokens."""
        if not any(f"x-ratelimit-{part}-{what}" in headers for what in RESOURCES for part in ("limit", "remaining")):
            return _NOTHING
        said = (told(headers, "requests"), told(headers, "tokens"))
        self._pace(model).correct(said)
        return said

    async def exhausted(self, model: str, said: tuple[Told, Told], retry_after_s: float | None) -> bool:
        """Pause all processes if a refusal says that a limit is used up, and for how long; tell whether it does."""
        empty = [one for one in said if one.remaining == 0]
        resets = [one.reset_s for one in empty if one.reset_s is not None]
        wait_s = retry_after_s if retry_after_s is not None else max(resets, default=None)
        if not empty or wait_s is None:
            return False
        _log.warning("the limits of %s are used up; calls wait %.1f s", model, wait_s)
        await self._pace(model).pause(min(wait_s, self._config.longest_pause_s))
        return True

    async def aclose(self) -> None:
        """Close the connection to Redis."""
        await self._shared.aclose()

    def _pace(self, model: str) -> Pace:
        found = self._paces.get(model)
        if found is None:
            config = self._config
            own = (config.requests_per_minute, config.tokens_per_minute)
            name = f"{fingerprint(config)}:{model}"
            found = self._paces[model] = Pace(name, own, config.longest_wait_s, self._shared)
        return found


def fingerprint(config: ModelConfig) -> str:
    """Return 16 hex digits that stand for endpoint and key; neither can be read from them."""
    return hashlib.sha256(f"{config.base_url}\n{config.api_key}".encode()).hexdigest()[:16]


def counted(body: Any) -> int:
    """Count the characters of a request's texts."""
    if isinstance(body, str):
        return len(body)
    return sum(counted(part["content"] if isinstance(part, dict) else part) for part in body)

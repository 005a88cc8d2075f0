"""Circuit breaker of one model: when the endpoint fails again and again, calls stop but for a single one now and then.

Only failures of the endpoint itself count (no connection, no reply in time, 5xx): whatever else it says, it is there.
One request that fails alone may itself be the reason; only where there is no connection is it surely not.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from core.llm.errors import ModelPaused

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Breaker:
    """Opens after `after` failed tries in a row; one failure in fifty gets there once in 10¹³ tries.

    The pause grows from `first_s` to `longest_s`, or to the Retry-After of the endpoint, at most `asked_s`.
    """

    model: str
    after: int = 8
    first_s: float = 1.0
    longest_s: float = 60.0
    asked_s: float = 3600.0
    failures: int = field(default=0, init=False)
    _first: int | None = field(default=None, init=False)  # the request that failed first
    _sure: bool = field(default=False, init=False)  # that it is not for what was asked
    _pause_s: float = field(default=0.0, init=False)  # 0 while calls go out
    _until: float = field(default=0.0, init=False)
    _reason: str = field(default="", init=False)
    _probe: asyncio.Future[None] | None = field(default=None, init=False)

    @property
    def broken(self) -> bool:
        """Tell whether calls have to ask `probing` first."""
        return self._pause_s > 0

    def succeeded(self) -> None:
        """Note that the endpoint is there."""
        self.failures, self._first, self._sure = 0, None, False
        if self.broken:
            self._pause_s = 0.0
            _log.warning("the model endpoint answers again; calls to %s go on", self.model)

    def failed(self, reason: str, request: int | None = None, retry_after_s: float | None = None) -> bool:
        """Note that the endpoint failed; tell whether calls pause.

        `request` stands for what was asked; None where nothing was, for want of a connection.
        """
        self.failures += 1
        self._reason = reason
        self._first = request if self._first is None else self._first
        self._sure = self._sure or request is None or request != self._first
        if self._probe is not None or (not self.broken and self._sure and self.failures >= self.after):
            self._open(retry_after_s or 0.0)
        return self.broken

    def gave_up(self, tries: int) -> bool:
        """Note that a call used up its tries; with no success of anyone between, that is an outage."""
        if not self.broken and self._sure and self.failures >= tries:
            self._open(0.0)
        return self.broken

    def paused(self) -> ModelPaused:
        """Return the error for a call that does not go out now."""
        left_s = max(self._until - time.monotonic(), self.first_s)
        detail = f"The model endpoint fails ({self._reason}); calls to {self.model} are paused."
        return ModelPaused(detail, retry_after_s=left_s + random.uniform(0, 0.1 * self._pause_s))

    @asynccontextmanager
    async def probing(self, patience_s: float) -> AsyncIterator[None]:
        """Let one call through when the pause is over, and others once it has succeeded; raises ModelPaused.

        The others wait `patience_s` at most for what comes of the probe.
        """
        await self._news(patience_s)
        if not self.broken:
            yield
            return
        if self._probe is not None or time.monotonic() < self._until:
            raise self.paused()
        probe = self._probe = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            self._probe = None
            probe.set_result(None)

    async def _news(self, patience_s: float) -> None:
        try:
            async with asyncio.timeout(patience_s):
                while self._probe is not None:
                    await asyncio.shield(self._probe)
        except TimeoutError:
            return

    def _open(self, asked_s: float) -> None:
        if not self.broken:
            _log.warning("the model endpoint fails (%s); calls to %s pause", self._reason, self.model)
        self._pause_s = min(self.longest_s, max(self.first_s, 2 * self._pause_s))
        self._pause_s = max(self._pause_s, min(asked_s, self.asked_s))
        self._until = time.monotonic() + self._pause_s * random.uniform(0.9, 1.1)

"""Bounded concurrency of a client: slow start, then additive increase and a decrease by the share refused.

Additive increase, multiplicative decrease as in TCP, with the cut of DCTCP (RFC 8257): half the share of recent calls
that were refused. A lone refusal among many answers says nothing about concurrency and changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

# Weight of the newest call in the share refused, and the share that is put up with: three refusals in a row exceed it.
_WEIGHT: Final = 1 / 8
_TOLERATED: Final = 0.3
# Successes at the edge of a known ceiling before it is tried again: four rounds first, at last this many.
_FIRST_PATIENCE: Final = 4
_LAST_PATIENCE: Final = 400


@dataclass(frozen=True, slots=True)
class Slot:
    """Leave to have one call in flight, the `level`-th at its start. Tell it how the call went."""

    gate: Gate
    epoch: int
    level: int

    def succeeded(self) -> None:
        """Let more calls in, up to the maximum."""
        self.gate.widen(self.epoch, self.level)

    def overloaded(self) -> None:
        """Let fewer calls in if refusals mount up, once for all calls that were let in before the last cut."""
        self.gate.narrow(self.epoch, self.level)


class Gate:
    """Lets at most `limit` calls in at a time; `limit` starts small and follows the endpoint."""

    def __init__(self, maximum: int, *, start: int = 4) -> None:
        if maximum < 1 or start < 1:
            raise ValueError("a gate lets at least one call in")
        self.maximum = maximum
        self.in_flight = 0
        self._width = float(min(start, maximum))
        self._refused = 0.0  # share of recent calls
        self._ceiling: int | None = None  # the level at which calls were last refused
        self._patience = 0
        self._epoch = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """Number of calls let in at a time."""
        return int(self._width)

    @property
    def waiting(self) -> int:
        """Number of calls waiting to be let in."""
        return sum(1 for turn in self._waiting if not turn.done())

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """Wait for a turn, hold it for the block, and give it back however the block ends."""
        await self._acquire()
        try:
            yield Slot(self, self._epoch, self.in_flight)
        finally:
            self._release()

    def resize(self, maximum: int) -> None:
        """Change the maximum; calls in flight beyond it finish, none is cut off."""
        if maximum < 1:
            raise ValueError("a gate lets at least one call in")
        self.maximum = maximum
        self._width = min(self._width, float(maximum))
        self._admit()

    def widen(self, epoch: int, level: int) -> None:
        """Raise the limit a little for a success, unless the news is older than the last cut."""
        self._refused -= self._refused * _WEIGHT
        if epoch == self._epoch and self._width < self.maximum and self._refused <= _TOLERATED:
            self._width = min(float(self.maximum), self._width + self._step(level))
            self._admit()

    def narrow(self, epoch: int, level: int) -> None:
        """Count a refusal; once they are more than is put up with, cut the limit by half the share refused."""
        self._refused += (1 - self._refused) * _WEIGHT
        if epoch != self._epoch or self._refused <= _TOLERATED:
            return
        level = max(level, self.limit // 2)  # a gate that is hardly used does not know where its limit is
        known = self._ceiling is not None and abs(level - self._ceiling) <= 1
        longest = max(_LAST_PATIENCE, 20 * level)
        self._patience = min(longest, 2 * self._patience) if known else _FIRST_PATIENCE * level
        self._ceiling = level
        self._width = max(1.0, min(self._width, level) - max(1.0, level * self._refused / 2))
        self._epoch += 1

    def _step(self, level: int) -> float:
        """Return what one success adds: slow start without a ceiling, a slow approach to a known one, and haste
        where the ceiling has gone.
        """
        if self._ceiling is None:
            return 1.0
        if 2 * level < self._width:
            return 0.0
        over = self._width - self._ceiling
        if over < -1:
            return 1 / self._width
        if over < 0:
            return 1 / self._patience
        return min(1.0, (1 + over / 2) / self._width)

    async def _acquire(self) -> None:
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._release()  # the turn had come just before the caller was cancelled: pass it on
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _release(self) -> None:
        self.in_flight -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)

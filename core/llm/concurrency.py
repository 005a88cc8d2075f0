"""Bounded concurrency of a client: slow start, halved when the endpoint is overloaded, first in first out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """Leave to have one call in flight. Tell it how the call went, so that the gate learns."""

    gate: Gate
    epoch: int

    def succeeded(self) -> None:
        """Let one more call in, up to the maximum."""
        self.gate.widen(self.epoch)

    def overloaded(self) -> None:
        """Halve the calls in flight, once for all calls that were let in before the last halving."""
        self.gate.narrow(self.epoch)


class Gate:
    """Lets at most `limit` calls in at a time; `limit` starts small and follows the endpoint."""

    def __init__(self, maximum: int, *, start: int = 4) -> None:
        if maximum < 1 or start < 1:
            raise ValueError("a gate lets at least one call in")
        self.maximum = maximum
        self.limit = min(start, maximum)
        self.in_flight = 0
        self._epoch = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """Number of calls waiting to be let in."""
        return sum(1 for turn in self._waiting if not turn.done())

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[Slot]:
        """Wait for a turn, hold it for the block, and give it back however the block ends."""
        await self._acquire()
        try:
            yield Slot(self, self._epoch)
        finally:
            self._release()

    def resize(self, maximum: int) -> None:
        """Change the maximum; calls in flight beyond it finish, none is cut off."""
        if maximum < 1:
            raise ValueError("a gate lets at least one call in")
        self.maximum = maximum
        self.limit = min(self.limit, maximum)
        self._admit()

    def widen(self, epoch: int) -> None:
        """Raise the limit by one, unless the news is older than the last halving."""
        if epoch == self._epoch and self.limit < self.maximum:
            self.limit += 1
            self._admit()

    def narrow(self, epoch: int) -> None:
        """Halve the limit, unless the news is older than the last halving."""
        if epoch == self._epoch:
            self._epoch += 1
            self.limit = max(1, self.limit // 2)

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

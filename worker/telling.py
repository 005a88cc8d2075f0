"""Tells who follows a job a text while it is being written, piece by piece, in events `log` of its stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from core.db.session import DatabaseUnavailable
from worker.context import JobContext

PIECE_S: Final = 0.15
"""How often a piece is told at most."""


@dataclass(slots=True)
class Teller:
    """Tells pieces {…names, offset, text}: a piece is the text from its offset on, and voids what was told behind it.

    `names` says what the text is part of.
    """

    ctx: JobContext
    names: dict[str, Any]
    read: Callable[[str], str]
    _heard: str = field(default="", init=False)
    _told: str = field(default="", init=False)
    _more: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _over: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def hear(self, content: str) -> None:
        """Take a reply's content as far as it has come."""
        self._heard = self.read(content)
        self._more.set()

    async def finish(self, text: str) -> None:
        """Tell the rest of the text as it stands in the end."""
        self._heard = text
        with suppress(DatabaseUnavailable):  # the stored text is the truth
            await self._tell()

    async def run(self) -> None:
        """Tell what is heard until it is over."""
        while True:
            await self._more.wait()
            self._more.clear()
            if self._over.is_set():
                return
            with suppress(DatabaseUnavailable):  # the rest is told later, or with the end
                await self._tell()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), PIECE_S)

    def end(self) -> None:
        """Tell no more by itself; a piece that is being told is told to its end."""
        self._over.set()
        self._more.set()

    async def _tell(self) -> None:
        text = self._heard
        if text == self._told:
            return
        offset = len(self._told) if text.startswith(self._told) else 0
        await self.ctx.log(self.names | {"offset": offset, "text": text[offset:]})
        self._told = text


@asynccontextmanager
async def telling(teller: Teller) -> AsyncIterator[Teller]:
    """Tell beside the work in the block; what it hears last is told by `finish`."""
    task = asyncio.create_task(teller.run())
    try:
        yield teller
    finally:
        teller.end()
        await task

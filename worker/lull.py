"""The end of a run whose model is paused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.llm.errors import ModelPaused


@dataclass(slots=True)
class Lull:
    """Ends a run whose model is paused: calls under way are answered and committed first, new ones do not start."""

    error: ModelPaused | None = None
    _under_way: int = 0
    _calm: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call as under way; raises the ModelPaused that another one met."""
        if self.error is not None:
            raise self.error
        self._under_way += 1
        try:
            yield
        except ModelPaused as error:
            self.error = self.error or error
            raise
        finally:
            self._under_way -= 1
            if self._under_way == 0 and self.error is not None:
                self._calm.set()

    async def calm(self) -> None:
        """Wait until no call is under way; whoever raises before that takes the others along."""
        await self._calm.wait()

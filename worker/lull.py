"""The end of a run that may ask no more: its model is paused, or its budget used up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from core.llm.errors import ModelPaused, SpendingRefused

STOPS: Final = (ModelPaused, SpendingRefused)


@dataclass(slots=True)
class Lull:
    """Ends a run that may ask no more: calls under way are answered and committed first, new ones do not start."""

    error: ModelPaused | SpendingRefused | None = None
    _under_way: int = 0
    _calm: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Count a call as under way; raises what stopped another one."""
        if self.error is not None:
            raise self.error
        self._under_way += 1
        try:
            yield
        except STOPS as error:
            self.error = self.error or error
            raise
        finally:
            self._under_way -= 1
            if self._under_way == 0 and self.error is not None:
                self._calm.set()

    async def calm(self) -> None:
        """Wait until no call is under way; whoever raises before that takes the others along."""
        await self._calm.wait()

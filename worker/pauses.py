"""Keeps a process's model client told of the models that are paused."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from core.db.direct import direct
from core.db.session import STATEMENT_ERRORS, SYSTEM, DatabaseUnavailable
from core.jobs import pausing
from core.llm.client import ModelClient

log = structlog.get_logger(__name__)
INTERVAL_S: Final = 1.0
WAKES: Final = 2
"""How many looks, from that which finds a model resumed, wake the jobs that wait for one."""


class ModelPauses:
    """Looks once a second; while the database is away, what was last known holds.

    Resuming a model wakes its jobs at once, and a process that has not looked since refuses them again. So they are
    woken when it knows, and once more for those whose refusal was being written in that moment.
    """

    def __init__(self, model: ModelClient) -> None:
        self._model = model
        self._wakes = 0

    async def look(self) -> None:
        """Tell the client what is paused now; wake those it may have refused too long."""
        try:
            async with direct(SYSTEM) as connection:
                paused = await pausing.suspended_models(connection)
                if self._model.suspensions.reasons.keys() - paused.keys():
                    self._wakes = WAKES
                self._model.suspensions.reasons = paused
                if self._wakes:
                    await pausing.wake_suspended(connection)
                    self._wakes -= 1
        except (DatabaseUnavailable, *STATEMENT_ERRORS) as error:
            log.warning("pauses_not_read", reason=type(error).__name__)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.look()

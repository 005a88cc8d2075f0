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


class ModelPauses:
    """Looks once a second; while the database is away, what was last known holds."""

    def __init__(self, model: ModelClient) -> None:
        self._model = model

    async def look(self) -> None:
        """Tell the client what is paused now."""
        try:
            async with direct(SYSTEM) as connection:
                self._model.suspensions.reasons = await pausing.suspended_models(connection)
        except (DatabaseUnavailable, *STATEMENT_ERRORS) as error:
            log.warning("pauses_not_read", reason=type(error).__name__)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.look()

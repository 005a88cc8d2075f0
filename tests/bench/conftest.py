"""What the figures are measured on: a study on the running product, to which this process can submit too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.db import session as db
from core.jobs.queue import close_queue
from core.settings import get_settings
from tests.fixtures.system import Study, System, new_study


@asynccontextmanager
async def taking_part(system: System) -> AsyncIterator[None]:
    """Have this process work on the product's own servers."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in system.environment.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        yield
        await close_queue()
        await db.dispose()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
async def study(system: System) -> AsyncIterator[Study]:
    """A study; this process submits to its database too."""
    async with taking_part(system):
        yield await new_study(system)

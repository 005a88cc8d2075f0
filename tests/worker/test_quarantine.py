"""The watch over a suspect's process."""

from __future__ import annotations

import asyncio
from typing import Any, cast
from uuid import uuid4

import pytest

from core.jobs import engine
from worker.quarantine import Quarantine

pytestmark = pytest.mark.usefixtures("job_database")


class Gone:
    """A process that ends in the very moment it is to be killed."""

    def __init__(self) -> None:
        self.killed = asyncio.Event()

    async def wait(self) -> int:
        """Return once somebody tried to kill it."""
        await self.killed.wait()
        return 7

    def kill(self) -> None:
        """Be gone already."""
        self.killed.set()
        raise ProcessLookupError


async def test_a_suspect_that_ends_as_it_is_killed_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def has_lost(*_: Any) -> bool:
        return True

    monkeypatch.setattr(engine, "has_lost", has_lost)
    watch = Quarantine(lease_s=0.05)._watch(cast("Any", Gone()), uuid4(), uuid4())
    assert await asyncio.wait_for(watch, 5) == 7

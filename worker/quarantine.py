"""Runs suspects, the jobs under which workers died again and again, each in a process of its own.

A worker that dies takes all its jobs with it, and nobody can tell which of them did it. A job that was there three
times in a row, with nothing committed between, therefore runs alone: if its process dies, it is poison; an innocent
job that only shared a worker with it is not.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from core.db import session as db
from core.db.base import uuid7
from core.db.session import DatabaseUnavailable
from core.jobs.dispatching import end_poison
from core.jobs.service import announce_finished

log = structlog.get_logger(__name__)
PLACES: Final = 2


@dataclass(slots=True)
class Quarantine:
    """The processes in which this worker runs suspects."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PLACES))
    children: set[asyncio.subprocess.Process] = field(default_factory=set)

    async def run(self, job_id: UUID) -> None:
        """Run the job in a process of its own until that ends; with all places taken, leave it for a later round."""
        if self.places.locked():
            return  # the dispatcher sends the job again
        async with self.places:
            await self._run(job_id)

    async def _run(self, job_id: UUID) -> None:
        worker_id = uuid7()
        log.warning("job_quarantined", job_id=str(job_id), worker_id=str(worker_id))
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "worker", str(job_id), str(worker_id), stdin=asyncio.subprocess.PIPE
        )
        self.children.add(child)
        try:
            status = await child.wait()
        finally:
            self.children.discard(child)
        if status != 0:
            log.error("job_died_alone", job_id=str(job_id), worker_id=str(worker_id), status=status)
            with suppress(DatabaseUnavailable):  # then the lease lapses and counts
                await self._end(job_id, worker_id)

    async def _end(self, job_id: UUID, worker_id: UUID) -> None:
        async with db.scope(db.SYSTEM) as session:
            ended = await end_poison(session, job_id, worker_id)
        await announce_finished([ended] if ended else [])

    def end(self) -> None:
        """Ask all to give their jobs back."""
        for child in self.children:
            with suppress(ProcessLookupError):
                child.terminate()

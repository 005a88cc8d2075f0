"""Runs suspects, the jobs under which workers died again and again, each in a process of its own.

A worker that dies takes all its jobs with it, and nobody can tell which of them did it. A job that was there three
times in a row, with nothing committed between, therefore runs alone: if its process dies, it is poison; an innocent
job that only shared a worker with it is not.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog

from core.db import session as db
from core.db.base import uuid7
from core.db.session import DatabaseUnavailable
from core.jobs import engine
from core.jobs.dispatching import end_poison
from core.jobs.service import announce_finished

log = structlog.get_logger(__name__)
PLACES: Final = 2
END_S: Final = 4.0


@dataclass(slots=True)
class Quarantine:
    """The processes in which this worker runs suspects."""

    lease_s: float
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PLACES))
    children: set[Process] = field(default_factory=set)
    _ending: bool = field(default=False, init=False)

    @property
    def has_room(self) -> bool:
        """Tell whether one more suspect can run."""
        return not self.places.locked()

    async def run(self, job_id: UUID) -> None:
        """Run the job in a process of its own until that ends; with all places taken, leave it for a later round."""
        if not self.has_room:
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
            status = await self._watch(child, job_id, worker_id)
        finally:
            self.children.discard(child)
        if status != 0 and not self._ending:
            log.error("job_died_alone", job_id=str(job_id), worker_id=str(worker_id), status=status)
            with suppress(DatabaseUnavailable):  # then the lease lapses and counts
                await self._end(job_id, worker_id)

    async def _watch(self, child: Process, job_id: UUID, worker_id: UUID) -> int:
        """Return how a child ends; one that still lives after it has lost its job hangs, and is killed.

        After a lease in which it had every chance to end by itself, that is: others need its place.
        """
        lost = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.lease_s):
                    return await child.wait()
            if lost:
                log.warning("suspect_hangs", job_id=str(job_id), worker_id=str(worker_id))
                with suppress(ProcessLookupError):  # it ended just now
                    child.kill()
            with suppress(DatabaseUnavailable):
                async with db.scope(db.SYSTEM) as session:
                    lost = await engine.has_lost(session, job_id, worker_id)

    async def _end(self, job_id: UUID, worker_id: UUID) -> None:
        async with db.scope(db.SYSTEM) as session:
            ended = await end_poison(session, job_id, worker_id)
        await announce_finished([ended] if ended else [])

    async def end(self) -> None:
        """Let all give their jobs back, and kill what does not end by itself."""
        self._ending = True
        children = list(self.children)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for child in children:
                with suppress(ProcessLookupError):
                    child.send_signal(sign)
            with suppress(TimeoutError):
                async with asyncio.timeout(END_S):
                    await asyncio.gather(*(child.wait() for child in children))
                    return

"""Waiting for jobs to change: one listener per process, however many clients wait, no connection held for any."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from core import tasks
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs import service as jobs
from core.jobs.queue import CHANGED_CHANNEL, arq_redis
from core.redis.connection import REDIS_ERRORS
from core.settings import Settings, require

log = structlog.get_logger(__name__)
Found = TypeVar("Found")
POLL_S: Final = 1.0


class JobWatcher:
    """Wakes waiters when a job's version rises: told by Redis, and once a second by a look into Postgres."""

    def __init__(self, settings: Settings) -> None:
        self._redis = arq_redis(require(settings.redis_url, "REDIS_URL"))
        self._waiters: dict[UUID, set[asyncio.Event]] = {}
        self._seen: dict[UUID, int] = {}
        self._changes: dict[UUID, int] = {}
        self._reads: dict[tuple[Any, ...], asyncio.Task[Any]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start listening."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._poll())]

    async def stop(self) -> None:
        """Stop listening and wake all waiters."""
        await tasks.end(self._tasks)
        for job_id in list(self._waiters):
            self._wake(job_id)
        with suppress(*REDIS_ERRORS):
            await self._redis.aclose(close_connection_pool=True)

    @asynccontextmanager
    async def watch(self, job_id: UUID) -> AsyncIterator[asyncio.Event]:
        """Register interest in a job; the event is set on every change. Clear it before you look."""
        event = asyncio.Event()
        self._waiters.setdefault(job_id, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._waiters[job_id]
            waiting.discard(event)
            if not waiting:
                del self._waiters[job_id]
                self._seen.pop(job_id, None)
                self._changes.pop(job_id, None)

    async def read(self, job_id: UUID, name: str, look: Callable[[AsyncSession], Awaitable[Found]]) -> Found:
        """Return what `look` finds, asked once for all who want `name` of this job since its last change.

        Opened in the system scope: for callers who have read the job in their own scope before.
        """
        key = (job_id, name, self._changes.get(job_id, 0))
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = asyncio.create_task(self._look(look))
            task.add_done_callback(lambda _: self._reads.pop(key, None))
        found: Found = await asyncio.shield(task)
        return found

    @staticmethod
    async def _look(look: Callable[[AsyncSession], Awaitable[Found]]) -> Found:
        async with db.scope(db.SYSTEM) as session:
            return await look(session)

    def _wake(self, job_id: UUID) -> None:
        if job_id in self._waiters:
            self._changes[job_id] = self._changes.get(job_id, 0) + 1
        for event in self._waiters.get(job_id, ()):
            event.set()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANGED_CHANNEL)
                    while True:
                        message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=10)
                        if message is not None:
                            self._heard(message)
            except REDIS_ERRORS as error:
                log.warning("watcher_without_redis", error=str(error))
                await asyncio.sleep(POLL_S)

    def _heard(self, message: dict[str, Any]) -> None:
        for word in message["data"].decode().split():
            with suppress(ValueError):
                self._wake(UUID(word))

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            if not self._waiters:
                continue
            try:
                async with db.scope(db.SYSTEM) as session:
                    found = await jobs.versions(session, list(self._waiters))
            except DatabaseUnavailable:
                continue
            except Exception:
                log.exception("watcher_poll_failed")
                continue
            for job_id, version in found.items():
                if job_id in self._waiters and self._seen.get(job_id) != version:
                    self._seen[job_id] = version
                    self._wake(job_id)

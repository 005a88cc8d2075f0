"""Workers and their queues."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, not_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.admin import repository
from core.admin.schemas import QueueRead, RunningJob, WorkerRead
from core.jobs.models import WorkerProcess
from core.settings import POOLS


async def list_workers(
    session: AsyncSession,
    *,
    alive_s: float,
    limit: int,
    alive: bool | None = None,
    before: tuple[datetime, UUID] | None = None,
) -> list[WorkerRead]:
    """Return worker processes, those started last first; one that was silent for `alive_s` seconds is not alive."""
    started, heard = col(WorkerProcess.started_at), col(WorkerProcess.heartbeat_at)
    living = and_(col(WorkerProcess.stopped_at).is_(None), heard > func.clock_timestamp() - timedelta(seconds=alive_s))
    query = select(WorkerProcess, living.label("alive"))
    if alive is not None:
        query = query.where(living if alive else not_(living))
    if before is not None:
        query = query.where(tuple_(started, col(WorkerProcess.id)) < before)
    query = query.order_by(started.desc(), col(WorkerProcess.id).desc()).limit(limit)
    found = [(row.WorkerProcess, bool(row.alive)) for row in await session.execute(query)]
    running: dict[UUID, list[RunningJob]] = {}
    for row in await repository.list_running(session, [worker.id for worker, _ in found]):
        running.setdefault(row.worker_id, []).append(RunningJob.model_validate(row, from_attributes=True))
    return [WorkerRead.of(worker, living, running.get(worker.id, [])) for worker, living in found]


async def list_queues(session: AsyncSession, alive_s: float) -> list[QueueRead]:
    """Return the lines of all pools."""
    rows = await repository.list_queues(session, POOLS, alive_s)
    return [QueueRead.model_validate(row, from_attributes=True) for row in rows]

"""Jobs of all tenants: list, cancel, retry, one by one or all that failed in some way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.admin import repository
from core.admin.schemas import BulkRetried, BulkRetry
from core.audit import service as audit
from core.db import session as db
from core.db.paging import Before, newest_first
from core.errors import Conflict, NotFound
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.models import Job
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.jobs.shown import ShownStatus, shows


@dataclass(frozen=True, slots=True)
class WantedJobs:
    """Which jobs: None stands for any."""

    status: ShownStatus | None = None
    kind: str | None = None
    workspace_id: UUID | None = None
    created_by: UUID | None = None
    error_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_jobs(session: AsyncSession, wanted: WantedJobs, *, limit: int, before: Before = None) -> list[JobRead]:
    """Return jobs of all tenants, newest first; shards are listed under their parent only."""
    query = select(Job).where(col(Job.parent_id).is_(None))
    if wanted.status is not None:
        query = query.where(shows(wanted.status))
    if wanted.kind is not None:
        query = query.where(col(Job.kind) == wanted.kind)
    if wanted.workspace_id is not None:
        query = query.where(col(Job.workspace_id) == wanted.workspace_id)
    if wanted.created_by is not None:
        query = query.where(col(Job.created_by_id) == wanted.created_by)
    if wanted.error_code is not None:
        query = query.where(col(Job.error)["code"].astext == wanted.error_code)
    if wanted.since is not None:
        query = query.where(col(Job.created_at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(Job.created_at) < wanted.until)
    found = (await session.execute(newest_first(query, Job, limit=limit, before=before))).scalars()
    return await jobs.read_all(session, found.all())


async def cancel(session: AsyncSession, author: Author, job_id: UUID) -> bool:
    """Ask for a job's end; False when it is done already. Follow with `jobs.cascade_cancel` in a new transaction.

    Raises JobNotFound, ShardNotCancellable.
    """
    asked = await jobs.request_cancel(session, job_id)
    if asked:
        await _record(session, "job.cancelled", author, await jobs.get(session, job_id))
    return asked


async def retry(session: AsyncSession, author: Author, job_id: UUID, data: dict[str, Any] | None = None) -> None:
    """Queue a failed or cancelled job again.

    Raises JobNotFound, JobNotRetryable, ShardNotRetryable, and what is wrong with a job's exploration.
    """
    job = await jobs.retry(session, job_id)
    if job.workspace_id is not None and job.exploration_id is not None:  # nothing runs in a deleted exploration
        await explorations.get(session, job.workspace_id, job.exploration_id, hold=True)
    await _record(session, "job.retried", author, job, data)


async def retry_failed(author: Author, wanted: BulkRetry) -> BulkRetried:
    """Queue failed jobs again, the oldest first, each in a transaction of its own; one that cannot be is skipped."""
    async with db.scope(db.SYSTEM) as session:
        filters = wanted.model_dump(exclude={"limit"})
        found = await repository.list_failed(session, **filters, limit=wanted.limit + 1)
    retried = 0
    for job_id in found[: wanted.limit]:
        try:
            async with db.scope(db.SYSTEM) as session:
                await retry(session, author, job_id, {"bulk": True})
            retried += 1
        except (Conflict, NotFound):
            continue
    done = BulkRetried(retried=retried, skipped=min(len(found), wanted.limit) - retried, more=len(found) > wanted.limit)
    async with db.scope(db.SYSTEM) as session:
        data = wanted.model_dump(mode="json", exclude_none=True) | done.model_dump()
        await audit.record(session, "jobs.retried", actor_type=author.type, actor_id=author.id, data=data)
    return done


async def _record(
    session: AsyncSession, action: str, author: Author, job: Job, data: dict[str, Any] | None = None
) -> None:
    await audit.record(
        session,
        action,
        actor_type=author.type,
        actor_id=author.id,
        workspace_id=job.workspace_id,
        subject_type="job",
        subject_id=job.id,
        data={"kind": job.kind} | (data or {}),
    )

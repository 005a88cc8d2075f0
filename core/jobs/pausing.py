"""Pauses: what must not start until it is resumed.

A job of a paused kind or workspace stays where it is: `PAUSED` stands in the claim itself, so a pause holds from its
commit on. What runs goes on to its end, and so does a parent whose shards are done. Calls to a paused model are refused
by the workers' model clients, which look once a second; their jobs come back later and use up no attempt.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db import session as db
from core.db.base import table_of, uuid7
from core.db.paging import Before, newest_first
from core.jobs.errors import AlreadyPaused, PauseNotFound
from core.jobs.models import OPEN, Job, Pause
from core.jobs.queue import queue

PauseScope = Literal["kind", "workspace", "model"]
PAUSED: Final = """EXISTS (
        SELECT FROM pause WHERE job.children_total = 0 AND (
            (pause.scope = 'kind' AND pause.value = job.kind)
            OR (pause.scope = 'workspace' AND pause.value = job.workspace_id::text)))"""
"""A condition on a row of `job`: whether it is kept from starting."""
SUSPENDED: Final = "model_suspended"
"""The code of the error with which a job waits for a paused model."""
MOST_TOLD: Final = 500


async def create(
    session: AsyncSession, *, scope: PauseScope, value: str, reason: str, created_by_id: UUID | None
) -> Pause:
    """Pause something, and tell those who watch its jobs; raises AlreadyPaused. `reason` is shown to owners of jobs."""
    made = (
        insert(table_of(Pause))
        .values(id=uuid7(), scope=scope, value=value, reason=reason, created_by_id=created_by_id)
        .on_conflict_do_nothing(index_elements=["scope", "value"])
    )
    pause_id = (await session.execute(made.returning(table_of(Pause).c.id))).scalar_one_or_none()
    if pause_id is None:
        raise AlreadyPaused
    pause = await session.get_one(Pause, pause_id)
    await _tell(session, pause, message_of(pause.reason))
    return pause


async def has_jobs(session: AsyncSession, kind: str) -> bool:
    """Return whether there is a job of a kind, be it one of another release."""
    return (await session.execute(select(col(Job.id)).where(col(Job.kind) == kind).limit(1))).first() is not None


async def get(session: AsyncSession, pause_id: UUID) -> Pause:
    """Return a pause; raises PauseNotFound."""
    found = await session.get(Pause, pause_id)
    if found is None:
        raise PauseNotFound
    return found


async def list_pauses(session: AsyncSession, *, limit: int, before: Before = None) -> list[Pause]:
    """Return pauses, newest first."""
    return list((await session.execute(newest_first(select(Pause), Pause, limit=limit, before=before))).scalars())


_WAKE: Final = """
    WITH held AS (
        SELECT id FROM job WHERE status = 'retry_wait' AND error ->> 'code' = $1 ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE job SET next_attempt_at = clock_timestamp(), version = version + 1
    FROM held WHERE job.id = held.id AND job.status = 'retry_wait'
"""


async def delete(session: AsyncSession, pause_id: UUID) -> Pause:
    """Resume what was paused; its jobs are dispatched within a second or two. Raises PauseNotFound."""
    pause = await get(session, pause_id)
    gone = sql_delete(Pause).where(col(Pause.id) == pause_id).returning(col(Pause.id))
    if (await session.execute(gone)).one_or_none() is None:
        raise PauseNotFound
    if pause.scope == "model":
        await wake_suspended(session)
    else:
        await _tell(session, pause, None)
    return pause


_TELL = text("""
    WITH held AS (
        SELECT id FROM job
        WHERE parent_id IS NULL AND (
            (:scope = 'kind' AND kind = :value AND children_total = 0 AND status = ANY(:open))
            OR (:scope = 'workspace' AND workspace_id = CAST(:workspace_id AS uuid)
                AND (status = 'waiting' OR (children_total = 0 AND status = ANY(:open)))))
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    ), told AS (
        UPDATE job SET version = version + 1 FROM held WHERE job.id = held.id
        RETURNING job.id, workspace_id, version, progress_done, progress_total, progress_message
    ), written AS (
        INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
        SELECT id, version, workspace_id, 'progress', jsonb_build_object('done', progress_done, 'total', progress_total,
            'message', coalesce(CAST(:message AS text), progress_message)), clock_timestamp() FROM told
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM told
""")


async def _tell(session: AsyncSession, pause: Pause, message: str | None) -> None:
    """Tell the watchers of jobs that a pause holds, or held, what they show now; others see it when they read."""
    if pause.scope == "model":
        return
    values = {
        "scope": pause.scope,
        "value": pause.value,
        "workspace_id": pause.value if pause.scope == "workspace" else None,
        "open": list(OPEN),
        "limit": MOST_TOLD,
        "message": message,
    }
    told = list((await session.execute(_TELL, values)).scalars())
    db.after_commit(session, functools.partial(_changed, told))


async def _changed(job_ids: list[UUID]) -> None:
    await queue().tell_changed(job_ids)


def message_of(reason: str) -> str:
    """Say to a job's owner that it is paused."""
    return f"Paused by the administrators of the service: {reason}"


_HOLDING = text("SELECT scope, value, reason FROM pause WHERE scope <> 'model' ORDER BY scope, created_at")
_HELD_PARENTS = text(f"""
    SELECT DISTINCT ON (job.parent_id) job.parent_id, pause.reason FROM job
    JOIN pause ON (pause.scope = 'kind' AND pause.value = job.kind)
        OR (pause.scope = 'workspace' AND pause.value = job.workspace_id::text)
    WHERE job.parent_id = ANY(:ids) AND job.status IN {OPEN} AND NOT EXISTS (
        SELECT FROM job other WHERE other.parent_id = job.parent_id AND other.status = 'running')
    ORDER BY job.parent_id, pause.created_at
""")  # noqa: S608 - put together from constants


async def held(session: AsyncSession, found: Sequence[Job]) -> dict[UUID, str]:
    """Return what those jobs say that a pause keeps from starting, or whose shards it does."""
    open_ones = [job for job in found if job.status in OPEN and not job.children_total]
    waiting = [job.id for job in found if job.status == "waiting"]
    if not open_ones and not waiting:
        return {}
    pauses = (await session.execute(_HOLDING)).all()
    if not pauses:
        return {}
    reasons = {(row.scope, row.value): row.reason for row in pauses}
    said: dict[UUID, str] = {}
    for job in open_ones:
        reason = reasons.get(("kind", job.kind)) or reasons.get(("workspace", str(job.workspace_id)))
        if reason is not None:
            said[job.id] = message_of(reason)
    if waiting:
        parents = await session.execute(_HELD_PARENTS, {"ids": waiting})
        said |= {row.parent_id: message_of(row.reason) for row in parents}
    return said


async def wake_suspended(session: db.Opened) -> None:
    """Let the jobs that wait for a paused model look again now; those whose model is still paused wait on."""
    await db.driver_of(session).execute(_WAKE, SUSPENDED)


async def suspended_models(session: db.Opened) -> Mapping[str, str]:
    """Return the models that must not be asked, with the reason."""
    rows = await db.driver_of(session).fetch("SELECT value, reason FROM pause WHERE scope = 'model'")
    return {row["value"]: row["reason"] for row in rows}

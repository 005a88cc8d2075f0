"""Statements of the co-pilot: its sessions and messages, and counts of what explorations hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.jobs.service import Author
from core.omi.models import OmiMessage, OmiSession
from core.omi.stages import Holdings, Stage

# Counted here and not by their services: reports stand above the co-pilot, and one statement counts for many
# explorations at once. Each table is entered by its index on exploration_id.
_HELD: Final = text("""
    SELECT e.id, e.workspace_id, e.is_quantitative, e.is_qualitative, e.is_ended,
        (SELECT count(*) FROM research_objective o
            WHERE o.exploration_id = e.id AND o.deleted_at IS NULL) AS objectives,
        (SELECT count(*) FROM research_objective o
            WHERE o.exploration_id = e.id AND o.deleted_at IS NULL AND o.status = 'validated') AS validated_objectives,
        (SELECT count(*) FROM evidence v WHERE v.exploration_id = e.id AND v.status = 'ready') AS evidence,
        (SELECT count(*) FROM persona p WHERE p.exploration_id = e.id AND p.deleted_at IS NULL) AS personas,
        (SELECT count(*) FROM questionnaire q WHERE q.exploration_id = e.id AND q.deleted_at IS NULL) AS questionnaires,
        (SELECT count(*) FROM simulation s JOIN job j ON j.id = s.job_id
            WHERE s.exploration_id = e.id AND j.status = 'succeeded') AS finished_simulations,
        (SELECT count(*) FROM report r JOIN job j ON j.id = r.job_id
            WHERE r.exploration_id = e.id AND r.deleted_at IS NULL AND j.status = 'succeeded') AS finished_reports
    FROM exploration e WHERE e.id = ANY(:ids) AND e.deleted_at IS NULL
""")


async def list_holdings(session: AsyncSession, exploration_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, Holdings]]:
    """Return the workspace and the holdings of each exploration that is not deleted, in one statement."""
    if not exploration_ids:
        return {}
    rows = (await session.execute(_HELD, {"ids": list(exploration_ids)})).mappings()
    return {row["id"]: (row["workspace_id"], Holdings.model_validate(dict(row))) for row in rows}


_WHERE_IS: Final = text("SELECT workspace_id FROM exploration WHERE id = :id AND deleted_at IS NULL")


async def find_workspace(session: AsyncSession, exploration_id: UUID) -> UUID | None:
    """Return the workspace of an exploration, as far as the session's scope shows it."""
    found: UUID | None = (await session.execute(_WHERE_IS, {"id": exploration_id})).scalar_one_or_none()
    return found


async def find_session(session: AsyncSession, session_id: UUID, author: Author, *, lock: bool = False) -> Any:
    """Return an author's own session in an exploration that is not deleted, None for any other."""
    query = select(OmiSession).where(
        col(OmiSession.id) == session_id,
        col(OmiSession.created_by_type) == author.type,
        col(OmiSession.created_by_id) == author.id,
    )
    found = (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if found is None or await find_workspace(session, found.exploration_id) is None:
        return None
    return found


async def list_sessions(
    session: AsyncSession,
    author: Author,
    exploration_id: UUID | None,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[OmiSession]:
    """Return an author's sessions in the session's scope, of one exploration where one is given, newest first."""
    query = select(OmiSession).where(
        col(OmiSession.created_by_type) == author.type, col(OmiSession.created_by_id) == author.id
    )
    if exploration_id is not None:
        query = query.where(col(OmiSession.exploration_id) == exploration_id)
    else:
        alive = text(
            "EXISTS (SELECT FROM exploration e WHERE e.id = omi_session.exploration_id AND deleted_at IS NULL)"
        )
        query = query.where(alive)
    query = newest_first(query, OmiSession, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def list_messages(session: AsyncSession, session_id: UUID, *, limit: int, after: int) -> list[OmiMessage]:
    """Return messages of a session by number, those after `after`."""
    query = (
        select(OmiMessage)
        .where(col(OmiMessage.session_id) == session_id, col(OmiMessage.number) > after)
        .order_by(col(OmiMessage.number))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def list_messages_before(session: AsyncSession, session_id: UUID, number: int, limit: int) -> list[OmiMessage]:
    """Return the last messages before a number, oldest first."""
    query = (
        select(OmiMessage)
        .where(col(OmiMessage.session_id) == session_id, col(OmiMessage.number) < number)
        .order_by(col(OmiMessage.number).desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())[::-1]


async def list_talked_about(session: AsyncSession, exploration_ids: Sequence[UUID]) -> set[UUID]:
    """Return those explorations that there are sessions about."""
    if not exploration_ids:
        return set()
    query = select(col(OmiSession.exploration_id)).where(col(OmiSession.exploration_id).in_(exploration_ids)).distinct()
    return set((await session.execute(query)).scalars())


_FORGET_JOBS: Final = text("""
    DELETE FROM job WHERE kind = :kind AND subject_id IN
        (SELECT id FROM omi_session WHERE created_by_type = 'user' AND created_by_id = :user_id)
""")
_FORGET: Final = text("DELETE FROM omi_session WHERE created_by_type = 'user' AND created_by_id = :user_id")


async def delete_all_of(session: AsyncSession, user_id: UUID, chat_kind: str) -> None:
    """Delete a user's sessions and the jobs that answered in them, which hold what was said."""
    await session.execute(_FORGET_JOBS, {"user_id": user_id, "kind": chat_kind})
    await session.execute(_FORGET, {"user_id": user_id})


_KEEP_FIRST: Final = text("""
    INSERT INTO omi_stage (exploration_id, workspace_id, stage, number, changed_at)
    VALUES (:exploration_id, :workspace_id, :stage, 1, clock_timestamp()) ON CONFLICT (exploration_id) DO NOTHING
""")


async def keep_first_stage(session: AsyncSession, exploration_id: UUID, workspace_id: UUID, stage: Stage) -> None:
    """Keep an exploration's stage where none is kept yet, so that the next change is told as one."""
    values = {"exploration_id": exploration_id, "workspace_id": workspace_id, "stage": stage}
    await session.execute(_KEEP_FIRST, values)


_SAY_ALL: Final = text("""
    WITH held AS (
        SELECT id FROM omi_session WHERE exploration_id = :exploration_id AND last_number < :most
            AND (CAST(:author_id AS uuid) IS NULL OR created_by_id = :author_id)
        ORDER BY id FOR UPDATE
    ), spoken AS (
        UPDATE omi_session SET last_number = last_number + 1, state = :state, updated_at = clock_timestamp()
        FROM held WHERE omi_session.id = held.id
        RETURNING omi_session.id, workspace_id, last_number
    )
    INSERT INTO omi_message (id, workspace_id, session_id, number, role, type, omi_state, content, data, job_id)
    SELECT gen_random_uuid(), workspace_id, id, last_number, 'omi', :type, :state, :content, CAST(:data AS jsonb),
        :job_id
    FROM spoken
""")


async def say_in_all(session: AsyncSession, exploration_id: UUID, message: dict[str, Any], *, most: int) -> None:
    """Write one message to the sessions of an exploration: all, or those of `author_id`.

    `message` has the keys type, state, content, data (JSON text), job_id, author_id.
    """
    await session.execute(_SAY_ALL, message | {"exploration_id": exploration_id, "most": most})

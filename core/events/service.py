"""Record events, each with the change that it tells of; hand each out once to those it is told to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.session import Opened, driver_of

_INSERT = """
    INSERT INTO event (workspace_id, exploration_id, type, subject_type, subject_id, job_id, data)
    SELECT workspace_id, exploration_id, type, subject_type, subject_id, job_id, data
    FROM jsonb_to_recordset($1::jsonb) AS e(workspace_id uuid, exploration_id uuid, type text, subject_type text,
        subject_id uuid, job_id uuid, data jsonb)
"""


async def record(
    session: AsyncSession,
    *,
    type: str,  # noqa: A002 - the field's name in the contract
    workspace_id: UUID,
    exploration_id: UUID | None = None,
    subject_type: str | None = None,
    subject_id: UUID | None = None,
    job_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one event in the caller's transaction."""
    await record_all(
        session,
        [
            {
                "type": type,
                "workspace_id": workspace_id,
                "exploration_id": exploration_id,
                "subject_type": subject_type,
                "subject_id": subject_id,
                "job_id": job_id,
                "data": dict(data or {}),
            }
        ],
    )


async def record_all(session: Opened, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write events, each with all members of `record`, in the caller's transaction."""
    if rows:
        await driver_of(session).execute(_INSERT, json.dumps(rows, default=str))


_WAITING = text("SELECT EXISTS (SELECT FROM event WHERE fanned_out_at IS NULL)")
_TAKE = text("""
    WITH waiting AS (
        SELECT id FROM event WHERE fanned_out_at IS NULL ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE event SET fanned_out_at = clock_timestamp() FROM waiting WHERE event.id = waiting.id
    RETURNING event.id, type, workspace_id, exploration_id, subject_type, subject_id, job_id, data, created_at
""")


@dataclass(frozen=True, slots=True)
class Told:
    """An event to hand out."""

    id: int
    type: str
    workspace_id: UUID
    exploration_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    job_id: UUID | None
    data: Mapping[str, Any]
    created_at: datetime


async def any_waiting(session: AsyncSession) -> bool:
    """Tell whether there are events to hand out; opened in the system scope."""
    return bool((await session.execute(_WAITING)).scalar_one())


async def take(session: AsyncSession, limit: int) -> list[Told]:
    """Return events that were not handed out yet, oldest first, and mark them, in the caller's transaction.

    What is made of them is written in the same transaction: so each event is handed out once. A mark on each row, not
    a place in the order of ids: those are given out before the commit, and a later id may be committed first.
    """
    rows = await session.execute(_TAKE, {"limit": limit})
    return sorted((Told(**row) for row in rows.mappings()), key=lambda told: told.id)

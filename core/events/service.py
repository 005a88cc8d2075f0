"""Record events; each row is committed with the change that it tells of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import table_of
from core.events.models import Event

_INSERT = insert(table_of(Event))


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


async def record_all(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write events, each with all members of `record`, in the caller's transaction."""
    if rows:
        await session.execute(_INSERT, [dict(row) for row in rows])

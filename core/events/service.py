"""Record events; each row is committed with the change that it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

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

"""Record events; each row is committed with the change that it tells of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.events.models import Event


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
    await session.execute(
        insert(Event).values(
            type=type,
            workspace_id=workspace_id,
            exploration_id=exploration_id,
            subject_type=subject_type,
            subject_id=subject_id,
            job_id=job_id,
            data=dict(data or {}),
        )
    )

"""What members do that must stay on record, in the audit log of their workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import service as audit
from core.workspaces.access import Member


async def record_deleted(
    session: AsyncSession, member: Member, subject_type: str, subject_id: UUID, data: Mapping[str, Any]
) -> None:
    """Record that a member deleted a thing, in the same transaction; `data` says what it was called or part of."""
    await audit.record(
        session,
        f"{subject_type}.deleted",
        actor_type=member.author.type,
        actor_id=member.author.id,
        workspace_id=member.workspace_id,
        subject_type=subject_type,
        subject_id=subject_id,
        data=data,
    )

"""Tells of changes to personas, as events."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from core.events import service as events
from core.personas.models import Persona


async def tell(session: AsyncSession, rows: Sequence[Persona], what: str) -> None:
    """Record one event for each of these personas."""
    told = [
        {
            "type": what,
            "workspace_id": row.workspace_id,
            "exploration_id": row.exploration_id,
            "subject_type": "persona",
            "subject_id": row.id,
            "job_id": None,
            "data": {"version": row.version},
        }
        for row in rows
    ]
    await events.record_all(session, told)

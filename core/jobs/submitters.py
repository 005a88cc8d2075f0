"""Which users submitted jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_USERS = text("SELECT id, created_by_id FROM job WHERE id = ANY(:ids) AND created_by_type = 'user' ORDER BY id")


async def users_of(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return the users who submitted jobs, each with theirs; what API keys and the service submitted is left out."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(_USERS, {"ids": list(job_ids)}):
        found[row.created_by_id].append(row.id)
    return dict(found)

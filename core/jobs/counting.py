"""How many jobs there are, in the status that callers see."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.jobs.models import ACTIVE, OPEN, Job
from core.jobs.shown import SHOWN, ShownStatus


async def by_status(session: AsyncSession, job_ids: Select[Any]) -> dict[ShownStatus, int]:
    """Return how many of the jobs that a query names have each status; shards are no jobs of their own."""
    is_parent = col(Job.children_total) > 0
    query = select(col(Job.status), is_parent, func.count()).where(col(Job.id).in_(job_ids))
    counted: Counter[ShownStatus] = Counter()
    for status, parent, count in await session.execute(query.group_by(col(Job.status), is_parent)):
        counted["running" if parent and status in OPEN else SHOWN[status]] += count
    return dict(counted)


async def count_active(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many jobs of an exploration have not ended; shards are counted with their parent."""
    query = select(func.count()).where(
        col(Job.workspace_id) == workspace_id,
        col(Job.exploration_id) == exploration_id,
        col(Job.parent_id).is_(None),
        col(Job.status).in_(ACTIVE),
    )
    return int((await session.execute(query)).scalar_one())

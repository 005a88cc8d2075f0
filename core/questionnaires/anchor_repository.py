"""Queries of anchor sets; used by `anchor_sets.py` only."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.questionnaires.errors import AnchorSetNotFound
from core.questionnaires.models import AnchorSet


async def get_by_id(session: AsyncSession, workspace_id: UUID, anchor_set_id: UUID, *, lock: bool = False) -> AnchorSet:
    """Return an anchor set that is not deleted; raises AnchorSetNotFound."""
    query = select(AnchorSet).where(
        col(AnchorSet.id) == anchor_set_id,
        col(AnchorSet.workspace_id) == workspace_id,
        col(AnchorSet.deleted_at).is_(None),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise AnchorSetNotFound
    return found


async def list_by_ids(session: AsyncSession, workspace_id: UUID, ids: Collection[UUID]) -> list[AnchorSet]:
    """Return those of some anchor sets that are there and not deleted."""
    query = select(AnchorSet).where(
        col(AnchorSet.workspace_id) == workspace_id,
        col(AnchorSet.id).in_(list(ids)),
        col(AnchorSet.deleted_at).is_(None),
    )
    return list((await session.execute(query)).scalars())


async def list_for_workspace(
    session: AsyncSession, workspace_id: UUID, limit: int, before: tuple[datetime, UUID] | None
) -> list[AnchorSet]:
    """Return a workspace's anchor sets, newest first."""
    query = select(AnchorSet).where(col(AnchorSet.workspace_id) == workspace_id, col(AnchorSet.deleted_at).is_(None))
    query = newest_first(query, AnchorSet, limit=limit, before=before)
    return list((await session.execute(query)).scalars())

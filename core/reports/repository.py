"""Statements on reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.reports.models import Report


async def find_report(
    session: AsyncSession, workspace_id: UUID, report_id: UUID, exploration_id: UUID | None = None
) -> Report | None:
    """Return a report that is not deleted, of the exploration where one is given."""
    query = select(Report).where(
        col(Report.id) == report_id, col(Report.workspace_id) == workspace_id, col(Report.deleted_at).is_(None)
    )
    if exploration_id is not None:
        query = query.where(col(Report.exploration_id) == exploration_id)
    return (await session.execute(query)).scalar_one_or_none()


async def list_for_exploration(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, limit: int, before: tuple[datetime, UUID] | None
) -> list[Report]:
    """Return an exploration's reports, newest first."""
    query = select(Report).where(
        col(Report.workspace_id) == workspace_id,
        col(Report.exploration_id) == exploration_id,
        col(Report.deleted_at).is_(None),
    )
    query = newest_first(query, Report, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


def job_ids_of(workspace_id: UUID, exploration_id: UUID) -> Select[UUID | None]:
    """Select the ids of the jobs of an exploration's reports."""
    return select(col(Report.job_id)).where(
        col(Report.workspace_id) == workspace_id,
        col(Report.exploration_id) == exploration_id,
        col(Report.deleted_at).is_(None),
    )

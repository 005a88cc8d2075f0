"""Queries of research objectives; used by the service only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.explorations.models import Exploration
from core.objectives.errors import ObjectiveNotFound
from core.objectives.models import ResearchObjective, ResearchObjectiveAnalysis


def _present(workspace_id: UUID) -> Select[ResearchObjective]:
    """Select objectives that are not deleted, of explorations that are not."""
    return (
        select(ResearchObjective)
        .join(Exploration, col(Exploration.id) == col(ResearchObjective.exploration_id))
        .where(
            col(ResearchObjective.workspace_id) == workspace_id,
            col(ResearchObjective.deleted_at).is_(None),
            col(Exploration.deleted_at).is_(None),
        )
    )


async def get_by_id(
    session: AsyncSession, workspace_id: UUID, objective_id: UUID, *, lock: bool = False
) -> ResearchObjective:
    """Return an objective; `lock` holds it until the transaction ends. Raises ObjectiveNotFound."""
    query = _present(workspace_id).where(col(ResearchObjective.id) == objective_id)
    if lock:
        query = query.with_for_update(of=ResearchObjective).execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise ObjectiveNotFound
    return found


async def list_for_workspace(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    exploration_id: UUID | None,
    status: str | None,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[ResearchObjective]:
    """Return a workspace's objectives, newest first; of one exploration, of one status."""
    query = _present(workspace_id)
    if exploration_id is not None:
        query = query.where(col(ResearchObjective.exploration_id) == exploration_id)
    if status is not None:
        query = query.where(col(ResearchObjective.status) == status)
    query = newest_first(query, ResearchObjective, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def count_by_status(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[str, int]:
    """Return how many objectives of an exploration have each status."""
    query = (
        select(col(ResearchObjective.status), func.count())
        .where(
            col(ResearchObjective.workspace_id) == workspace_id,
            col(ResearchObjective.exploration_id) == exploration_id,
            col(ResearchObjective.deleted_at).is_(None),
        )
        .group_by(col(ResearchObjective.status))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_analyses(
    session: AsyncSession, objective_id: UUID, *, limit: int, below: int
) -> list[ResearchObjectiveAnalysis]:
    """Return an objective's analyses, newest first, those numbered below `below`."""
    query = (
        select(ResearchObjectiveAnalysis)
        .where(
            col(ResearchObjectiveAnalysis.research_objective_id) == objective_id,
            col(ResearchObjectiveAnalysis.number) < below,
        )
        .order_by(col(ResearchObjectiveAnalysis.number).desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def get_analysis(session: AsyncSession, analysis_id: UUID | None) -> ResearchObjectiveAnalysis | None:
    """Return an analysis, None without one."""
    if analysis_id is None:
        return None
    return await session.get(ResearchObjectiveAnalysis, analysis_id)

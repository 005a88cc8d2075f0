"""Queries of population plans; used by the service only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.population.errors import PlanNotFound
from core.population.models import PopulationPlan


async def get_by_id(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, plan_id: UUID) -> PopulationPlan:
    """Return a plan of an exploration; raises PlanNotFound."""
    query = select(PopulationPlan).where(
        col(PopulationPlan.id) == plan_id,
        col(PopulationPlan.workspace_id) == workspace_id,
        col(PopulationPlan.exploration_id) == exploration_id,
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise PlanNotFound
    return found


async def list_for_exploration(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[PopulationPlan]:
    """Return an exploration's plans, newest first."""
    query = select(PopulationPlan).where(
        col(PopulationPlan.workspace_id) == workspace_id, col(PopulationPlan.exploration_id) == exploration_id
    )
    query = newest_first(query, PopulationPlan, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def count_for_exploration(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many plans an exploration has."""
    query = select(func.count()).where(
        col(PopulationPlan.workspace_id) == workspace_id,
        col(PopulationPlan.exploration_id) == exploration_id,
    )
    return int((await session.execute(query)).scalar_one())

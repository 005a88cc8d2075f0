"""What can be done with population plans.

gather, compute, save   a plan, in three parts: computing takes its time, and no transaction is open meanwhile
get          one plan, for callers and for simulations
list_for     an exploration's plans
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.events import service as events
from core.explorations import service as explorations
from core.personas import service as personas
from core.personas.schemas import PersonaSnapshot
from core.population import repository
from core.population.models import PopulationPlan
from core.population.planning import compute_plan
from core.population.schemas import PlanCreate, PlanDocument, PlanRead


async def gather(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, body: PlanCreate
) -> list[PersonaSnapshot]:
    """Return the personas a plan is made of; raises ExplorationNotFound, ExplorationEnded, Invalid."""
    await explorations.require_open(session, workspace_id, exploration_id)
    return await personas.get_many(session, workspace_id, exploration_id, body.persona_ids)


async def compute(body: PlanCreate, chosen: list[PersonaSnapshot]) -> PlanDocument:
    """Compute a plan, in a thread; raises Invalid."""
    return await asyncio.to_thread(compute_plan, body, chosen)


async def save(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, plan: PlanDocument) -> PlanRead:
    """Store a plan; raises ExplorationNotFound, ExplorationEnded."""
    await explorations.require_open(session, workspace_id, exploration_id)
    row = PopulationPlan(workspace_id=workspace_id, exploration_id=exploration_id, plan=plan.model_dump(mode="json"))
    session.add(row)
    await session.flush()
    await events.record(
        session,
        type="population_plan.created",
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        subject_type="population_plan",
        subject_id=row.id,
        data={"n": plan.n},
    )
    await session.refresh(row)
    return PlanRead.of(row)


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, plan_id: UUID) -> PlanRead:
    """Return a plan; raises PlanNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    return PlanRead.of(await repository.get_by_id(session, workspace_id, exploration_id, plan_id))


async def count_for(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> int:
    """Return how many plans an exploration has."""
    return await repository.count_for_exploration(session, workspace_id, exploration_id)


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    exploration_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None = None,
) -> list[PlanRead]:
    """Return an exploration's plans, newest first; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    rows = await repository.list_for_exploration(session, workspace_id, exploration_id, limit=limit, before=before)
    return [PlanRead.of(row) for row in rows]

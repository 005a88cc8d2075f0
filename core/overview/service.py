"""Put an exploration's overview together, in the caller's one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.evidence import service as evidence
from core.explorations import service as explorations
from core.explorations.schemas import ExplorationRead
from core.jobs import counting
from core.jobs import service as jobs
from core.jobs.shown import ShownStatus
from core.objectives import service as objectives
from core.objectives.components import ObjectiveStatus
from core.overview.schemas import (
    Count,
    Latest,
    LatestObjective,
    LatestReport,
    LatestSimulation,
    ObjectiveCount,
    OverviewRead,
    PersonaCount,
    Under,
    WorkCount,
)
from core.personas import service as personas
from core.population import service as population
from core.questionnaires import service as questionnaires
from core.reports import service as reports
from core.surveys import service as surveys

MOST_JOBS: Final = 20


async def read(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> OverviewRead:
    """Return what an exploration holds now; raises ExplorationNotFound."""
    place = (workspace_id, exploration_id)
    exploration = ExplorationRead.model_validate(await explorations.get(session, *place))
    by_status = await objectives.count_by_status(session, *place)
    by_origin = await personas.count_by_origin(session, *place)
    return OverviewRead(
        exploration=exploration,
        research_objectives=ObjectiveCount(
            total=sum(by_status.values()),
            by_status={name: by_status.get(name, 0) for name in get_args(ObjectiveStatus)},
        ),
        evidence=Count(total=await evidence.count_for(session, *place)),
        personas=PersonaCount(
            total=sum(by_origin.values()), auto=by_origin.get("auto", 0), manual=by_origin.get("manual", 0)
        ),
        population_plans=Count(total=await population.count_for(session, *place)),
        questionnaires=Count(total=await questionnaires.count_for(session, *place)),
        simulations=_work(await surveys.count_by_status(session, *place)),
        reports=_work(await reports.count_by_status(session, *place)),
        active_jobs=await _active(session, *place),
        latest=await _latest(session, *place),
    )


def _work(counted: Mapping[ShownStatus, int]) -> WorkCount:
    by_status: dict[ShownStatus, int] = {name: counted.get(name, 0) for name in get_args(ShownStatus)}
    return WorkCount(total=sum(counted.values()), by_status=by_status)


async def _active(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> Under:
    found = await jobs.list_for(
        session, workspace_ids=[workspace_id], exploration_id=exploration_id, active=True, limit=MOST_JOBS
    )
    total = len(found)
    if total == MOST_JOBS:
        total = await counting.count_active(session, workspace_id, exploration_id)
    return Under(total=total, items=found)


async def _latest(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> Latest:
    objective = await objectives.current(session, workspace_id, exploration_id)
    run = await surveys.list_for(session, workspace_id, exploration_id, limit=1, before=None)
    built = await reports.list_for(session, workspace_id, exploration_id, limit=1, before=None)
    return Latest(
        research_objective=LatestObjective.model_validate(objective, from_attributes=True) if objective else None,
        simulation=LatestSimulation.model_validate(run[0], from_attributes=True) if run else None,
        report=LatestReport.model_validate(built[0], from_attributes=True) if built else None,
    )

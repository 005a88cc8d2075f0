"""Tables of a simulation's data, and its quality alarms."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import AuthenticatedRoute, CurrentMember
from api.selecting import Selecting
from core.db import session as db
from core.db.text import ShortText
from core.stats.column_letters import Adjustment
from core.surveys import alarms, tables
from core.surveys import service as surveys
from core.surveys.schemas import CrosstabRead, QualityRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.get("/{simulation_id}/crosstab", operation_id="get_simulation_crosstab")
async def get_crosstab(
    member: CurrentMember,
    exp: UUID,
    simulation_id: UUID,
    row: Annotated[ShortText, Query(description="`q:<question key>`, `a:<attribute>` or `persona`.")],
    col: Annotated[ShortText, Query(description="The same; its categories are the columns.")],
    selection: Selecting,
    alpha: Annotated[float, Query(gt=0, lt=1, description="Level of the letters' tests.")] = 0.05,
    adjustment: Annotated[Adjustment, Query(description="How p is adjusted for the pairs of columns.")] = "holm",
) -> CrosstabRead:
    """Cross two variables: percentages with intervals, letters of columns that differ, a corrected χ², Cramér's V."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        ground = await tables.read(session, simulation, row, col, selection, alpha=alpha, adjustment=adjustment)
    return await asyncio.to_thread(tables.table, ground)


@router.get("/{simulation_id}/quality", operation_id="get_simulation_quality")
async def get_quality(member: CurrentMember, exp: UUID, simulation_id: UUID) -> QualityRead:
    """Tell the quality alarms: variance, acquiescence, straight lines, order, refusals; each with what it means."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        return await alarms.read(session, simulation)

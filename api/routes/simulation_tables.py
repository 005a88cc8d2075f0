"""Tables of a simulation's data, and its quality alarms."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import decode_number, encode_number
from api.selecting import Selecting
from core.db import session as db
from core.db.text import ShortText
from core.stats.column_letters import Adjustment
from core.surveys import alarms, banners, tables
from core.surveys import service as surveys
from core.surveys.banner import Level
from core.surveys.banner_schemas import BannerRead
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


@router.get("/{simulation_id}/banner", operation_id="get_simulation_banner")
async def get_banner(
    member: CurrentMember,
    exp: UUID,
    simulation_id: UUID,
    cols: Annotated[
        list[ShortText],
        Query(
            min_length=1,
            max_length=banners.MOST_VARIABLES,
            description="The banner's variables: `q:<key>`, `a:<attribute>`, `persona`, `segment:<id>`.",
        ),
    ],
    selection: Selecting,
    rows: Annotated[
        list[ShortText],
        Query(max_length=banners.MOST_ROWS, description="`q:<key>` of the questions; all where none is named."),
    ] = [],  # noqa: B006 - FastAPI's way to say that there may be none
    alpha: Annotated[float, Query(gt=0, lt=1, description="Level of the letters' tests.")] = 0.05,
    adjustment: Annotated[Adjustment, Query(description="How p is adjusted for the pairs of columns.")] = "holm",
    limit: Annotated[int, Query(ge=1, le=50, description="Questions on a page.")] = 10,
    cursor: str | None = None,
) -> BannerRead:
    """Show questions against several variables at once, with letters within each; a page of questions at a time."""
    after = decode_number(cursor, default=0)
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        ground = await banners.read(session, simulation, cols, rows, selection, after=after, limit=limit + 1)
    more = encode_number(after + limit) if len(ground.questions) > limit else None
    page = replace(ground, questions=ground.questions[:limit])
    return (await asyncio.to_thread(banners.table, page, Level(alpha, adjustment))).model_copy(
        update={"next_cursor": more}
    )


@router.get("/{simulation_id}/quality", operation_id="get_simulation_quality")
async def get_quality(member: CurrentMember, exp: UUID, simulation_id: UUID) -> QualityRead:
    """Tell the quality alarms: variance, acquiescence, straight lines, order, refusals; each with what it means."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        return await alarms.read(session, simulation)

"""Themes of a simulation's open-ended answers."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.surveys import service as surveys
from core.themes import service as themes
from core.themes.schemas import CodingRead, CodingSummary, ThemesCreate

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations/{simulation_id}/themes",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=202, response_model=JobRead, operation_id="code_themes")
async def code_themes(
    member: CurrentMember, exp: UUID, simulation_id: UUID, body: ThemesCreate, submit: Submitting
) -> Response:
    """Code open-ended answers into themes; each code rests on words that stand in the answer."""
    return await submit(member, lambda session: themes.start(session, member, exp, simulation_id, body))


@router.get("", operation_id="list_theme_codings")
async def list_theme_codings(
    member: CurrentMember, exp: UUID, simulation_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[CodingSummary]:
    """List a simulation's codings without their themes, newest first."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        found = await themes.list_for(session, simulation, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, found)


@router.get("/{coding_id}", operation_id="get_theme_coding")
async def get_theme_coding(member: CurrentMember, exp: UUID, simulation_id: UUID, coding_id: UUID) -> CodingRead:
    """Read a coding: themes with counts, shares, intervals, personas and quotes."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        return await themes.read(session, simulation, await themes.get(session, simulation, coding_id))

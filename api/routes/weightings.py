"""Weightings of a simulation: targets its respondents are weighted to where a request names them."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.surveys import service as surveys
from core.surveys import weightings
from core.surveys.weightings import WeightingCreate, WeightingRead, WeightingSummary

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations/{simulation_id}/weightings",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=201, operation_id="create_weighting")
async def create_weighting(
    member: CurrentMember, exp: UUID, simulation_id: UUID, body: WeightingCreate, response: Response
) -> WeightingRead:
    """Save targets to weigh the respondents to, and tell what that does; their own weights stay as they are."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        made = await weightings.create(session, member, simulation, body)
    at = f"/workspaces/{member.workspace_id}/explorations/{exp}/simulations/{simulation_id}/weightings/{made.id}"
    response.headers["Location"] = at
    return made


@router.get("", operation_id="list_weightings")
async def list_weightings(
    member: CurrentMember, exp: UUID, simulation_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[WeightingSummary]:
    """List a simulation's weightings, newest first."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        found = await weightings.list_for(session, simulation, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [WeightingSummary.model_validate(one) for one in found])


@router.get("/{weighting_id}", operation_id="get_weighting")
async def get_weighting(member: CurrentMember, exp: UUID, simulation_id: UUID, weighting_id: UUID) -> WeightingRead:
    """Read a weighting, and what it does to the respondents there are now."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        return await weightings.get(session, simulation, weighting_id)


@router.delete("/{weighting_id}", status_code=204, operation_id="delete_weighting")
async def delete_weighting(member: CurrentMember, exp: UUID, simulation_id: UUID, weighting_id: UUID) -> None:
    """Delete a weighting."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        await weightings.delete(session, member, simulation, weighting_id)

"""Population plans: compute, read, list."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.population import service as population
from core.population.schemas import PlanCreate, PlanRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/population",
    tags=["population"],
    route_class=AuthenticatedRoute,
)


@router.post("/plan", status_code=201, operation_id="create_population_plan")
async def create_plan(member: CurrentMember, exp: UUID, body: PlanCreate, response: Response) -> PlanRead:
    """Compute how many respondents are needed, whom they stand for and which persona plays them."""
    async with db.scope([member.workspace_id]) as session:
        chosen = await population.gather(session, member.workspace_id, exp, body)
    plan = await population.compute(body, chosen)
    async with db.scope([member.workspace_id]) as session:
        made = await population.save(session, member.workspace_id, exp, plan)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/population/plans/{made.id}"
    return made


@router.get("/plans", operation_id="list_population_plans")
async def list_plans(member: CurrentMember, exp: UUID, limit: Limit = 50, cursor: str | None = None) -> Page[PlanRead]:
    """List an exploration's plans, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await population.list_for(
            session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor)
        )
    return page(found, limit, found)


@router.get("/plans/{plan_id}", operation_id="get_population_plan")
async def get_plan(member: CurrentMember, exp: UUID, plan_id: UUID) -> PlanRead:
    """Read a plan."""
    async with db.scope([member.workspace_id]) as session:
        return await population.get(session, member.workspace_id, exp, plan_id)

"""Research objectives: written, read, listed, changed, deleted."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.objectives import service as objectives
from core.objectives.components import ObjectiveStatus
from core.objectives.schemas import ObjectiveCreate, ObjectiveRead, ObjectiveUpdate

router = APIRouter(
    prefix="/workspaces/{ws}/research-objectives", tags=["research objectives"], route_class=AuthenticatedRoute
)


@router.post("", status_code=201, operation_id="create_research_objective")
async def create_research_objective(member: CurrentMember, body: ObjectiveCreate, response: Response) -> ObjectiveRead:
    """Write down what a study is to find out, as a draft; without text, it takes the exploration's brief."""
    async with db.scope([member.workspace_id]) as session:
        made = await objectives.create(session, member, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/research-objectives/{made.id}"
    return made


@router.get("", operation_id="list_research_objectives")
async def list_research_objectives(
    member: CurrentMember,
    exploration_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[ObjectiveStatus | None, Query()] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ObjectiveRead]:
    """List a workspace's research objectives, newest first; of one exploration, of one status."""
    async with db.scope([member.workspace_id]) as session:
        found = await objectives.list_for(
            session,
            member.workspace_id,
            exploration_id=exploration_id,
            status=status,
            limit=limit + 1,
            before=decode_cursor(cursor),
        )
    return page(found, limit, found)


@router.get("/{objective_id}", operation_id="get_research_objective")
async def get_research_objective(member: CurrentMember, objective_id: UUID) -> ObjectiveRead:
    """Read a research objective as it stands: components with their quotes, score, open questions."""
    async with db.scope([member.workspace_id]) as session:
        return await objectives.get(session, member.workspace_id, objective_id)


@router.patch("/{objective_id}", operation_id="update_research_objective")
async def update_research_objective(member: CurrentMember, objective_id: UUID, body: ObjectiveUpdate) -> ObjectiveRead:
    """Change the text, which makes a draft of it, or set components by hand (null gives one back to the analysis)."""
    async with db.scope([member.workspace_id]) as session:
        return await objectives.update(session, member, objective_id, body)


@router.delete("/{objective_id}", status_code=204, operation_id="delete_research_objective")
async def delete_research_objective(member: CurrentMember, objective_id: UUID) -> None:
    """Delete a research objective; its analyses are kept."""
    async with db.scope([member.workspace_id]) as session:
        await objectives.delete(session, member, objective_id)

"""Anchor sets of a workspace: create, read, list, change, delete."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.questionnaires import anchor_sets
from core.questionnaires.anchor_schemas import AnchorSetCreate, AnchorSetRead, AnchorSetUpdate

router = APIRouter(prefix="/workspaces/{ws}/anchor-sets", tags=["anchor sets"], route_class=AuthenticatedRoute)


@router.post("", status_code=201, operation_id="create_anchor_set")
async def create_anchor_set(member: CurrentMember, body: AnchorSetCreate, response: Response) -> AnchorSetRead:
    """Create an anchor set: sentences that stand for the points of a scale, one to twenty sets of them."""
    async with db.scope([member.workspace_id]) as session:
        made = await anchor_sets.create(session, member.workspace_id, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/anchor-sets/{made.id}"
    return AnchorSetRead.model_validate(made)


@router.get("", operation_id="list_anchor_sets")
async def list_anchor_sets(member: CurrentMember, limit: Limit = 50, cursor: str | None = None) -> Page[AnchorSetRead]:
    """List the workspace's anchor sets, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await anchor_sets.list_for(session, member.workspace_id, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [AnchorSetRead.model_validate(one) for one in found])


@router.get("/{anchor_set_id}", operation_id="get_anchor_set")
async def get_anchor_set(member: CurrentMember, anchor_set_id: UUID) -> AnchorSetRead:
    """Read an anchor set."""
    async with db.scope([member.workspace_id]) as session:
        return AnchorSetRead.model_validate(await anchor_sets.get(session, member.workspace_id, anchor_set_id))


@router.patch("/{anchor_set_id}", operation_id="update_anchor_set")
async def update_anchor_set(member: CurrentMember, anchor_set_id: UUID, body: AnchorSetUpdate) -> AnchorSetRead:
    """Change the name, the language or all sentences; simulations keep the sentences they ran on."""
    async with db.scope([member.workspace_id]) as session:
        return AnchorSetRead.model_validate(await anchor_sets.update(session, member.workspace_id, anchor_set_id, body))


@router.delete("/{anchor_set_id}", status_code=204, operation_id="delete_anchor_set")
async def delete_anchor_set(member: CurrentMember, anchor_set_id: UUID) -> None:
    """Delete an anchor set; simulations keep its sentences, questions that name it must name another."""
    async with db.scope([member.workspace_id]) as session:
        await anchor_sets.delete(session, member, anchor_set_id)

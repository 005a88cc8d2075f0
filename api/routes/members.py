"""Members of workspaces: list, change a role, take out, leave."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.deps import AuthenticatedRoute, CurrentAdmin, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.workspaces import members
from core.workspaces.schemas import MemberRead, MemberUpdate

router = APIRouter(prefix="/workspaces/{ws}/members", tags=["members"], route_class=AuthenticatedRoute)


@router.get("", operation_id="list_workspace_members")
async def list_members(member: CurrentMember, limit: Limit = 50, cursor: str | None = None) -> Page[MemberRead]:
    """List all who may enter the workspace, the newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await members.list_for(session, member.workspace_id, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [MemberRead.model_validate(row) for row in found])


@router.patch("/{user_id}", operation_id="update_workspace_member")
async def update_member(member: CurrentAdmin, user_id: UUID, body: MemberUpdate) -> MemberRead:
    """Give a member another role in the workspace (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return MemberRead.model_validate(await members.change_role(session, member, user_id, body.role))


@router.delete("/{user_id}", status_code=204, operation_id="remove_workspace_member")
async def remove_member(member: CurrentMember, user_id: UUID) -> None:
    """Take a member out of the workspace (admins), or leave it oneself."""
    async with db.scope([member.workspace_id]) as session:
        await members.remove(session, member, user_id)

"""Organizations: make, read, list, change, delete; their members, handing over, leaving."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentCaller, CurrentOrgAdmin, CurrentOrgMember, CurrentOrgOwner
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.orgs import members
from core.orgs import service as orgs
from core.orgs.schemas import (
    OrganizationCreate,
    OrganizationRead,
    OrganizationTransfer,
    OrganizationUpdate,
    OrgMemberRead,
    OrgMemberUpdate,
)
from core.workspaces import organizations

router = APIRouter(prefix="/orgs", tags=["organizations"], route_class=AuthenticatedRoute)


@router.post("", status_code=201, operation_id="create_organization")
async def create_organization(caller: CurrentCaller, body: OrganizationCreate, response: Response) -> OrganizationRead:
    """Make an organization; the caller is its owner."""
    async with db.scope(db.SYSTEM) as session:
        made = OrganizationRead.model_validate(await orgs.create(session, caller.user, body))
    response.headers["Location"] = f"/orgs/{made.id}"
    return made


@router.get("", operation_id="list_organizations")
async def list_organizations(
    caller: CurrentCaller, limit: Limit = 50, cursor: str | None = None
) -> Page[OrganizationRead]:
    """List the organizations one is in, newest first."""
    async with db.scope([]) as session:
        found = await orgs.list_for(session, caller.user.id, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [OrganizationRead.model_validate(row) for row in found])


@router.get("/{org}", operation_id="get_organization")
async def get_organization(member: CurrentOrgMember) -> OrganizationRead:
    """Read an organization."""
    async with db.scope([]) as session:
        return OrganizationRead.model_validate(await orgs.get(session, member))


@router.patch("/{org}", operation_id="update_organization")
async def update_organization(member: CurrentOrgAdmin, body: OrganizationUpdate) -> OrganizationRead:
    """Change an organization (owners and admins)."""
    async with db.scope(db.SYSTEM) as session:
        return OrganizationRead.model_validate(await orgs.update(session, member, body))


@router.delete("/{org}", status_code=204, operation_id="delete_organization")
async def delete_organization(member: CurrentOrgOwner) -> None:
    """Delete an organization (owners); refused while it has workspaces, and for a person's own one."""
    async with db.scope(db.SYSTEM) as session:
        await organizations.delete(session, member)


@router.get("/{org}/members", operation_id="list_organization_members")
async def list_members(member: CurrentOrgMember, limit: Limit = 50, cursor: str | None = None) -> Page[OrgMemberRead]:
    """List an organization's members, the newest first."""
    async with db.scope([]) as session:
        found = await members.list_for(session, member.organization_id, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [OrgMemberRead.model_validate(row) for row in found])


@router.patch("/{org}/members/{user_id}", operation_id="update_organization_member")
async def update_member(member: CurrentOrgAdmin, user_id: UUID, body: OrgMemberUpdate) -> OrgMemberRead:
    """Give a member another role (owners and admins); only an owner makes owners, or changes one."""
    async with db.scope(db.SYSTEM) as session:
        return OrgMemberRead.model_validate(await members.change_role(session, member, user_id, body.role))


@router.delete("/{org}/members/{user_id}", status_code=204, operation_id="remove_organization_member")
async def remove_member(member: CurrentOrgMember, user_id: UUID) -> None:
    """Take a member out of the organization and its workspaces (owners and admins; an owner: owners), or leave."""
    async with db.scope(db.SYSTEM) as session:
        await organizations.remove_member(session, member, user_id)


@router.post("/{org}/transfer", status_code=204, operation_id="transfer_organization")
async def transfer(member: CurrentOrgOwner, body: OrganizationTransfer) -> None:
    """Make another member owner in one's own place (owners); one stays as an admin."""
    async with db.scope(db.SYSTEM) as session:
        await members.transfer(session, member, body.user_id)


@router.post("/{org}/leave", status_code=204, operation_id="leave_organization")
async def leave(member: CurrentOrgMember) -> None:
    """Leave an organization and all its workspaces; the last owner stays."""
    async with db.scope(db.SYSTEM) as session:
        await organizations.remove_member(session, member, member.user_id)

"""Invitations to workspaces and organizations: invite, list, send again, revoke; accept with the mailed token."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.deps import AuthenticatedRoute, CurrentAdmin, CurrentOrgAdmin, OptionalCaller
from api.limiting import guard
from api.openapi import refusals
from api.pagination import Limit, Page, decode_cursor, page
from core.auth import accounts
from core.auth.errors import InvalidToken
from core.db import session as db
from core.errors import FieldError, Invalid
from core.invitations import accepting
from core.invitations import service as invitations
from core.invitations.accepting import NewAccount
from core.invitations.schemas import InvitationAccept, InvitationCreate, InvitationRead, InvitationShown, Joined
from core.invitations.service import Host
from core.workspaces.access import Member

router = APIRouter(tags=["invitations"], route_class=AuthenticatedRoute)
OF_WORKSPACE = "/workspaces/{ws}/invitations"
OF_ORGANIZATION = "/orgs/{org}/invitations"
Token = Annotated[str, Query(min_length=1, max_length=500)]


@router.post(OF_WORKSPACE, status_code=201, operation_id="invite_to_workspace")
async def invite_to_workspace(
    request: Request, member: CurrentAdmin, body: InvitationCreate, response: Response
) -> InvitationRead:
    """Invite an address into the workspace, by mail (admins); an open invitation of that address is replaced."""
    await guard(request, "invite", str(member.author.id))
    return await _invite(member, body, response)


@router.get(OF_WORKSPACE, operation_id="list_workspace_invitations")
async def list_of_workspace(member: CurrentAdmin, limit: Limit = 50, cursor: str | None = None) -> Page[InvitationRead]:
    """List the workspace's invitations, the newest first, whatever became of them (admins)."""
    return await _list(member, limit, cursor)


@router.get(OF_WORKSPACE + "/{invitation_id}", operation_id="get_workspace_invitation")
async def get_of_workspace(member: CurrentAdmin, invitation_id: UUID) -> InvitationRead:
    """Read an invitation (admins)."""
    return await _get(member, invitation_id)


@router.post(OF_WORKSPACE + "/{invitation_id}/resend", operation_id="resend_workspace_invitation")
async def resend_of_workspace(request: Request, member: CurrentAdmin, invitation_id: UUID) -> InvitationRead:
    """Send an invitation again with a new token, good for seven days; the old one is dead (admins)."""
    await guard(request, "invite", str(member.author.id))
    return await _resend(member, invitation_id)


@router.delete(OF_WORKSPACE + "/{invitation_id}", status_code=204, operation_id="revoke_workspace_invitation")
async def revoke_of_workspace(member: CurrentAdmin, invitation_id: UUID) -> None:
    """Withdraw an invitation that was not accepted (admins)."""
    await _revoke(member, invitation_id)


@router.post("/orgs/{org}/members", status_code=201, operation_id="invite_to_organization")
async def invite_to_organization(
    request: Request, member: CurrentOrgAdmin, body: InvitationCreate, response: Response
) -> InvitationRead:
    """Invite an address into the organization, by mail (owners and admins): it is in once that is accepted.

    Whether the address has an account makes no difference to the answer.
    """
    await guard(request, "invite", str(member.user_id))
    return await _invite(member, body, response)


@router.get(OF_ORGANIZATION, operation_id="list_organization_invitations")
async def list_of_organization(
    member: CurrentOrgAdmin, limit: Limit = 50, cursor: str | None = None
) -> Page[InvitationRead]:
    """List the organization's invitations, the newest first (owners and admins)."""
    return await _list(member, limit, cursor)


@router.get(OF_ORGANIZATION + "/{invitation_id}", operation_id="get_organization_invitation")
async def get_of_organization(member: CurrentOrgAdmin, invitation_id: UUID) -> InvitationRead:
    """Read an invitation (owners and admins)."""
    return await _get(member, invitation_id)


@router.post(OF_ORGANIZATION + "/{invitation_id}/resend", operation_id="resend_organization_invitation")
async def resend_of_organization(request: Request, member: CurrentOrgAdmin, invitation_id: UUID) -> InvitationRead:
    """Send an invitation again with a new token (owners and admins)."""
    await guard(request, "invite", str(member.user_id))
    return await _resend(member, invitation_id)


@router.delete(OF_ORGANIZATION + "/{invitation_id}", status_code=204, operation_id="revoke_organization_invitation")
async def revoke_of_organization(member: CurrentOrgAdmin, invitation_id: UUID) -> None:
    """Withdraw an invitation that was not accepted (owners and admins)."""
    await _revoke(member, invitation_id)


@router.get("/invitations/accept", operation_id="show_invitation", responses=refusals(404))
async def show(request: Request, token: Token) -> InvitationShown:
    """Read what an invitation is, with the token of its mail; nothing is used up."""
    await guard(request, "token")
    async with db.scope(db.SYSTEM) as session:
        return await accepting.show(session, token)


@router.post("/invitations/accept", operation_id="accept_invitation", responses=refusals(401, 403, 404, 409))
async def accept(request: Request, caller: OptionalCaller, body: InvitationAccept) -> Joined:
    """Accept an invitation, once: logged in with the address that was invited, or with no login and `full_name` and
    `password`, which make an account of that address. It needs no verification: the token was mailed there.
    """
    await guard(request, "invitation", str(caller.user.id) if caller else None)
    made = None if caller is not None else await _new_account(body)
    async with db.scope(db.SYSTEM) as session:
        if caller is not None:
            found = await accepting.accept(session, body.token, caller.user)
        else:
            assert made is not None
            found = await accepting.accept_as_new(session, body.token, made)
        return Joined.model_validate(found, from_attributes=True)


async def _new_account(body: InvitationAccept) -> NewAccount:
    if body.full_name is None and body.password is None:
        raise InvalidToken("Log in with the address that was invited, or send full_name and password.")
    if body.full_name is None or body.password is None:
        name = "full_name" if body.full_name is None else "password"
        raise Invalid([FieldError(("body", name), "is needed to make an account")])
    async with db.scope(db.SYSTEM) as session:
        email = await accepting.require_new_account(session, body.token)
    hashed = await accounts.hash_new(body.password, email=email, full_name=body.full_name, field="password")
    return NewAccount(body.full_name, hashed)


def _scope(host: Host) -> list[UUID] | db.System:
    return [host.workspace_id] if isinstance(host, Member) else db.SYSTEM


def _address(host: Host, invitation_id: UUID) -> str:
    place = OF_WORKSPACE if isinstance(host, Member) else OF_ORGANIZATION
    id_ = host.workspace_id if isinstance(host, Member) else host.organization_id
    return f"{place.format(ws=id_, org=id_)}/{invitation_id}"


async def _invite(host: Host, body: InvitationCreate, response: Response) -> InvitationRead:
    async with db.scope(_scope(host)) as session:
        made = InvitationRead.model_validate(await invitations.invite(session, host, body))
    response.headers["Location"] = _address(host, made.id)
    return made


async def _list(host: Host, limit: int, cursor: str | None) -> Page[InvitationRead]:
    async with db.scope(_scope(host)) as session:
        found = await invitations.list_for(session, host, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [InvitationRead.model_validate(row) for row in found])


async def _get(host: Host, invitation_id: UUID) -> InvitationRead:
    async with db.scope(_scope(host)) as session:
        return InvitationRead.model_validate(await invitations.get(session, host, invitation_id))


async def _resend(host: Host, invitation_id: UUID) -> InvitationRead:
    async with db.scope(_scope(host)) as session:
        return InvitationRead.model_validate(await invitations.resend(session, host, invitation_id))


async def _revoke(host: Host, invitation_id: UUID) -> None:
    async with db.scope(_scope(host)) as session:
        await invitations.revoke(session, host, invitation_id)

"""Operations on invitations to a workspace or an organization: invite, list, send again, revoke. See `accepting`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete as sql_delete
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.audit import service as audit
from core.auth import tokens
from core.auth.models import User
from core.db.paging import newest_first
from core.invitations.errors import AlreadyMember, InvitationAccepted, InvitationNotFound, InvitationRevoked
from core.invitations.models import Invitation
from core.invitations.schemas import InvitationCreate
from core.mail import content
from core.mail import service as mails
from core.orgs import members as org_members
from core.orgs.access import ADMINISTRATORS, OrgMember
from core.orgs.models import Organization
from core.workspaces import members as workspace_members
from core.workspaces.access import Member
from core.workspaces.models import Workspace
from core.workspaces.service import require_admin

VALID_FOR: Final = timedelta(days=7)
Host = Member | OrgMember
"""Who invites, and to where."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an invitation leads: exactly one of the ids is there."""

    workspace_id: UUID | None = None
    organization_id: UUID | None = None


async def invite(session: AsyncSession, host: Host, body: InvitationCreate) -> Invitation:
    """Invite an address, by mail; an open invitation of that address here is revoked, its role may be another.

    Raises AlreadyMember, WorkspaceRoleTooLow, OrganizationRoleTooLow.
    """
    await _require_may_invite(session, host)
    name = await _hold(session, host)
    if await _is_in(session, host, body.email):
        raise AlreadyMember
    query = _here(host).where(
        col(Invitation.email) == body.email,
        col(Invitation.accepted_at).is_(None),
        col(Invitation.revoked_at).is_(None),
    )
    for earlier in (await session.execute(query.with_for_update())).scalars():
        earlier.revoked_at = clock.now()
    await session.flush()
    token = tokens.new_refresh_token()
    place = _place(host)
    made = Invitation(
        workspace_id=place.workspace_id,
        organization_id=place.organization_id,
        email=body.email,
        role=body.role,
        token_hash=tokens.hashed(token),
        invited_by_id=_person(host),
        expires_at=clock.now() + VALID_FOR,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    await _send(session, host, made, name, token)
    await _record(session, "invitation.created", host, made)
    return made


async def get(session: AsyncSession, host: Host, invitation_id: UUID, *, lock: bool = False) -> Invitation:
    """Return an invitation to here; raises InvitationNotFound."""
    query = _here(host).where(col(Invitation.id) == invitation_id)
    locked = query.with_for_update() if lock else query
    found: Invitation | None = (await session.execute(locked)).scalar_one_or_none()
    if found is None:
        raise InvitationNotFound
    return found


async def list_for(
    session: AsyncSession, host: Host, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Invitation]:
    """Return the invitations to here, the newest first, whatever became of them."""
    query = newest_first(_here(host), Invitation, limit=limit, before=before)
    return (await session.execute(query)).scalars().all()


async def resend(session: AsyncSession, host: Host, invitation_id: UUID) -> Invitation:
    """Send an invitation again, with a new token and all its time; the old token is dead.

    Raises InvitationNotFound, InvitationAccepted, InvitationRevoked.
    """
    await _require_may_invite(session, host)
    name = await _hold(session, host)
    found = await get(session, host, invitation_id, lock=True)
    _require_open(found)
    token = tokens.new_refresh_token()
    found.token_hash, found.expires_at = tokens.hashed(token), clock.now() + VALID_FOR
    await session.flush()
    await _send(session, host, found, name, token)
    await _record(session, "invitation.resent", host, found)
    return found


async def revoke(session: AsyncSession, host: Host, invitation_id: UUID) -> None:
    """Withdraw an invitation; doing it twice is no error. Raises InvitationNotFound, InvitationAccepted."""
    await _require_may_invite(session, host)
    found = await get(session, host, invitation_id, lock=True)
    if found.accepted_at is not None:
        raise InvitationAccepted
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        await session.flush()
        await _record(session, "invitation.revoked", host, found)


async def forget(session: AsyncSession, email: str) -> None:
    """Delete all invitations of an address; opened in the system scope."""
    await session.execute(sql_delete(Invitation).where(col(Invitation.email) == email))


def _require_open(invitation: Invitation) -> None:
    if invitation.accepted_at is not None:
        raise InvitationAccepted
    if invitation.revoked_at is not None:
        raise InvitationRevoked


async def _require_may_invite(session: AsyncSession, host: Host) -> None:
    if isinstance(host, Member):
        require_admin(host)
    else:
        present = await org_members.enter(session, host.organization_id, host.user_id)
        org_members.require(present, ADMINISTRATORS)


def _place(host: Host) -> _Place:
    if isinstance(host, Member):
        return _Place(workspace_id=host.workspace_id)
    return _Place(organization_id=host.organization_id)


def _person(host: Host) -> UUID | None:
    return host.author.id if isinstance(host, Member) else host.user_id


def _here(host: Host) -> Any:
    place = _place(host)
    if place.workspace_id is not None:
        return select(Invitation).where(col(Invitation.workspace_id) == place.workspace_id)
    return select(Invitation).where(col(Invitation.organization_id) == place.organization_id)


async def _hold(session: AsyncSession, host: Host) -> str:
    """Return the name of where one invites to, its row held: invitations to it come one after the other."""
    query: Any
    if isinstance(host, Member):
        query = select(col(Workspace.name)).where(col(Workspace.id) == host.workspace_id)
    else:
        query = select(col(Organization.name)).where(col(Organization.id) == host.organization_id)
    return str((await session.execute(query.with_for_update(key_share=True))).scalar_one())


async def _is_in(session: AsyncSession, host: Host, email: str) -> bool:
    if isinstance(host, Member):
        return await workspace_members.may_enter(session, host.workspace_id, email)
    return await org_members.is_member(session, host.organization_id, email)


async def _send(session: AsyncSession, host: Host, invitation: Invitation, name: str, token: str) -> None:
    query = select(col(User.full_name)).where(col(User.id) == _person(host))
    inviter = (await session.execute(query)).scalar_one()
    said = content.Invitation(
        inviter=inviter,
        workspace_name=name,
        role=invitation.role,
        token=token,
        place="workspace" if invitation.workspace_id is not None else "organization",
    )
    await mails.send(
        session, said, to=invitation.email, workspace_id=invitation.workspace_id, expires_at=invitation.expires_at
    )


async def _record(session: AsyncSession, action: str, host: Host, invitation: Invitation) -> None:
    await audit.record(
        session,
        action,
        actor_type="user",
        actor_id=_person(host),
        workspace_id=invitation.workspace_id,
        organization_id=invitation.organization_id,
        subject_type="invitation",
        subject_id=invitation.id,
        data={"role": invitation.role},
    )

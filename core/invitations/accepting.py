"""Accept an invitation: with the account that was invited, or with a new one, which the mailed token verifies.

Opened in the system scope: who has a token is not in the workspace yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.audit import service as audit
from core.auth import sessions, tokens
from core.auth.models import User
from core.auth.service import Person
from core.invitations.errors import (
    InvitationAccepted,
    InvitationExpired,
    InvitationForAnother,
    InvitationNotFound,
    InvitationRevoked,
    InvitedAccountExists,
)
from core.invitations.models import Invitation
from core.invitations.schemas import InvitationShown
from core.orgs import members as org_members
from core.orgs.models import Organization
from core.workspaces import members as workspace_members
from core.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The account that accepts; the hash was made with no transaction open."""

    full_name: str
    password_hash: str


async def show(session: AsyncSession, token: str) -> InvitationShown:
    """Return what an invitation says; nothing is used up. Raises InvitationNotFound."""
    found = await _find(session, token)
    to: Any = Workspace if found.workspace_id is not None else Organization
    place = await session.get(to, found.workspace_id or found.organization_id)
    assert place is not None, "an invitation goes with where it leads"
    return InvitationShown.model_validate(
        {
            "to": "workspace" if found.workspace_id is not None else "organization",
            "name": place.name,
            "role": found.role,
            "email": found.email,
            "state": found.state,
            "expires_at": found.expires_at,
            "has_account": await _has_account(session, found.email),
        }
    )


async def require_new_account(session: AsyncSession, token: str) -> str:
    """Refuse a token that makes no account, before its password is hashed; return the address of the account to be.

    Raises InvitationNotFound, InvitationAccepted, InvitationRevoked, InvitationExpired, InvitedAccountExists.
    """
    found = await _find(session, token)
    _require_pending(found)
    if await _has_account(session, found.email):
        raise InvitedAccountExists
    return found.email


async def accept(session: AsyncSession, token: str, user: Person) -> Invitation:
    """Let the account that was invited in, once.

    Raises InvitationForAnother and what `require_new_account` raises but InvitedAccountExists.
    """
    found = await _find(session, token, lock=True)
    if found.email != user.email:
        raise InvitationForAnother
    _require_pending(found)
    return await _let_in(session, found, user.id)


async def accept_as_new(session: AsyncSession, token: str, account: NewAccount) -> Invitation:
    """Make a verified account of the invited address and let it in, once.

    An account of the address that was never verified is taken over by who can read its mail: name and password are
    replaced. Raises what `require_new_account` raises.
    """
    found = await _find(session, token, lock=True)
    _require_pending(found)
    values = {"full_name": account.full_name, "password_hash": account.password_hash, "is_verified": True}
    made = insert(User).values(email=found.email, is_active=True, is_superadmin=False, **values)
    made = made.on_conflict_do_update(
        index_elements=["email"],
        set_=values,
        where=~col(User.is_verified) & col(User.is_active) & ~col(User.is_superadmin),
    )
    user_id = (await session.execute(made.returning(col(User.id)))).scalar_one_or_none()
    if user_id is None:
        raise InvitedAccountExists
    await sessions.revoke_all(session, user_id)
    return await _let_in(session, found, user_id)


async def _find(session: AsyncSession, token: str, *, lock: bool = False) -> Invitation:
    query = select(Invitation).where(col(Invitation.token_hash) == tokens.hashed(token))
    query = query.execution_options(populate_existing=True)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is not None and lock:
        # Where it leads is held first, as whoever deletes that holds it first and its invitations then.
        hold = _HOLD_WORKSPACE if found.workspace_id is not None else _HOLD_ORGANIZATION
        await session.execute(hold, {"id": found.workspace_id or found.organization_id})
        found = (await session.execute(query.with_for_update())).scalar_one_or_none()
    if found is None:
        raise InvitationNotFound
    return found


_HOLD_WORKSPACE = text("SELECT FROM workspace WHERE id = :id FOR KEY SHARE")
_HOLD_ORGANIZATION = text("SELECT FROM organization WHERE id = :id FOR KEY SHARE")


async def _has_account(session: AsyncSession, email: str) -> bool:
    """Tell whether an address has an account to log in with; one that was never verified is none."""
    query = select(User).where(col(User.email) == email)
    found = (await session.execute(query)).scalar_one_or_none()
    return found is not None and (found.is_verified or not found.is_active or found.is_superadmin)


def _require_pending(invitation: Invitation) -> None:
    state = invitation.state
    if state == "accepted":
        raise InvitationAccepted
    if state == "revoked":
        raise InvitationRevoked
    if state == "expired":
        raise InvitationExpired


async def _let_in(session: AsyncSession, invitation: Invitation, user_id: UUID) -> Invitation:
    role: Any = invitation.role
    if invitation.workspace_id is not None:
        await workspace_members.add(session, invitation.workspace_id, user_id, role)
    else:
        assert invitation.organization_id is not None
        await org_members.add(session, invitation.organization_id, user_id, role)
    invitation.accepted_at, invitation.accepted_by_id = clock.now(), user_id
    await session.flush()
    await audit.record(
        session,
        "invitation.accepted",
        actor_type="user",
        actor_id=user_id,
        workspace_id=invitation.workspace_id,
        organization_id=invitation.organization_id,
        subject_type="invitation",
        subject_id=invitation.id,
        data={"role": role},
    )
    return invitation

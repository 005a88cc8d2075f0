"""Erase an account: personal data goes, with what only this person could enter; what others work with stays.

There an author is an id that no longer leads to anyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.auth.errors import SuperadminStays, WrongPassword
from core.auth.models import User
from core.errors import Conflict
from core.invitations import service as invitations
from core.jobs.models import ACTIVE, Job
from core.mail import service as mails
from core.omi import service as omi
from core.orgs import members
from core.orgs.access import OWNER
from core.orgs.errors import LastOwner
from core.orgs.models import Organization, OrganizationMember
from core.workspaces.errors import WorkspaceBusy
from core.workspaces.models import Workspace


async def erase(session: AsyncSession, user: User) -> None:
    """Erase the account of a user whose password was checked; opened in the system scope.

    Raises SuperadminStays, LastOwner, WorkspaceBusy; WrongPassword where the password was changed meanwhile.
    """
    # Organizations first, as everyone does who changes their members: nobody joins or leaves from now on.
    owned = [await members.hold(session, one, whole=True) for one in await _owned_ids(session, user.id)]
    held = await session.get(User, user.id, with_for_update=True, populate_existing=True)
    if held is None or held.password_hash != user.password_hash:
        raise WrongPassword
    if held.is_superadmin:
        raise SuperadminStays
    if await _owned_ids(session, user.id) != [one.id for one in owned]:
        raise Conflict("What you own has changed this moment; try again.")
    going = [one for one in owned if await _goes_along(session, one, held.id)]
    workspaces = await _hold_idle_workspaces(session, [one.id for one in going])
    await _record_all(session, held.id, going, workspaces)
    await session.execute(delete(Organization).where(col(Organization.id).in_([one.id for one in going])))
    # One's own organization that others own, too, is theirs from now on.
    await session.execute(update(Organization).where(col(Organization.personal_of) == held.id).values(personal_of=None))
    await invitations.forget(session, held.email)
    await mails.forget(session, held.email)
    await omi.forget(session, held.id)
    await session.execute(delete(User).where(col(User.id) == held.id))


async def _owned_ids(session: AsyncSession, user_id: UUID) -> list[UUID]:
    query = select(col(OrganizationMember.organization_id)).where(
        col(OrganizationMember.user_id) == user_id, col(OrganizationMember.role) == OWNER
    )
    return sorted((await session.execute(query)).scalars())


_OTHERS = text("""
    SELECT
        EXISTS (SELECT FROM organization_member o
            WHERE o.organization_id = :id AND o.user_id <> :user_id AND o.role = 'owner') AS owners,
        EXISTS (SELECT FROM organization_member o WHERE o.organization_id = :id AND o.user_id <> :user_id) AS members,
        EXISTS (SELECT FROM workspace w JOIN workspace_member m ON m.workspace_id = w.id
            WHERE w.organization_id = :id AND m.user_id <> :user_id) AS guests
""")


async def _goes_along(session: AsyncSession, organization: Organization, user_id: UUID) -> bool:
    """Tell whether an organization goes with its owner; raises LastOwner where others would be left without one.

    Guests of workspaces in a person's own organization keep nobody: it is that person's.
    """
    others = (await session.execute(_OTHERS, {"id": organization.id, "user_id": user_id})).one()
    if others.owners:
        return False
    if others.members or (others.guests and organization.personal_of is None):
        raise LastOwner(
            f"You are the last owner of “{organization.name}”, which others are in: make another member owner, or take"
            " them out, first."
        )
    return True


async def _hold_idle_workspaces(session: AsyncSession, organization_ids: Sequence[UUID]) -> list[Workspace]:
    """Return the workspaces of organizations, held against new jobs; raises WorkspaceBusy while jobs run in one."""
    query = select(Workspace).where(col(Workspace.organization_id).in_(organization_ids)).order_by(col(Workspace.id))
    found = list((await session.execute(query.with_for_update())).scalars())
    running = exists().where(col(Job.workspace_id).in_([one.id for one in found]), col(Job.status).in_(ACTIVE))
    if (await session.execute(select(running))).scalar_one():
        raise WorkspaceBusy
    return found


async def _record_all(
    session: AsyncSession, user_id: UUID, organizations: Sequence[Organization], workspaces: Sequence[Workspace]
) -> None:
    """Record what goes: names of things are kept, the person's are not."""

    async def record(action: str, subject_type: str, subject_id: UUID, **more: Any) -> None:
        actor: Mapping[str, Any] = {"actor_type": "user", "actor_id": user_id}
        await audit.record(session, action, subject_type=subject_type, subject_id=subject_id, **actor, **more)

    for workspace in workspaces:
        places = {"workspace_id": workspace.id, "organization_id": workspace.organization_id}
        await record("workspace.deleted", "workspace", workspace.id, data={"name": workspace.name}, **places)
    for one in organizations:
        # A person's own organization has the person's name.
        data = {} if one.personal_of == user_id else {"name": one.name}
        await record("organization.deleted", "organization", one.id, data=data, organization_id=one.id)
    await record("user.erased", "user", user_id)

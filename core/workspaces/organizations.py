"""Operations on organizations that reach into their workspaces: take a person out of both, delete an empty one."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete as sql_delete
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.orgs import members
from core.orgs.access import OWNER, OrgMember
from core.orgs.errors import OrganizationIsPersonal, OrganizationNotEmpty
from core.orgs.models import Organization
from core.workspaces.models import Workspace, WorkspaceMember


async def remove_member(session: AsyncSession, caller: OrgMember, user_id: UUID) -> None:
    """Take a person out of an organization and of all its workspaces; opened in the system scope.

    Raises what `orgs.members.remove` raises.
    """
    await members.remove(session, caller, user_id)
    owned = select(col(Workspace.id)).where(col(Workspace.organization_id) == caller.organization_id)
    await session.execute(
        sql_delete(WorkspaceMember).where(
            col(WorkspaceMember.user_id) == user_id, col(WorkspaceMember.workspace_id).in_(owned)
        )
    )


async def delete(session: AsyncSession, caller: OrgMember) -> None:
    """Delete an organization without workspaces (owners); opened in the system scope.

    Raises OrganizationRoleTooLow, OrganizationIsPersonal, OrganizationNotEmpty.
    """
    organization = await members.hold(session, caller.organization_id, whole=True)
    members.require(await members.enter(session, organization.id, caller.user_id), (OWNER,))
    if organization.personal_of is not None:
        raise OrganizationIsPersonal
    owned = await session.execute(select(exists().where(col(Workspace.organization_id) == organization.id)))
    if owned.scalar_one():
        raise OrganizationNotEmpty
    await session.execute(sql_delete(Organization).where(col(Organization.id) == organization.id))
    await audit.record(
        session,
        "organization.deleted",
        actor_type="user",
        actor_id=caller.user_id,
        organization_id=organization.id,
        subject_type="organization",
        subject_id=organization.id,
        data={"name": organization.name},
    )

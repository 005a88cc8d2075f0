"""Operations on workspaces: who may enter, create, read, list, update, delete; their settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import delete as sql_delete
from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.auth.service import Person
from core.db.paging import newest_first
from core.db.session import driver_of
from core.jobs import removal
from core.jobs.service import Author
from core.limits import service as limits
from core.limits.schemas import NO_BUDGETS
from core.orgs import service as orgs
from core.orgs.access import ADMINISTRATORS
from core.orgs.models import OrganizationMember
from core.workspaces.access import Member, Role
from core.workspaces.errors import WorkspaceBusy, WorkspaceNotFound, WorkspaceRoleTooLow
from core.workspaces.models import Workspace, WorkspaceMember
from core.workspaces.schemas import Brand, SettingsRead, SettingsUpdate, WorkspaceCreate, WorkspaceUpdate

_ROLES = """
    SELECT w.id AS workspace_id, wanted.user_id, o.role AS in_organization, m.role AS in_workspace
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted(workspace_id, user_id)
    JOIN workspace w ON w.id = wanted.workspace_id
    LEFT JOIN organization_member o ON o.organization_id = w.organization_id AND o.user_id = wanted.user_id
    LEFT JOIN workspace_member m ON m.workspace_id = w.id AND m.user_id = wanted.user_id
"""


async def enter(
    connection: asyncpg.Connection, entrances: Sequence[tuple[UUID, UUID]]
) -> list[Member | WorkspaceNotFound]:
    """Return (user, workspace) pairs as members: by membership, or as owner or admin of the organization.

    WorkspaceNotFound to everyone else, superadmins included. Opened in the system scope.
    """
    users, wanted = [user_id for user_id, _ in entrances], [workspace_id for _, workspace_id in entrances]
    rows = {(row["user_id"], row["workspace_id"]): row for row in await connection.fetch(_ROLES, wanted, users)}
    return [_member(user_id, workspace_id, rows.get((user_id, workspace_id))) for user_id, workspace_id in entrances]


def _member(user_id: UUID, workspace_id: UUID, row: asyncpg.Record | None) -> Member | WorkspaceNotFound:
    runs = row is not None and row["in_organization"] in ADMINISTRATORS
    if row is None or not (runs or row["in_workspace"]):
        return WorkspaceNotFound()
    role: Role = "admin" if runs or row["in_workspace"] == "admin" else "member"
    return Member(workspace_id, Author("user", user_id), role)


async def roles_of(session: AsyncSession, user: Person, workspace_ids: Sequence[UUID]) -> dict[UUID, Role]:
    """Return what a user acts as in those workspaces they may enter; opened in the system scope."""
    entered = await enter(driver_of(session), [(user.id, workspace_id) for workspace_id in workspace_ids])
    return {one.workspace_id: one.role for one in entered if isinstance(one, Member)}


def require_admin(member: Member) -> None:
    """Refuse who is not an admin of the workspace; raises WorkspaceRoleTooLow."""
    if member.role != "admin":
        raise WorkspaceRoleTooLow


async def list_ids(session: AsyncSession, user: Person) -> list[UUID]:
    """Return the workspaces a user may enter; opened in the system scope."""
    by_membership = select(col(WorkspaceMember.workspace_id)).where(col(WorkspaceMember.user_id) == user.id)
    by_organization = (
        select(col(Workspace.id))
        .join(OrganizationMember, col(OrganizationMember.organization_id) == col(Workspace.organization_id))
        .where(col(OrganizationMember.user_id) == user.id, col(OrganizationMember.role).in_(ADMINISTRATORS))
    )
    return list((await session.execute(union(by_membership, by_organization))).scalars())


async def create(session: AsyncSession, user: Person, body: WorkspaceCreate) -> Workspace:
    """Make a workspace with the caller as admin; opened in the system scope.

    Raises OrganizationNotFound, OrganizationRoleTooLow.
    """
    organization_id = body.organization_id
    if organization_id is None:
        organization_id = await orgs.ensure_personal(session, user)
    else:
        await orgs.require_administrator(session, organization_id, user.id)
    workspace = Workspace(organization_id=organization_id, name=body.name, description=body.description)
    session.add(workspace)
    await session.flush()
    session.add(WorkspaceMember(workspace_id=workspace.id, user_id=user.id, role="admin"))
    await session.flush()
    await session.refresh(workspace)
    await _record(session, "workspace.created", Member(workspace.id, Author("user", user.id), "admin"), workspace)
    return workspace


async def get(session: AsyncSession, workspace_id: UUID) -> Workspace:
    """Return a workspace; raises WorkspaceNotFound."""
    found = await session.get(Workspace, workspace_id)
    if found is None:
        raise WorkspaceNotFound
    return found


async def list_for(
    session: AsyncSession, workspace_ids: Sequence[UUID], *, limit: int, before: tuple[datetime, UUID] | None
) -> list[Workspace]:
    """Return workspaces, newest first."""
    query = select(Workspace).where(col(Workspace.id).in_(workspace_ids))
    query = newest_first(query, Workspace, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def update(session: AsyncSession, member: Member, body: WorkspaceUpdate) -> Workspace:
    """Change a workspace; raises WorkspaceRoleTooLow."""
    require_admin(member)
    workspace = await get(session, member.workspace_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    for name, value in changes.items():
        setattr(workspace, name, value)
    await session.flush()
    if changes:
        await _record(session, "workspace.updated", member, workspace, changed=sorted(changes))
    return workspace


async def read_settings(session: AsyncSession, member: Member) -> SettingsRead:
    """Return a workspace's settings and, of its budgets, what is spent."""
    asking = await limits.read_asking(session, member.workspace_id)
    choice = limits.models_to_choose()
    return SettingsRead(
        budgets=await limits.read_budgets(session, member.workspace_id),
        model=asking.model,
        default_model=choice[0],
        models=choice,
        concurrency=asking.concurrency,
        brand=brand_of(await get(session, member.workspace_id)),
    )


def brand_of(workspace: Workspace) -> Brand | None:
    """Return how a workspace's reports present themselves; None for as the product does."""
    return Brand.model_validate(workspace.brand) if workspace.brand is not None else None


async def update_settings(session: AsyncSession, member: Member, body: SettingsUpdate) -> SettingsRead:
    """Change a workspace's settings; raises WorkspaceRoleTooLow, Invalid for what cannot be kept or chosen."""
    require_admin(member)
    named = body.model_fields_set
    asking: dict[str, Any] = {name: getattr(body, name) for name in ("model", "concurrency") if name in named}
    await limits.update_asking(session, member.workspace_id, asking)
    if "budgets" in named:
        await limits.update_budgets(session, member.workspace_id, body.budgets or NO_BUDGETS)
    workspace = await get(session, member.workspace_id)
    if "brand" in named:
        workspace.brand = body.brand.model_dump() if body.brand is not None else None
        await session.flush()
    changes = body.model_dump(mode="json", exclude_unset=True)
    if changes:
        await _record(session, "workspace.settings_updated", member, workspace, settings=changes)
    return await read_settings(session, member)


async def delete(session: AsyncSession, member: Member, *, cancel_jobs: bool = False) -> None:
    """Delete a workspace and all below it, its running jobs too where they may be cancelled.

    Raises WorkspaceRoleTooLow, WorkspaceNotFound, WorkspaceBusy while jobs run that may not be cancelled, and where
    jobs were submitted in the very moment (try again).
    """
    require_admin(member)
    # Jobs before their workspace, as workers take them; with its row held, no job can be submitted any more.
    held = await removal.hold_active(session, member.workspace_id) if cancel_jobs else set()
    workspace = await session.get(Workspace, member.workspace_id, with_for_update=True)
    if workspace is None:
        raise WorkspaceNotFound
    if await removal.list_active(session, member.workspace_id) - held:
        raise WorkspaceBusy
    await session.execute(sql_delete(Workspace).where(col(Workspace.id) == member.workspace_id))
    removal.tell_gone(session, sorted(held))
    await _record(session, "workspace.deleted", member, workspace, cancelled_jobs=len(held))


async def _record(session: AsyncSession, action: str, member: Member, workspace: Workspace, **data: Any) -> None:
    await audit.record(
        session,
        action,
        actor_type=member.author.type,
        actor_id=member.author.id,
        workspace_id=workspace.id,
        organization_id=workspace.organization_id,
        subject_type="workspace",
        subject_id=workspace.id,
        data={"name": workspace.name, **data},
    )

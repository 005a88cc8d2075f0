"""Operations on members of workspaces: who may enter and as what, change a role, take a person out.

There is no last admin to protect: an organization's owners and admins act as admin in all its workspaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.workspaces.access import Member, Role
from core.workspaces.errors import MemberNotFound, WorkspaceRoleTooLow
from core.workspaces.models import WorkspaceMember
from core.workspaces.service import require_admin

_PEOPLE = """
    SELECT * FROM (
        SELECT u.id, u.id AS user_id, u.email, u.full_name, m.role AS workspace_role, o.role AS organization_role,
            CASE WHEN o.role IN ('owner', 'admin') THEN 'admin' ELSE m.role END AS role,
            coalesce(m.created_at, o.created_at) AS created_at
        FROM workspace w
        JOIN app_user u ON u.id IN (
            SELECT user_id FROM workspace_member WHERE workspace_id = w.id
            UNION SELECT user_id FROM organization_member
                WHERE organization_id = w.organization_id AND role IN ('owner', 'admin'))
        LEFT JOIN workspace_member m ON m.workspace_id = w.id AND m.user_id = u.id
        LEFT JOIN organization_member o ON o.organization_id = w.organization_id AND o.user_id = u.id
        WHERE w.id = :workspace_id
    ) AS people
"""
_LIST = text(
    _PEOPLE
    + " WHERE (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))"
    " ORDER BY created_at DESC, id DESC LIMIT :limit"
)
_ONE = text(_PEOPLE + " WHERE id = :user_id")
_OF_ADDRESS = text(_PEOPLE + " WHERE email = :email")


async def list_for(
    session: AsyncSession, workspace_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Row[Any]]:
    """Return all who may enter a workspace, by membership or as owner or admin of the organization, newest first."""
    at, id_ = before or (None, None)
    values = {"workspace_id": workspace_id, "at": at, "id": id_, "limit": limit}
    return (await session.execute(_LIST, values)).all()


async def may_enter(session: AsyncSession, workspace_id: UUID, email: str) -> bool:
    """Tell whether the account of an address may enter a workspace."""
    found = await session.execute(_OF_ADDRESS, {"workspace_id": workspace_id, "email": email})
    return found.one_or_none() is not None


async def change_role(session: AsyncSession, member: Member, user_id: UUID, role: Role) -> Row[Any]:
    """Give a member another role in the workspace; raises WorkspaceRoleTooLow, MemberNotFound."""
    require_admin(member)
    found = await _hold(session, member.workspace_id, user_id)
    if found.role != role:
        data = {"from": found.role, "to": role}
        found.role = role
        await session.flush()
        await _record(session, "workspace.member_role_changed", member, user_id, data)
    changed: Row[Any] = (await session.execute(_ONE, {"workspace_id": member.workspace_id, "user_id": user_id})).one()
    return changed


async def remove(session: AsyncSession, member: Member, user_id: UUID) -> None:
    """Take a person out of a workspace (admins), or leave it; raises WorkspaceRoleTooLow, MemberNotFound."""
    leaves = member.author.type == "user" and member.author.id == user_id
    if not leaves and member.role != "admin":
        raise WorkspaceRoleTooLow
    found = await _hold(session, member.workspace_id, user_id)
    await session.delete(found)
    await session.flush()
    action = "workspace.member_left" if leaves else "workspace.member_removed"
    await _record(session, action, member, user_id, {"role": found.role})


async def add(session: AsyncSession, workspace_id: UUID, user_id: UUID, role: Role) -> None:
    """Let a user in; who is in already stays what they are."""
    await session.execute(
        insert(WorkspaceMember).values(workspace_id=workspace_id, user_id=user_id, role=role).on_conflict_do_nothing()
    )


async def _hold(session: AsyncSession, workspace_id: UUID, user_id: UUID) -> WorkspaceMember:
    query = (
        select(WorkspaceMember)
        .where(col(WorkspaceMember.workspace_id) == workspace_id, col(WorkspaceMember.user_id) == user_id)
        .with_for_update()
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise MemberNotFound
    return found


async def _record(session: AsyncSession, action: str, member: Member, user_id: UUID, data: dict[str, Any]) -> None:
    await audit.record(
        session,
        action,
        actor_type=member.author.type,
        actor_id=member.author.id,
        workspace_id=member.workspace_id,
        subject_type="user",
        subject_id=user_id,
        data=data,
    )

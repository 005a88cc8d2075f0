"""Operations on members of organizations. Each change holds the organization's row, so that an owner always stays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.auth.models import User
from core.orgs.access import ADMINISTRATORS, OWNER, OrgMember, OrgRole
from core.orgs.errors import (
    LastOwner,
    OrganizationIsPersonal,
    OrganizationMemberNotFound,
    OrganizationNotFound,
    OrganizationRoleTooLow,
)
from core.orgs.models import Organization, OrganizationMember


async def enter(session: AsyncSession, organization_id: UUID, user_id: UUID) -> OrgMember:
    """Return a user as a member; raises OrganizationNotFound to everyone else, superadmins included."""
    found = await session.get(OrganizationMember, (organization_id, user_id), populate_existing=True)
    if found is None:
        raise OrganizationNotFound
    return OrgMember(organization_id, user_id, found.role)  # type: ignore[arg-type]  # the column holds roles only


def require(member: OrgMember, roles: Sequence[str]) -> None:
    """Refuse who has none of these roles; raises OrganizationRoleTooLow."""
    if member.role not in roles:
        raise OrganizationRoleTooLow


def _people(organization_id: UUID) -> Any:
    return (
        select(
            col(OrganizationMember.user_id),
            col(OrganizationMember.user_id).label("id"),
            col(User.email),
            col(User.full_name),
            col(OrganizationMember.role),
            col(OrganizationMember.created_at),
        )
        .join(User, col(User.id) == col(OrganizationMember.user_id))
        .where(col(OrganizationMember.organization_id) == organization_id)
    )


async def list_for(
    session: AsyncSession, organization_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Row[Any]]:
    """Return an organization's members, the newest first."""
    order = (col(OrganizationMember.created_at), col(OrganizationMember.user_id))
    query = _people(organization_id)
    if before is not None:
        query = query.where(tuple_(*order) < before)
    query = query.order_by(*(column.desc() for column in order)).limit(limit)
    return (await session.execute(query)).all()


async def change_role(session: AsyncSession, caller: OrgMember, user_id: UUID, role: OrgRole) -> Row[Any]:
    """Give a member another role; only an owner makes owners or changes one.

    Raises OrganizationRoleTooLow, OrganizationMemberNotFound, OrganizationIsPersonal, LastOwner.
    """
    organization = await hold(session, caller.organization_id)
    present = await enter(session, organization.id, caller.user_id)
    require(present, ADMINISTRATORS)
    found = await _find(session, organization.id, user_id)
    if OWNER in (found.role, role) and found.role != role:
        require(present, (OWNER,))
    if found.role == OWNER and role != OWNER:
        await _require_another_owner(session, organization, user_id)
    if found.role != role:
        data = {"from": found.role, "to": role}
        found.role = role
        await session.flush()
        await _record(session, "organization.member_role_changed", caller, user_id, data)
    query = _people(organization.id).where(col(OrganizationMember.user_id) == user_id)
    changed: Row[Any] = (await session.execute(query)).one()
    return changed


async def remove(session: AsyncSession, caller: OrgMember, user_id: UUID) -> None:
    """Take a member out; anyone may leave, administrators take out others, only an owner another owner.

    Raises OrganizationRoleTooLow, OrganizationMemberNotFound, OrganizationIsPersonal, LastOwner.
    """
    organization = await hold(session, caller.organization_id)
    present = await enter(session, organization.id, caller.user_id)
    leaves = user_id == caller.user_id
    if not leaves:
        require(present, ADMINISTRATORS)
    found = await _find(session, organization.id, user_id)
    if found.role == OWNER:
        if not leaves:
            require(present, (OWNER,))
        await _require_another_owner(session, organization, user_id)
    await session.execute(
        delete(OrganizationMember).where(
            col(OrganizationMember.organization_id) == organization.id, col(OrganizationMember.user_id) == user_id
        )
    )
    action = "organization.member_left" if leaves else "organization.member_removed"
    await _record(session, action, caller, user_id, {"role": found.role})


async def transfer(session: AsyncSession, caller: OrgMember, user_id: UUID) -> None:
    """Make another member owner in the caller's place, who stays as an admin.

    Raises OrganizationRoleTooLow, OrganizationMemberNotFound, OrganizationIsPersonal.
    """
    organization = await hold(session, caller.organization_id)
    require(await enter(session, organization.id, caller.user_id), (OWNER,))
    found = await _find(session, organization.id, user_id)
    if organization.personal_of is not None:
        raise OrganizationIsPersonal
    if user_id == caller.user_id:
        return
    found.role = OWNER
    (await _find(session, organization.id, caller.user_id)).role = "admin"
    await session.flush()
    await _record(session, "organization.transferred", caller, user_id, {})


async def add(session: AsyncSession, organization_id: UUID, user_id: UUID, role: OrgRole) -> None:
    """Let a user in; who is in already stays what they are."""
    await session.execute(
        insert(OrganizationMember)
        .values(organization_id=organization_id, user_id=user_id, role=role)
        .on_conflict_do_nothing()
    )


async def is_member(session: AsyncSession, organization_id: UUID, email: str) -> bool:
    """Tell whether the account of an address is a member."""
    query = _people(organization_id).where(col(User.email) == email)
    return (await session.execute(query)).one_or_none() is not None


async def hold(session: AsyncSession, organization_id: UUID, *, whole: bool = False) -> Organization:
    """Return an organization with its row held: changes of its members come one after the other.

    Held as a `whole`, nothing that belongs to it can be made meanwhile either. Raises OrganizationNotFound.
    """
    query = select(Organization).where(col(Organization.id) == organization_id).with_for_update(key_share=not whole)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise OrganizationNotFound
    return found


async def _find(session: AsyncSession, organization_id: UUID, user_id: UUID) -> OrganizationMember:
    found = await session.get(OrganizationMember, (organization_id, user_id), populate_existing=True)
    if found is None:
        raise OrganizationMemberNotFound
    return found


async def _require_another_owner(session: AsyncSession, organization: Organization, user_id: UUID) -> None:
    if organization.personal_of == user_id:
        raise OrganizationIsPersonal
    others = await session.execute(
        select(func.count()).where(
            col(OrganizationMember.organization_id) == organization.id,
            col(OrganizationMember.role) == OWNER,
            col(OrganizationMember.user_id) != user_id,
        )
    )
    if not others.scalar_one():
        raise LastOwner


async def _record(session: AsyncSession, action: str, caller: OrgMember, user_id: UUID, data: dict[str, Any]) -> None:
    await audit.record(
        session,
        action,
        actor_type="user",
        actor_id=caller.user_id,
        organization_id=caller.organization_id,
        subject_type="user",
        subject_id=user_id,
        data=data,
    )

"""Operations on organizations: make, read, list, change, and a user's own one. Members are in `members`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit import service as audit
from core.auth.service import Person
from core.db.paging import newest_first
from core.orgs import members
from core.orgs.access import ADMINISTRATORS, OWNER, OrgMember
from core.orgs.errors import OrganizationNotFound
from core.orgs.models import Organization, OrganizationMember
from core.orgs.schemas import OrganizationCreate, OrganizationUpdate


async def ensure_personal(session: AsyncSession, user: Person) -> UUID:
    """Return the user's own organization, made on first use."""
    query = select(Organization).where(col(Organization.personal_of) == user.id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        await session.execute(
            insert(Organization)
            .values(name=user.full_name, personal_of=user.id)
            .on_conflict_do_nothing(
                index_elements=["personal_of"], index_where=col(Organization.personal_of).is_not(None)
            )
        )
        found = (await session.execute(query)).scalar_one()
    await session.execute(
        insert(OrganizationMember)
        .values(organization_id=found.id, user_id=user.id, role=OWNER)
        .on_conflict_do_nothing()
    )
    return found.id


async def require_administrator(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Raise OrganizationNotFound to outsiders, OrganizationRoleTooLow to who may not make workspaces here."""
    await members.enter(session, organization_id, user_id)
    # With its row held, nobody takes the role away before what it allows is done.
    await members.hold(session, organization_id)
    members.require(await members.enter(session, organization_id, user_id), ADMINISTRATORS)


async def create(session: AsyncSession, user: Person, body: OrganizationCreate) -> Row[Any]:
    """Make an organization with the caller as its owner."""
    made = Organization(name=body.name)
    session.add(made)
    await session.flush()
    session.add(OrganizationMember(organization_id=made.id, user_id=user.id, role=OWNER))
    await session.flush()
    await _record(session, "organization.created", user.id, made.id, {"name": made.name})
    return await get(session, OrgMember(made.id, user.id, OWNER))


def _seen_by(user_id: UUID) -> Any:
    """Select organizations of a user with the role in each."""
    return (
        select(
            col(Organization.id),
            col(Organization.name),
            col(Organization.personal_of).is_not(None).label("is_personal"),
            col(OrganizationMember.role),
            col(Organization.created_at),
        )
        .join(OrganizationMember, col(OrganizationMember.organization_id) == col(Organization.id))
        .where(col(OrganizationMember.user_id) == user_id)
    )


async def get(session: AsyncSession, member: OrgMember) -> Row[Any]:
    """Return an organization as its member sees it; raises OrganizationNotFound."""
    query = _seen_by(member.user_id).where(col(Organization.id) == member.organization_id)
    found: Row[Any] | None = (await session.execute(query)).one_or_none()
    if found is None:
        raise OrganizationNotFound
    return found


async def list_for(
    session: AsyncSession, user_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Row[Any]]:
    """Return the organizations a user is in, newest first."""
    query = newest_first(_seen_by(user_id), Organization, limit=limit, before=before)
    return (await session.execute(query)).all()


async def update(session: AsyncSession, member: OrgMember, body: OrganizationUpdate) -> Row[Any]:
    """Change an organization; raises OrganizationRoleTooLow, OrganizationNotFound."""
    await require_administrator(session, member.organization_id, member.user_id)
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    found = await session.get(Organization, member.organization_id)
    if found is None:
        raise OrganizationNotFound
    if changes:
        found.name = changes["name"]
        await session.flush()
        await _record(session, "organization.updated", member.user_id, found.id, changes)
    return await get(session, member)


async def _record(
    session: AsyncSession, action: str, user_id: UUID, organization_id: UUID, data: dict[str, Any]
) -> None:
    await audit.record(
        session,
        action,
        actor_type="user",
        actor_id=user_id,
        organization_id=organization_id,
        subject_type="organization",
        subject_id=organization_id,
        data=data,
    )

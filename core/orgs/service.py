"""Operations on organizations: a user's own one, and the role of a user."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.auth.service import Person
from core.orgs.errors import OrganizationNotFound, OrganizationRoleTooLow
from core.orgs.models import Organization, OrganizationMember

ADMINISTRATORS: Final = ("owner", "admin")


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
        .values(organization_id=found.id, user_id=user.id, role="owner")
        .on_conflict_do_nothing()
    )
    return found.id


async def require_administrator(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    """Raise OrganizationNotFound to outsiders, OrganizationRoleTooLow to who may not make workspaces here."""
    member = await session.get(OrganizationMember, (organization_id, user_id))
    if member is None:
        raise OrganizationNotFound
    if member.role not in ADMINISTRATORS:
        raise OrganizationRoleTooLow

"""Organizations and who is in them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx

from core.auth.models import User
from core.db import session as db
from core.orgs.models import OrganizationMember
from tests.factories.users import log_in, make_user

Headers = dict[str, str]


async def new_organization(client: httpx.AsyncClient, headers: Headers | None = None) -> dict[str, Any]:
    """Make an organization over HTTP; its owner is who the headers say, else the client's user."""
    made = await client.post("/orgs", json={"name": "Research House"}, headers=headers)
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


async def join_organization(organization_id: str, user: User, role: str = "member") -> None:
    """Make a user a member of an organization."""
    async with db.scope(db.SYSTEM) as session:
        session.add(OrganizationMember(organization_id=UUID(organization_id), user_id=user.id, role=role))


async def new_colleague(client: httpx.AsyncClient, organization_id: str, role: str = "member") -> tuple[User, Headers]:
    """Make a user who is in an organization; return them and their headers."""
    user = await make_user()
    await join_organization(organization_id, user, role)
    return user, await log_in(client, user)


async def actions(**named: UUID | str) -> list[tuple[str, UUID | None]]:
    """Return the audited actions of an organization or workspace with their subjects, in order."""
    from sqlalchemy import select
    from sqlmodel import col

    from core.audit.models import AuditEntry

    query = select(AuditEntry).order_by(col(AuditEntry.id))
    for name, value in named.items():
        query = query.where(getattr(AuditEntry, name) == UUID(str(value)))
    async with db.scope(db.SYSTEM) as session:
        return [(entry.action, entry.subject_id) for entry in (await session.execute(query)).scalars()]

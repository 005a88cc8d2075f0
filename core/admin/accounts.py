"""Accounts as the service's administrators handle them: find, make, change, set a new password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.admin.errors import EmailTaken, LastSuperadmin, SuperadminProtected, UserNotFound
from core.admin.schemas import AccountUpdate, Role
from core.audit import service as audit
from core.auth import sessions
from core.auth.models import User
from core.db.base import table_of
from core.db.paging import Before, newest_first
from core.jobs.service import Author
from core.orgs import service as orgs
from core.settings import Settings

BY_HAND: Final = Author("system")
"""Who acts on the command line."""


async def list_users(
    session: AsyncSession,
    *,
    limit: int,
    before: Before = None,
    search: str | None = None,
    is_active: bool | None = None,
    is_verified: bool | None = None,
    role: Role | None = None,
) -> list[User]:
    """Return accounts, newest first; `search` is a part of the address or of the name, in any case."""
    query = select(User)
    if search:
        found = (column.icontains(search, autoescape=True) for column in (col(User.email), col(User.full_name)))
        query = query.where(or_(*found))
    if is_active is not None:
        query = query.where(col(User.is_active) == is_active)
    if is_verified is not None:
        query = query.where(col(User.is_verified) == is_verified)
    if role is not None:
        query = query.where(col(User.is_superadmin) == (role == "superadmin"))
    return list((await session.execute(newest_first(query, User, limit=limit, before=before))).scalars())


async def get(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User:
    """Return an account; raises UserNotFound."""
    found = await session.get(User, user_id, with_for_update=lock or None)
    if found is None:
        raise UserNotFound
    return found


async def update_user(
    session: AsyncSession, settings: Settings, author: Author, user_id: UUID, body: AccountUpdate
) -> User:
    """Change an account, with an entry in the audit log for each change; who is deactivated is logged out.

    Raises UserNotFound, SuperadminProtected, LastSuperadmin.
    """
    # All who may be the last one are held, in one order: two who take each other's rights come one after the other.
    held = select(User).where(or_(col(User.id) == user_id, col(User.is_superadmin))).order_by(col(User.id))
    accounts = {user.id: user for user in (await session.execute(held.with_for_update())).scalars()}
    user = accounts.get(user_id)
    if user is None:
        raise UserNotFound
    changes = _changes(user, body)
    if _may_enter(user) and not _may_enter_with(user, changes):
        if user.email == settings.superadmin_email.strip().lower():
            raise SuperadminProtected
        if not any(_may_enter(other) for other in accounts.values() if other is not user):
            raise LastSuperadmin
    for name, value in changes.items():
        setattr(user, name, value)
    await session.flush()
    if changes.get("is_active") is False:
        await sessions.revoke_all(session, user.id)
    for name, value in changes.items():
        action, data = _told(name, value)
        await _record(session, action, author, user.id, data)
    return user


def _changes(user: User, body: AccountUpdate) -> dict[str, bool]:
    wanted = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
    if "role" in wanted:
        wanted["is_superadmin"] = wanted.pop("role") == "superadmin"
    return {name: value for name, value in wanted.items() if getattr(user, name) != value}


def _may_enter(user: User) -> bool:
    return user.is_superadmin and user.is_active and user.is_verified


def _may_enter_with(user: User, changes: Mapping[str, bool]) -> bool:
    return all(changes.get(name, getattr(user, name)) for name in ("is_superadmin", "is_active", "is_verified"))


def _told(name: str, value: bool) -> tuple[str, dict[str, Any]]:
    if name == "is_active":
        return ("user.activated" if value else "user.deactivated"), {}
    if name == "is_verified":
        return ("user.verified" if value else "user.unverified"), {}
    return "user.role_changed", {"role": "superadmin" if value else "user"}


async def create_user(
    session: AsyncSession,
    author: Author,
    *,
    email: str,
    full_name: str,
    password_hash: str,
    superadmin: bool = False,
    verified: bool = True,
) -> User:
    """Make an account with an organization of its own; raises EmailTaken."""
    user_id = await session.scalar(
        insert(table_of(User))
        .values(
            email=email,
            full_name=full_name,
            password_hash=password_hash,
            is_active=True,
            is_verified=verified,
            is_superadmin=superadmin,
        )
        .on_conflict_do_nothing(index_elements=["email"])
        .returning(table_of(User).c.id)
    )
    if user_id is None:
        raise EmailTaken
    user = await get(session, user_id)
    await orgs.ensure_personal(session, user)
    await _record(session, "user.created", author, user.id, {"role": "superadmin" if superadmin else "user"})
    return user


async def set_password(session: AsyncSession, author: Author, user_id: UUID, password_hash: str) -> None:
    """Give an account a new password and end its sessions; raises UserNotFound."""
    user = await get(session, user_id, lock=True)
    user.password_hash = password_hash
    await session.flush()
    await sessions.revoke_all(session, user.id)
    await _record(session, "user.password_reset", author, user.id, {})


async def _record(session: AsyncSession, action: str, author: Author, user_id: UUID, data: Mapping[str, Any]) -> None:
    await audit.record(
        session,
        action,
        actor_type=author.type,
        actor_id=author.id,
        subject_type="user",
        subject_id=user_id,
        data=data,
    )

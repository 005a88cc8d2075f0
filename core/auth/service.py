"""Log in, refresh, log out; say who a token belongs to; keep the superadmin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, and_, column, exists, literal_column, select, table, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.audit import service as audit
from core.audit.origin import origin
from core.auth import passwords, tokens
from core.auth.errors import (
    BadCredentials,
    EmailNotVerified,
    InvalidRefreshToken,
    InvalidToken,
    PasswordChanged,
    SessionIdle,
    SessionRevoked,
    UserInactive,
)
from core.auth.models import AuthSession, SpentRefreshToken, User
from core.auth.schemas import Tokens
from core.auth.tokens import AccessClaims
from core.errors import DomainError
from core.settings import Settings

SEEN_EVERY: Final = timedelta(seconds=30)
_MEMBERS: Final = tuple(table(name, column("user_id")) for name in ("organization_member", "workspace_member"))


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a user who calls."""

    id: UUID
    email: str
    full_name: str
    is_active: bool
    is_verified: bool
    is_superadmin: bool
    notify_on_job_end: bool
    created_at: datetime


Person = User | Account
_FIELDS: Final = tuple(one.name for one in fields(Account))


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a request's token says, and whether the request counts as activity of its user."""

    claims: AccessClaims
    active: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and in which session."""

    user: Account
    session_id: UUID


async def ensure_superadmin(session: AsyncSession, settings: Settings) -> User:
    """Create the superadmin of the settings, or restore the account's rights; an existing password stays.

    That of an account which somebody signed up for and never verified does not: nobody knows who chose it.
    """
    email = settings.superadmin_email.strip().lower()
    found = await find_user(session, email)
    made = None
    if found is None or await session.scalar(select(unclaimed()).where(col(User.id) == found.id)):
        values = {
            "full_name": settings.superadmin_name,
            "password_hash": await passwords.hash_password(settings.superadmin_password),
            "is_active": True,
            "is_verified": True,
            "is_superadmin": True,
        }
        created = insert(User).values(email=email, **values)
        created = created.on_conflict_do_update(index_elements=["email"], set_=values, where=unclaimed())
        made = (await session.execute(created.returning(col(User.id)))).scalar_one_or_none()
        query = select(User).where(col(User.email) == email).execution_options(populate_existing=True)
        found = (await session.execute(query)).scalar_one()
    lacked_rights = not (found.is_active and found.is_verified and found.is_superadmin)
    found.is_active = found.is_verified = found.is_superadmin = True
    await session.flush()
    if made is not None or lacked_rights:
        action = "superadmin.created" if made is not None else "superadmin.restored"
        await audit.record(
            session, action, actor_type="system", actor_id=None, subject_type="user", subject_id=found.id
        )
    return found


def unclaimed() -> ColumnElement[bool]:
    """Say of an account that nobody has shown it to be theirs: it never was verified.

    A member of anything was, even if an administrator has taken that away since.
    """
    used = (exists().where(one.c.user_id == literal_column("app_user.id")) for one in _MEMBERS)
    return and_(~col(User.is_verified), ~col(User.is_superadmin), *(~one for one in used))


async def find_user(session: AsyncSession, email: str) -> User | None:
    """Return the user of an e-mail address."""
    return (await session.execute(select(User).where(col(User.email) == email))).scalar_one_or_none()


async def check_password(user: User | None, password: str) -> str | None:
    """Raise BadCredentials unless the password fits; return a better hash to store, where there is one.

    Called with no transaction open: hashing takes its time.
    """
    fits, upgraded = await passwords.verify(password, user.password_hash if user else None)
    if not fits:
        raise BadCredentials
    return upgraded


async def open_session(
    session: AsyncSession, settings: Settings, checked: User, upgraded: str | None, *, user_agent: str | None = None
) -> Tokens:
    """Start a session for a user whose password was checked.

    Raises BadCredentials, UserInactive, EmailNotVerified; PasswordChanged where the hash is not the one that was read.
    """
    # Held: a change of the password comes before this session, or after it and ends it.
    user = await session.get(User, checked.id, with_for_update={"key_share": True}, populate_existing=True)
    if user is None:
        raise BadCredentials
    if user.password_hash != checked.password_hash:
        raise PasswordChanged
    _require_usable(user)
    if upgraded is not None:
        user.password_hash = upgraded
    refresh = tokens.new_refresh_token()
    opened = AuthSession(
        user_id=user.id,
        refresh_hash=tokens.hashed(refresh),
        last_seen_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=settings.session_limit_hours),
        user_agent=user_agent,
        ip=origin.get().ip,
    )
    session.add(opened)
    await session.flush()
    return _tokens(settings, opened, refresh)


async def refresh(session: AsyncSession, settings: Settings, token: str) -> Tokens | None:
    """Exchange a refresh token for new tokens.

    None when the token was spent before: its whole session is revoked then, and the caller answers
    InvalidRefreshToken after the commit. Raises InvalidRefreshToken, SessionIdle, UserInactive,
    EmailNotVerified.
    """
    spent_hash = tokens.hashed(token)
    query = select(AuthSession).where(col(AuthSession.refresh_hash) == spent_hash).with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        spent = await session.get(SpentRefreshToken, spent_hash)
        if spent is None:
            raise InvalidRefreshToken
        await revoke(session, spent.session_id)
        return None
    user = await session.get(User, found.user_id)
    if user is None or found.revoked_at is not None or found.expires_at < clock.now():
        raise InvalidRefreshToken
    _require_usable(user)
    if found.last_seen_at + timedelta(minutes=settings.idle_timeout) < clock.now():
        raise SessionIdle
    session.add(SpentRefreshToken(refresh_hash=spent_hash, session_id=found.id))
    fresh = tokens.new_refresh_token()
    found.refresh_hash = tokens.hashed(fresh)  # no activity: a client refreshes by itself while its user is away
    await session.flush()
    return _tokens(settings, found, fresh)


async def revoke(session: AsyncSession, session_id: UUID) -> None:
    """End a session; its access tokens are refused from now on."""
    await session.execute(
        update(AuthSession)
        .where(col(AuthSession.id) == session_id, col(AuthSession.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )


_LOGINS = """
    SELECT s.id AS session_id, s.last_seen_at, s.expires_at, s.revoked_at, u.id, u.email, u.full_name, u.is_active,
        u.is_verified, u.is_superadmin, u.notify_on_job_end, u.created_at
    FROM unnest($1::uuid[], $2::uuid[]) AS wanted(session_id, user_id)
    JOIN auth_session s ON s.id = wanted.session_id AND s.user_id = wanted.user_id
    JOIN app_user u ON u.id = wanted.user_id
"""
# In order and without waiting: two processes that note the same sessions must not wait for each other.
_SEEN = """
    UPDATE auth_session SET last_seen_at = $1
    WHERE id IN (SELECT id FROM auth_session WHERE id = ANY($2::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED)
"""


async def identify(
    connection: asyncpg.Connection, settings: Settings, bearers: Sequence[Bearer]
) -> list[Caller | DomainError]:
    """Return who each token belongs to, or why it is refused; opened in the system scope.

    The refusals: InvalidToken, SessionRevoked, SessionIdle, UserInactive, EmailNotVerified.
    """
    claims = [bearer.claims for bearer in bearers]
    rows = await connection.fetch(_LOGINS, [one.session_id for one in claims], [one.user_id for one in claims])
    logins = {(row["session_id"], row["id"]): row for row in rows}
    now = clock.now()
    found = [_caller(logins.get((one.session_id, one.user_id)), settings, now) for one in claims]
    seen = {
        one.session_id
        for one, bearer in zip(found, bearers, strict=True)
        if isinstance(one, Caller) and bearer.active
        if logins[one.session_id, one.user.id]["last_seen_at"] < now - SEEN_EVERY
    }
    if seen:
        await connection.execute(_SEEN, now, sorted(seen))
    return found


def _caller(row: asyncpg.Record | None, settings: Settings, now: datetime) -> Caller | DomainError:
    if row is None:
        return InvalidToken()
    account = Account(**{name: row[name] for name in _FIELDS})
    if not account.is_active:  # said before that its sessions were ended with it
        return UserInactive()
    if row["revoked_at"] is not None or row["expires_at"] < now:
        return SessionRevoked()
    if row["last_seen_at"] + timedelta(minutes=settings.idle_timeout) < now:
        return SessionIdle()
    try:
        _require_usable(account)
    except DomainError as refusal:
        return refusal
    return Caller(account, row["session_id"])


def _require_usable(user: Person) -> None:
    if not user.is_active:
        raise UserInactive
    if not user.is_verified:
        raise EmailNotVerified


def _tokens(settings: Settings, login: AuthSession, refresh_token: str) -> Tokens:
    access, seconds = tokens.issue(settings, login.user_id, login.id)
    return Tokens(access_token=access, refresh_token=refresh_token, expires_in=seconds)

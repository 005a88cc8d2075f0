"""Log in, refresh, log out; say who a token belongs to; keep the superadmin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.auth import passwords, tokens
from core.auth.errors import (
    BadCredentials,
    EmailNotVerified,
    InvalidRefreshToken,
    InvalidToken,
    SessionIdle,
    SessionRevoked,
    UserInactive,
)
from core.auth.models import AuthSession, SpentRefreshToken, User
from core.auth.schemas import Tokens
from core.settings import Settings

LONGEST_SESSION: Final = timedelta(days=30)
SEEN_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and in which session."""

    user: User
    session_id: UUID


async def ensure_superadmin(session: AsyncSession, settings: Settings) -> User:
    """Create the superadmin of the settings, or restore the account's rights; an existing password stays."""
    email = settings.superadmin_email.strip().lower()
    found = (await session.execute(select(User).where(col(User.email) == email))).scalar_one_or_none()
    if found is None:
        created = insert(User).values(
            email=email,
            full_name=settings.superadmin_name,
            password_hash=await passwords.hash_password(settings.superadmin_password),
            is_active=True,
            is_verified=True,
            is_superadmin=True,
        )
        await session.execute(created.on_conflict_do_nothing(index_elements=["email"]))
        found = (await session.execute(select(User).where(col(User.email) == email))).scalar_one()
    found.is_active = found.is_verified = found.is_superadmin = True
    await session.flush()
    return found


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


async def open_session(session: AsyncSession, settings: Settings, user_id: UUID, upgraded: str | None) -> Tokens:
    """Start a session for a user whose password was checked; raises UserInactive, EmailNotVerified."""
    user = await session.get(User, user_id)
    if user is None:
        raise BadCredentials
    _require_usable(user)
    if upgraded is not None:
        user.password_hash = upgraded
    refresh = tokens.new_refresh_token()
    opened = AuthSession(
        user_id=user.id,
        refresh_hash=tokens.hashed(refresh),
        last_seen_at=clock.now(),
        expires_at=clock.now() + LONGEST_SESSION,
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


async def identify(session: AsyncSession, settings: Settings, token: str, *, active: bool) -> Caller:
    """Return who an access token belongs to; `active` says whether this request counts as activity.

    Raises InvalidToken, SessionRevoked, SessionIdle, UserInactive, EmailNotVerified.
    """
    claims = tokens.read(settings, token)
    query = (
        select(User, AuthSession)
        .join(AuthSession, col(AuthSession.user_id) == col(User.id))
        .where(col(AuthSession.id) == claims.session_id, col(User.id) == claims.user_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise InvalidToken
    user, login = row
    if login.revoked_at is not None or login.expires_at < clock.now():
        raise SessionRevoked
    if login.last_seen_at + timedelta(minutes=settings.idle_timeout) < clock.now():
        raise SessionIdle
    _require_usable(user)
    if active and login.last_seen_at + SEEN_EVERY < clock.now():
        login.last_seen_at = clock.now()
    return Caller(user, login.id)


def _require_usable(user: User) -> None:
    if not user.is_active:
        raise UserInactive
    if not user.is_verified:
        raise EmailNotVerified


def _tokens(settings: Settings, login: AuthSession, refresh_token: str) -> Tokens:
    access, seconds = tokens.issue(settings, login.user_id, login.id)
    return Tokens(access_token=access, refresh_token=refresh_token, expires_in=seconds)

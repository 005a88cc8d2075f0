"""Sessions of a user: list the live ones, end one, all, or all but one; forget those that ended long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.auth.errors import SessionNotFound
from core.auth.models import AuthSession
from core.db.paging import newest_first
from core.settings import Settings


async def list_for(
    session: AsyncSession, settings: Settings, user_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[AuthSession]:
    """Return a user's sessions that are neither ended, nor outlived, nor idle for too long; the newest first."""
    now = clock.now()
    query = select(AuthSession).where(
        col(AuthSession.user_id) == user_id,
        col(AuthSession.revoked_at).is_(None),
        col(AuthSession.expires_at) > now,
        col(AuthSession.last_seen_at) > now - timedelta(minutes=settings.idle_timeout),
    )
    return list((await session.execute(newest_first(query, AuthSession, limit=limit, before=before))).scalars())


async def revoke_own(session: AsyncSession, user_id: UUID, session_id: UUID) -> None:
    """End a session of a user; raises SessionNotFound for one that is another's or has ended."""
    ended = await session.execute(
        update(AuthSession)
        .where(
            col(AuthSession.id) == session_id,
            col(AuthSession.user_id) == user_id,
            col(AuthSession.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(col(AuthSession.id))
    )
    if ended.scalar_one_or_none() is None:
        raise SessionNotFound


async def revoke_all(session: AsyncSession, user_id: UUID, *, keep: UUID | None = None) -> int:
    """End all sessions of a user but `keep`; their tokens are refused from the next request on. Returns how many."""
    ending = (
        update(AuthSession)
        .where(col(AuthSession.user_id) == user_id, col(AuthSession.revoked_at).is_(None))
        .values(revoked_at=clock.now())
        .returning(col(AuthSession.id))
    )
    if keep is not None:
        ending = ending.where(col(AuthSession.id) != keep)
    return len((await session.execute(ending)).all())


_PURGE = text("""
    DELETE FROM auth_session WHERE id IN (
        SELECT id FROM auth_session
        WHERE expires_at < clock_timestamp() - interval '7 days' OR revoked_at < clock_timestamp() - interval '7 days'
        LIMIT 5000)
""")


async def purge(session: AsyncSession) -> None:
    """Delete sessions that ended a week ago, with their spent tokens; opened in the system scope."""
    await session.execute(_PURGE)

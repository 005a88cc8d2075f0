"""Tokens that a mail carries: used once, for one purpose, until they expire; stored are their hashes only."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.auth.errors import LinkNotUsable
from core.auth.tokens import hashed
from core.db.base import uuid7

Purpose = Literal["verify_email", "reset_password"]
LIFETIMES: Final[dict[Purpose, timedelta]] = {"verify_email": timedelta(days=3), "reset_password": timedelta(hours=1)}

# One that waits is replaced, so that of several mails only the last one's link works.
_ISSUE = text("""
    INSERT INTO auth_token (id, user_id, purpose, token_hash, created_at, expires_at)
    VALUES (:id, :user_id, :purpose, :token_hash, clock_timestamp(), clock_timestamp() + :lifetime)
    ON CONFLICT (user_id, purpose) WHERE used_at IS NULL DO UPDATE
        SET token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at
    RETURNING expires_at
""")
_REDEEM = text("""
    UPDATE auth_token SET used_at = clock_timestamp()
    WHERE token_hash = :token_hash AND purpose = :purpose AND used_at IS NULL AND expires_at > clock_timestamp()
    RETURNING user_id
""")
_LOOK = text("""
    SELECT user_id FROM auth_token
    WHERE token_hash = :token_hash AND purpose = :purpose AND used_at IS NULL AND expires_at > clock_timestamp()
""")
_SPENT_ON = text("""
    SELECT user_id FROM auth_token WHERE token_hash = :token_hash AND purpose = :purpose AND used_at IS NOT NULL
""")
_FORGET = text("DELETE FROM auth_token WHERE user_id = :user_id AND purpose = :purpose AND used_at IS NULL")
_PURGE = text("DELETE FROM auth_token WHERE expires_at < clock_timestamp() - interval '7 days'")


async def issue(session: AsyncSession, purpose: Purpose, user_id: UUID) -> tuple[str, datetime]:
    """Return a new token and until when it works; an unused one of the same user and purpose works no longer."""
    token = secrets.token_urlsafe(32)
    values = {
        "id": uuid7(),
        "user_id": user_id,
        "purpose": purpose,
        "token_hash": hashed(token),
        "lifetime": LIFETIMES[purpose],
    }
    return token, (await session.execute(_ISSUE, values)).scalar_one()


async def redeem(session: AsyncSession, purpose: Purpose, token: str) -> UUID:
    """Use a token up and return whose it is, once however many try; raises LinkNotUsable."""
    return await _one(session, _REDEEM, purpose, token)


async def look(session: AsyncSession, purpose: Purpose, token: str) -> UUID:
    """Return whose a token is that can still be used, without using it; raises LinkNotUsable."""
    return await _one(session, _LOOK, purpose, token)


async def spent_on(session: AsyncSession, purpose: Purpose, token: str) -> UUID:
    """Return whose a token was that is used up; raises LinkNotUsable for any other."""
    return await _one(session, _SPENT_ON, purpose, token)


async def forget(session: AsyncSession, purpose: Purpose, user_id: UUID) -> None:
    """Make a user's unused token of a purpose useless."""
    await session.execute(_FORGET, {"user_id": user_id, "purpose": purpose})


async def purge(session: AsyncSession) -> None:
    """Delete what expired long ago; opened in the system scope."""
    await session.execute(_PURGE)


async def _one(session: AsyncSession, statement: TextClause, purpose: Purpose, token: str) -> UUID:
    values = {"token_hash": hashed(token), "purpose": purpose}
    found: UUID | None = (await session.execute(statement, values)).scalar_one_or_none()
    if found is None:
        raise LinkNotUsable
    return found

"""Operations on API keys: create, get, list, revoke; say whose a request's key is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.api_keys import secrets
from core.api_keys.errors import ApiKeyExpired, ApiKeyNotFound, ApiKeyRevoked, ScopeTooLow
from core.api_keys.models import ApiKey
from core.api_keys.schemas import ApiKeyCreate
from core.api_keys.secrets import KeyClaims, Vouched
from core.audit import service as audit
from core.auth.errors import InvalidToken
from core.db.paging import newest_first
from core.errors import DomainError
from core.jobs.service import Author
from core.workspaces import service as workspaces
from core.workspaces.access import Member

USED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyCaller:
    """A program that calls: with which key, of which workspace, and whether it may write."""

    id: UUID
    prefix: str
    workspace_id: UUID
    may_write: bool

    def member(self) -> Member:
        """Return the key as a member of its workspace; it is never more than that."""
        return Member(self.workspace_id, Author("api_key", self.id), "member")


async def create(session: AsyncSession, member: Member, body: ApiKeyCreate) -> tuple[ApiKey, str]:
    """Make a key; return it with its secret, which nobody can read again. Raises WorkspaceRoleTooLow."""
    workspaces.require_admin(member)
    secret, claims = secrets.new_key()
    made = ApiKey(
        workspace_id=member.workspace_id,
        name=body.name,
        prefix=claims.prefix,
        secret_hash=claims.secret_hash,
        scopes=list(body.scopes),
        created_by_id=member.author.id,
        expires_at=body.expires_at,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    await _record(session, "api_key.created", member, made)
    return made, secret


async def get(session: AsyncSession, member: Member, key_id: UUID) -> ApiKey:
    """Return a key; raises WorkspaceRoleTooLow, ApiKeyNotFound."""
    workspaces.require_admin(member)
    query = select(ApiKey).where(col(ApiKey.id) == key_id, col(ApiKey.workspace_id) == member.workspace_id)
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise ApiKeyNotFound
    return found


async def list_for(
    session: AsyncSession, member: Member, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[ApiKey]:
    """Return a workspace's keys, revoked and expired ones too, newest first; raises WorkspaceRoleTooLow."""
    workspaces.require_admin(member)
    query = select(ApiKey).where(col(ApiKey.workspace_id) == member.workspace_id)
    return list((await session.execute(newest_first(query, ApiKey, limit=limit, before=before))).scalars())


async def revoke(session: AsyncSession, member: Member, key_id: UUID) -> None:
    """End a key for good, from the next request on; raises WorkspaceRoleTooLow, ApiKeyNotFound."""
    found = await get(session, member, key_id)
    if found.revoked_at is None:
        found.revoked_at = clock.now()
        await session.flush()
        await _record(session, "api_key.revoked", member, found)


async def _record(session: AsyncSession, action: str, member: Member, key: ApiKey) -> None:
    await audit.record(
        session,
        action,
        actor_type=member.author.type,
        actor_id=member.author.id,
        workspace_id=key.workspace_id,
        subject_type="api_key",
        subject_id=key.id,
        data={"prefix": key.prefix, "scopes": key.scopes, "expires_at": key.expires_at},
    )


_KEYS = """
    SELECT id, workspace_id, prefix, secret_hash, scopes, expires_at, revoked_at, last_used_at
    FROM api_key WHERE prefix = ANY($1::text[])
"""
# In order and without waiting: two processes that note the same keys must not wait for each other.
_USED = """
    UPDATE api_key SET last_used_at = $1
    WHERE id IN (SELECT id FROM api_key WHERE id = ANY($2::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED)
"""


async def identify(
    connection: asyncpg.Connection, wanted: Sequence[KeyClaims | Vouched]
) -> list[KeyCaller | DomainError]:
    """Return whose each key is, or why it is refused; opened in the system scope.

    The refusals: InvalidToken, ApiKeyExpired, ApiKeyRevoked.
    """
    rows = {row["prefix"]: row for row in await connection.fetch(_KEYS, [claims.prefix for claims in wanted])}
    now = clock.now()
    found = [_caller(claims, rows.get(claims.prefix), now) for claims in wanted]
    used = {
        row["id"]
        for one, claims in zip(found, wanted, strict=True)
        if isinstance(one, KeyCaller)
        if (row := rows[claims.prefix])["last_used_at"] is None or row["last_used_at"] < now - USED_EVERY
    }
    if used:
        await connection.execute(_USED, now, list(used))
    return found


def _caller(claims: KeyClaims | Vouched, row: asyncpg.Record | None, now: datetime) -> KeyCaller | DomainError:
    if row is None:
        return InvalidToken()
    if isinstance(claims, KeyClaims) and not secrets.fits(claims, row["secret_hash"]):
        return InvalidToken()
    if row["revoked_at"] is not None:
        return ApiKeyRevoked()
    if row["expires_at"] is not None and row["expires_at"] <= now:
        return ApiKeyExpired()
    return KeyCaller(row["id"], row["prefix"], row["workspace_id"], "write" in row["scopes"])


def require_write(key: KeyCaller) -> None:
    """Refuse a key that may only read; raises ScopeTooLow."""
    if not key.may_write:
        raise ScopeTooLow

"""Record privileged actions, and read what was recorded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.audit.models import AuditEntry
from core.audit.origin import origin
from core.db.base import uuid7
from core.db.paging import Before, newest_first
from core.db.session import Opened, driver_of

_INSERT = """
    INSERT INTO audit_entry (id, workspace_id, organization_id, actor_type, actor_id, action, subject_type, subject_id,
        data, ip, request_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


async def record(
    session: Opened,
    action: str,
    *,
    actor_type: str,
    actor_id: UUID | None,
    workspace_id: UUID | None = None,
    organization_id: UUID | None = None,
    subject_type: str | None = None,
    subject_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the caller's transaction; `action` is named `noun.verb_past`.

    An entry without a workspace needs the system scope. `data` says what changed: no secrets, no addresses of people.
    """
    came_from = origin.get()
    await driver_of(session).execute(
        _INSERT,
        uuid7(),
        workspace_id,
        organization_id,
        actor_type,
        actor_id,
        action,
        subject_type,
        subject_id,
        json.dumps(dict(data or {}), default=str),
        came_from.ip,
        came_from.request_id,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: by their exact action or all of a noun (`workspace.*`), by actor, and from when to when."""

    action: str | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    workspace_id: UUID | None = None


async def list_entries(session: AsyncSession, wanted: Wanted, *, limit: int, before: Before = None) -> list[AuditEntry]:
    """Return entries that the scope sees, newest first; `until` itself is not in."""
    query = select(AuditEntry)
    if wanted.workspace_id is not None:
        query = query.where(col(AuditEntry.workspace_id) == wanted.workspace_id)
    if wanted.action is not None:
        noun = wanted.action.removesuffix("*")
        whole = noun == wanted.action
        named = col(AuditEntry.action)
        query = query.where(named == noun if whole else named.startswith(noun, autoescape=True))
    if wanted.actor_id is not None:
        query = query.where(col(AuditEntry.actor_id) == wanted.actor_id)
    if wanted.since is not None:
        query = query.where(col(AuditEntry.created_at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(AuditEntry.created_at) < wanted.until)
    query = newest_first(query, AuditEntry, limit=limit, before=before)
    return list((await session.execute(query)).scalars())

"""Shapes of the audit log over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from core.audit.models import AuditEntry


class Actor(BaseModel):
    """Who acted: a user, an API key or the service itself."""

    type: str
    id: UUID | None


class AuditRead(BaseModel):
    """One privileged action: who did what to what, when, and from where."""

    id: UUID
    action: str
    actor: Actor
    workspace_id: UUID | None
    organization_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    data: dict[str, Any]
    ip: str | None
    request_id: str | None
    created_at: datetime

    @classmethod
    def of(cls, entry: AuditEntry) -> AuditRead:
        """Build from a row."""
        return cls(
            actor=Actor(type=entry.actor_type, id=entry.actor_id),
            **entry.model_dump(exclude={"actor_type", "actor_id"}),
        )

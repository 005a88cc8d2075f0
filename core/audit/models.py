"""Table of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field


class AuditEntry(SQLModel, table=True):
    """One privileged action. Its ids are no foreign keys: what it names may be gone, the entry stays."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_workspace_id_created_at", "workspace_id", "created_at", "id"),
        Index("ix_audit_entry_created_at", "created_at", "id"),
        Index("ix_audit_entry_actor_id_created_at", "actor_id", "created_at", "id"),
    )

    id: UUID = id_field()
    workspace_id: UUID | None = Field(default=None, sa_column=Column(PG_UUID(as_uuid=True), nullable=True))
    organization_id: UUID | None = None
    actor_type: str
    actor_id: UUID | None = None
    action: str
    subject_type: str | None = None
    subject_id: UUID | None = None
    data: dict[str, Any] = json_field()
    ip: str | None = None
    request_id: str | None = None
    created_at: datetime = created_at_field()

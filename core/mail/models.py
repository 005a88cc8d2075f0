"""Table of mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime
from sqlmodel import Field, SQLModel

from core.crypto.columns import sealed_field
from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class MailRow(SQLModel, table=True):
    """A mail on its way: `status` is queued, sending, sent or failed.

    `content` is sealed, and wiped once the mail is sent or given up; `tries` counts deliveries begun.
    """

    __tablename__ = "mail"

    id: UUID = id_field()
    workspace_id: UUID | None = workspace_field(nullable=True)
    kind: str
    to_address: str = Field(index=True)
    content: bytes | None = sealed_field(nullable=True)
    message_id: str
    status: str = Field(default="queued")
    tries: int = Field(default=0)
    error: dict[str, Any] | None = json_field(nullable=True)
    created_at: datetime = created_at_field()
    expires_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    sending_at: datetime | None = time_field()
    sent_at: datetime | None = time_field()

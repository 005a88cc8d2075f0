"""Tables of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, PrimaryKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import Field, SQLModel

from core.crypto.columns import sealed_field
from core.db.base import created_at_field, id_field, time_field, workspace_field

PENDING: Final = text("status = 'pending'")


class WebhookEndpoint(SQLModel, table=True):
    """Whom a workspace has told of its events, and how it stands with the receiver.

    `kind` is endpoint, or callback: the origin of URLs that jobs are to call, never shown; their messages have the URL.
    `failures` counts those in a row; until `open_until` nothing is sent; `failing_since` is the first of them.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index(
            "uq_webhook_endpoint_callback",
            "workspace_id",
            "url",
            unique=True,
            postgresql_where=text("kind = 'callback'"),
        ),
    )

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    kind: str = Field(default="endpoint")
    url: str
    description: str = Field(default="")
    event_types: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    secret: bytes | None = sealed_field(nullable=True)
    previous_secret: bytes | None = sealed_field(nullable=True)
    previous_secret_expires_at: datetime | None = time_field()
    status: str = Field(default="enabled")
    disabled_reason: str | None = None
    disabled_at: datetime | None = time_field()
    failing_since: datetime | None = time_field()
    failures: int = Field(default=0)
    open_until: datetime | None = time_field()
    created_by_type: str = Field(default="system")
    created_by_id: UUID | None = None
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()


class WebhookMessage(SQLModel, table=True):
    """An event on its way to one endpoint: `status` is pending, delivered or failed.

    `number` rises in the order of writing, `step` counts the attempts since the message was (again) made due, `tries`
    all. While `lease_until` has not passed, the worker that drew `lease_id` is sending it.
    """

    __tablename__ = "webhook_message"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index("ix_webhook_message_due", "endpoint_id", "next_at", "number", postgresql_where=PENDING),
        Index("ix_webhook_message_order", "endpoint_id", "subject_id", "number", postgresql_where=PENDING),
        Index("ix_webhook_message_leased", "endpoint_id", postgresql_where=text("lease_id IS NOT NULL")),
        Index("ix_webhook_message_endpoint_id_created_at", "endpoint_id", "created_at", "id"),
        Index("ix_webhook_message_workspace_id_created_at", "workspace_id", "created_at", "id"),
    )

    id: UUID = id_field()
    workspace_id: UUID = workspace_field(index=False)
    endpoint_id: UUID = Field(sa_column=Column(ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), nullable=False))
    number: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    url: str | None = None
    event_id: UUID
    type: str
    job_id: UUID | None = Field(default=None, index=True)
    subject_id: UUID | None = None
    sequence: int = Field(sa_type=BigInteger)
    body: str
    status: str = Field(default="pending")
    tries: int = Field(default=0)
    step: int = Field(default=0)
    next_at: datetime | None = time_field()
    lease_id: UUID | None = None
    lease_until: datetime | None = time_field()
    error: str | None = None
    created_at: datetime = created_at_field()
    delivered_at: datetime | None = time_field()


class WebhookAttempt(SQLModel, table=True):
    """One attempt to deliver a message and what came of it: a status, or the error that there was instead."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (PrimaryKeyConstraint("message_id", "number"),)

    workspace_id: UUID = workspace_field()
    message_id: UUID = Field(sa_column=Column(ForeignKey("webhook_message.id", ondelete="CASCADE"), nullable=False))
    number: int
    at: datetime = created_at_field()
    latency_ms: int
    status_code: int | None = None
    response: str = Field(default="")
    error_code: str | None = None
    error: str | None = None


class WebhookSecret(SQLModel, table=True):
    """The secret that signs what the jobs of a workspace call back."""

    __tablename__ = "webhook_secret"
    __table_args__ = (PrimaryKeyConstraint("workspace_id"),)

    workspace_id: UUID = workspace_field(index=False)
    secret: bytes = sealed_field()
    previous_secret: bytes | None = sealed_field(nullable=True)
    previous_secret_expires_at: datetime | None = time_field()
    created_at: datetime = created_at_field()
    rotated_at: datetime | None = time_field()


class WebhookSequence(SQLModel, table=True):
    """The last sequence number that was given to an event of a subject."""

    __tablename__ = "webhook_sequence"
    __table_args__ = (PrimaryKeyConstraint("subject_id"),)

    workspace_id: UUID = workspace_field()
    subject_id: UUID
    last: int = Field(sa_type=BigInteger)


class WebhookProgress(SQLModel, table=True):
    """What was last told of a job's progress, where an endpoint wants to know."""

    __tablename__ = "webhook_progress"
    __table_args__ = (PrimaryKeyConstraint("job_id"),)

    workspace_id: UUID = workspace_field()
    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=False))
    done: int
    total: int
    message: str

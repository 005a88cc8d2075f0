"""Tables of the job engine."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field

OPEN: Final = ("queued", "dispatched", "retry_wait")
ACTIVE: Final = (*OPEN, "running", "waiting")
DONE: Final = ("succeeded", "failed", "cancelled")


class Job(SQLModel, table=True):
    """One durable piece of work; Postgres holds its whole state."""

    __table_args__ = (
        UniqueConstraint("parent_id", "shard_no"),
        Index("ix_job_open", "pool", "created_at", postgresql_where=text(f"status IN {OPEN}")),
        Index("ix_job_lease_until", "lease_until", postgresql_where=text("status = 'running'")),
        Index(
            "ix_job_cancelling", "id", postgresql_where=text(f"cancel_requested_at IS NOT NULL AND status IN {ACTIVE}")
        ),
        Index("ix_job_workspace_id_created_at", "workspace_id", "created_at", "id"),
        Index("ix_job_subject_id", "subject_id"),
    )

    id: UUID = id_field()
    workspace_id: UUID | None = workspace_field(nullable=True, index=False)
    exploration_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    kind: str
    pool: str
    args: dict[str, Any] = json_field()
    status: str = Field(default="queued")
    priority: int = Field(default=0, sa_type=SmallInteger)
    attempt: int = Field(default=0)
    max_attempts: int
    timeout_s: float
    next_attempt_at: datetime | None = time_field()
    dispatch_no: int = Field(default=0)
    dispatched_at: datetime | None = time_field()
    claim_epoch: int = Field(default=0, sa_type=BigInteger)
    worker_id: UUID | None = None
    lease_until: datetime | None = time_field()
    deadline_at: datetime | None = time_field()
    rescues: int = Field(default=0)
    steps_at_rescue: int = Field(default=0)
    last_commit_id: UUID | None = None
    cancel_requested_at: datetime | None = time_field()
    parent_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=True)
    )
    shard_no: int | None = None
    children_total: int = Field(default=0)
    children_open: int = Field(default=0)
    max_children_in_flight: int = Field(default=0)
    progress_done: int = Field(default=0)
    progress_total: int = Field(default=0)
    progress_message: str = Field(default="")
    result: dict[str, Any] | None = json_field(nullable=True)
    error: dict[str, Any] | None = json_field(nullable=True)
    usage_calls: int = Field(default=0)
    usage_input_tokens: int = Field(default=0, sa_type=BigInteger)
    usage_output_tokens: int = Field(default=0, sa_type=BigInteger)
    usage_cost_usd: Decimal | None = Field(default=Decimal(0), sa_type=Numeric(18, 9), nullable=True)
    usage_replayed_calls: int = Field(default=0)
    max_cost_usd: Decimal | None = Field(default=None, sa_type=Numeric(18, 9), nullable=True)
    model: str | None = None
    callback_url: str | None = None
    created_by_type: str
    created_by_id: UUID | None = None
    version: int = Field(default=1, sa_type=BigInteger)
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    started_at: datetime | None = time_field()
    finished_at: datetime | None = time_field()


class JobAttempt(SQLModel, table=True):
    """One claim of a job by a worker and how it ended."""

    __tablename__ = "job_attempt"
    __table_args__ = (PrimaryKeyConstraint("job_id", "claim_epoch"),)

    workspace_id: UUID | None = workspace_field(nullable=True)
    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=False))
    claim_epoch: int = Field(sa_type=BigInteger)
    attempt: int
    worker_id: UUID | None = None
    started_at: datetime = created_at_field()
    finished_at: datetime | None = time_field()
    outcome: str | None = None
    error: dict[str, Any] | None = json_field(nullable=True)


class JobStep(SQLModel, table=True):
    """A committed step: its output is replayed, never produced again."""

    __tablename__ = "job_step"
    __table_args__ = (PrimaryKeyConstraint("job_id", "step_key", "input_hash"),)

    workspace_id: UUID | None = workspace_field(nullable=True)
    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=False))
    step_key: str
    input_hash: str
    claim_epoch: int = Field(sa_type=BigInteger)
    output: Any = json_field()
    lineage_id: UUID | None = None
    created_at: datetime = created_at_field()


class JobEvent(SQLModel, table=True):
    """What a job told its watchers; `sequence` rises per job and is the id of the event stream."""

    __tablename__ = "job_event"
    __table_args__ = (PrimaryKeyConstraint("job_id", "sequence"),)

    workspace_id: UUID | None = workspace_field(nullable=True)
    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=False))
    sequence: int = Field(sa_type=BigInteger)
    event: str
    data: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()


class WorkerProcess(SQLModel, table=True):
    """A worker process: its pools, slots and last heartbeat."""

    __tablename__ = "worker"

    id: UUID = id_field()
    hostname: str
    pid: int
    pools: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    slots: int
    running: int = Field(default=0)
    version: str | None = None
    started_at: datetime = created_at_field()
    heartbeat_at: datetime = Field(
        default=None, sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now())
    )
    stopped_at: datetime | None = time_field()


class Pause(SQLModel, table=True):
    """What must not start until it is resumed: jobs of a kind or of a workspace, or calls to a model."""

    __table_args__ = (UniqueConstraint("scope", "value"),)

    id: UUID = id_field()
    scope: str
    value: str
    reason: str
    created_by_id: UUID | None = None
    created_at: datetime = created_at_field()


class Lease(SQLModel, table=True):
    """A fenced lease by name: who leads the dispatching of all workers."""

    name: str = Field(primary_key=True)
    holder: UUID
    epoch: int = Field(sa_type=BigInteger)
    lease_until: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))


class IdempotencyRecord(SQLModel, table=True):
    """A key a caller gave with a request and the job that request made."""

    __tablename__ = "idempotency_record"
    __table_args__ = (PrimaryKeyConstraint("caller", "route", "key"),)

    workspace_id: UUID = workspace_field()
    caller: str
    route: str
    key: str
    body_hash: str
    job_id: UUID = Field(sa_column=Column(ForeignKey("job.id", ondelete="CASCADE"), nullable=False))
    created_at: datetime = Field(
        default=None,
        sa_column=Column(DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    )

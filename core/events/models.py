"""Table of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, text
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, json_field, time_field, workspace_field


class Event(SQLModel, table=True):
    """Something that happened to a subject; `id` rises in the order of writing.

    `fanned_out_at` is when it was handed to those it is told to; null while that is still to be done.
    """

    __table_args__ = (
        Index("ix_event_subject_id_id", "subject_id", "id"),
        Index("ix_event_waiting", "id", postgresql_where=text("fanned_out_at IS NULL")),
    )

    id: int = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    workspace_id: UUID = workspace_field()
    exploration_id: UUID | None = None
    type: str
    subject_type: str | None = None
    subject_id: UUID | None = None
    job_id: UUID | None = None
    data: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()
    fanned_out_at: datetime | None = time_field()

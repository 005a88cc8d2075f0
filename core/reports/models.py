"""Table of reports."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, time_field, workspace_field


class Report(SQLModel, table=True):
    """A report on one subject; its files are kept in storage under its id, one per format."""

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(
        sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    kind: str
    formats: list[str] = Field(sa_column=Column(ARRAY(TEXT), nullable=False))
    simulation_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=True)
    )
    title: str
    demonstration: bool | None = None
    job_id: UUID | None = None
    created_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()

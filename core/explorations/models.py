"""Table of explorations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, time_field, workspace_field


class Exploration(SQLModel, table=True):
    """A research question with its brief; deleting one keeps the answers that rest on it."""

    __table_args__ = (Index("ix_exploration_workspace_id_created_at", "workspace_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field(index=False)
    title: str
    description: str = Field(default="")
    country: str | None = None
    is_quantitative: bool = Field(default=True)
    is_qualitative: bool = Field(default=False)
    is_ended: bool = Field(default=False)
    created_by_id: UUID | None = None
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()

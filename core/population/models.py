"""Table of population plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class PopulationPlan(SQLModel, table=True):
    """A plan as it was computed; never changed."""

    __tablename__ = "population_plan"
    __table_args__ = (Index("ix_population_plan_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    plan: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()

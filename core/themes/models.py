"""Tables of codings of open-ended answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, PrimaryKeyConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class ThemeCoding(SQLModel, table=True):
    """One coding of a simulation's texts; `frames` are question → {themes, dropped}, null until its job has ended."""

    __tablename__ = "theme_coding"
    __table_args__ = (Index("ix_theme_coding_simulation_id_created_at", "simulation_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    simulation_id: UUID = Field(sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=False))
    question_keys: list[str] = json_field()
    max_themes: int
    seed: int = Field(sa_type=BigInteger)
    frames: dict[str, Any] | None = json_field(nullable=True)
    model: str | None = None
    demonstration: bool | None = None
    job_id: UUID | None = None
    created_at: datetime = created_at_field()


class ThemeAssignment(SQLModel, table=True):
    """The codes of one respondent's text, none where no theme fits; `quotes` are code → the words it rests on."""

    __tablename__ = "theme_assignment"
    __table_args__ = (PrimaryKeyConstraint("coding_id", "question_key", "respondent_number"),)

    workspace_id: UUID = workspace_field()
    coding_id: UUID = Field(sa_column=Column(ForeignKey("theme_coding.id", ondelete="CASCADE"), nullable=False))
    question_key: str
    respondent_number: int
    codes: list[str] = json_field()
    quotes: dict[str, str] = json_field()
    lineage_id: UUID | None = None

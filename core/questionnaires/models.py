"""Tables of questionnaires."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class Questionnaire(SQLModel, table=True):
    """A questionnaire as it stands; `content` is that of its present version."""

    __table_args__ = (Index("ix_questionnaire_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    title: str
    language: str = Field(default="en")
    version: int = Field(default=1)
    content: dict[str, Any] = json_field()
    question_count: int
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()


class QuestionnaireVersion(SQLModel, table=True):
    """What a questionnaire was in one version; never changed, kept when the questionnaire is deleted."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "version"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    questionnaire_id: UUID = Field(sa_column=Column(ForeignKey("questionnaire.id", ondelete="CASCADE"), nullable=False))
    version: int
    title: str
    language: str
    content: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()


class AnchorSet(SQLModel, table=True):
    """Sentences that stand for the points of a scale, `sets[set][point]`; `version` rises with each change of them.

    A name is given once among those that are not deleted, whatever its case.
    """

    __tablename__ = "anchor_set"
    __table_args__ = (
        Index(
            "uq_anchor_set_name", "workspace_id", text("lower(name)"), unique=True,
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )  # fmt: skip

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    name: str
    language: str
    points: int
    sets: list[list[str]] = json_field()
    version: int = Field(default=1)
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()

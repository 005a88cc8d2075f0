"""Tables of research objectives."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class ResearchObjective(SQLModel, table=True):
    """An objective as its user wrote it, and how it stands now.

    `components`, `score` and `questions` are those of the newest analysis with what the user has set (`set_by_user`);
    the spans of `components` are of the present source.
    """

    __tablename__ = "research_objective"
    __table_args__ = (
        Index("ix_research_objective_workspace_id_created_at", "workspace_id", "created_at", "id"),
        Index("ix_research_objective_exploration_id_created_at", "exploration_id", "created_at", "id"),
    )

    id: UUID = id_field()
    workspace_id: UUID = workspace_field(index=False)
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    title: str
    description: str = Field(default="")
    text: str = Field(default="")
    clarifications: list[dict[str, Any]] = json_field(server_default="[]")
    """Answers that have joined the source, in order: {round, question_id, component, question, answer}."""
    rounds: int = Field(default=0)
    status: str = Field(default="draft")
    score: float | None = None
    score_parts: dict[str, Any] | None = json_field(nullable=True)
    components: dict[str, Any] = json_field(server_default="{}")
    set_by_user: dict[str, Any] = json_field(server_default="{}")
    questions: list[dict[str, Any]] = json_field(server_default="[]")
    """Open questions: {id, component, text}."""
    analysis_id: UUID | None = None
    analyses: int = Field(default=0)
    created_by_id: UUID | None = None
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()


class ResearchObjectiveAnalysis(SQLModel, table=True):
    """One analysis: the source it read, what came of it, what made it; never changed."""

    __tablename__ = "research_objective_analysis"
    __table_args__ = (UniqueConstraint("research_objective_id", "number"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    research_objective_id: UUID = Field(
        sa_column=Column(ForeignKey("research_objective.id", ondelete="CASCADE"), nullable=False)
    )
    number: int
    round: int
    source_text: str
    status: str
    score: float
    score_parts: dict[str, Any] = json_field()
    components: dict[str, Any] = json_field()
    questions: list[dict[str, Any]] = json_field()
    dropped_quotes: int = Field(default=0)
    """Quotes of the model that do not stand in the source."""
    model: str
    demonstration: bool = Field(default=False)
    prompt_name: str
    prompt_version: int
    seed: int = Field(sa_type=BigInteger)
    job_id: UUID | None = None
    lineage_id: UUID | None = None
    created_at: datetime = created_at_field()

"""Tables of what was found out about personas: verdicts on traits, confidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class TraitsValidation(SQLModel, table=True):
    """Traits that a caller wants judged, and the verdicts once its job has ended; never changed afterwards.

    `profile` is the persona that they were judged as part of: what was known of it, with these traits in place.
    """

    __tablename__ = "traits_validation"
    __table_args__ = (Index("ix_traits_validation_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    persona_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("persona.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    persona_version: int | None = None
    trait_group: str
    traits: dict[str, Any] = json_field()
    profile: dict[str, Any] = json_field()
    verdicts: list[dict[str, Any]] | None = json_field(nullable=True)
    model: str | None = None
    demonstration: bool = Field(default=False)
    prompt_name: str | None = None
    prompt_version: int | None = None
    seed: int | None = Field(default=None, sa_type=BigInteger)
    lineage_id: UUID | None = None
    job_id: UUID | None = None
    created_at: datetime = created_at_field()
    decided_at: datetime | None = time_field()


class PersonaConfidence(SQLModel, table=True):
    """How far evidence supports one version of a persona, as it was last computed.

    `citations` are what was counted: {passage_id, evidence_id, trait, stance, quote} each.
    """

    __tablename__ = "persona_confidence"
    __table_args__ = (UniqueConstraint("persona_id", "version"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    persona_id: UUID = Field(sa_column=Column(ForeignKey("persona.id", ondelete="CASCADE"), nullable=False))
    version: int
    score: float
    tier: str
    parts: dict[str, float] = json_field()
    reasons: list[str] = json_field()
    citations: list[dict[str, Any]] = json_field()
    research_objective_id: UUID | None = None
    model: str | None = None
    demonstration: bool = Field(default=False)
    prompt_name: str | None = None
    prompt_version: int | None = None
    seed: int | None = Field(default=None, sa_type=BigInteger)
    lineage_id: UUID | None = None
    job_id: UUID
    created_at: datetime = created_at_field()

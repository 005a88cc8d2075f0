"""Tables of personas."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, time_field, workspace_field


class Persona(SQLModel, table=True):
    """A persona; its traits are in its versions, `name` is a copy of the present one's."""

    __table_args__ = (Index("ix_persona_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    origin: str
    name: str
    version: int = Field(default=1)
    population_weight: float | None = None
    job_id: UUID | None = None
    copied_from_id: UUID | None = None
    copied_from_version: int | None = None
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()
    deleted_at: datetime | None = time_field()


class PersonaResult(SQLModel, table=True):
    """What a job found out about a persona in one version (kind ocean, preview or backstory), with all that made it."""

    __tablename__ = "persona_result"
    __table_args__ = (Index("ix_persona_result_persona_id_kind", "persona_id", "kind", "created_at"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    persona_id: UUID = Field(sa_column=Column(ForeignKey("persona.id", ondelete="CASCADE"), nullable=False))
    version: int
    kind: str
    content: dict[str, Any] = json_field()
    model: str | None = None
    demonstration: bool = Field(default=False)
    prompt_name: str | None = None
    prompt_version: int | None = None
    seed: int | None = Field(default=None, sa_type=BigInteger)
    lineage_id: UUID | None = None
    job_id: UUID | None = None
    created_at: datetime = created_at_field()


class PersonaGeneration(SQLModel, table=True):
    """One job that made personas: how many, by which seed, and the population they stand for.

    `targets` are the caller's, as given, or null; `margins` are those of the cells that were drawn from, either way.
    """

    __tablename__ = "persona_generation"
    __table_args__ = (Index("ix_persona_generation_exploration_id", "exploration_id", "created_at"),)

    job_id: UUID = Field(primary_key=True)
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    count: int
    seed: int = Field(sa_type=BigInteger)
    targets: dict[str, Any] | None = json_field(nullable=True)
    margins: dict[str, Any] = json_field()
    created_at: datetime = created_at_field()


class PersonaVersion(SQLModel, table=True):
    """The traits of a persona in one version and what made them; never changed."""

    __tablename__ = "persona_version"
    __table_args__ = (UniqueConstraint("persona_id", "version"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    persona_id: UUID = Field(sa_column=Column(ForeignKey("persona.id", ondelete="CASCADE"), nullable=False))
    version: int
    profile: dict[str, Any] = json_field()
    model: str | None = None
    demonstration: bool = Field(default=False)
    prompt_name: str | None = None
    prompt_version: int | None = None
    seed: int | None = Field(default=None, sa_type=BigInteger)
    lineage_id: UUID | None = None
    passage_ids: list[str] = json_field(server_default="[]")
    warnings: list[dict[str, Any]] = json_field(server_default="[]")
    created_at: datetime = created_at_field()

"""Tables of survey simulations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from core.db.base import created_at_field, id_field, json_field, workspace_field


class Simulation(SQLModel, table=True):
    """One run of a questionnaire over simulated respondents; `content` is the questionnaire as it was asked.

    `personas` are {persona_id, version, name, weight}; `plan` is the population plan respondents are drawn by,
    null where they are drawn around the personas; `parameters` those of the elicitation; `anchors` are the anchors of
    each question rated by similarity, by key, null in rows of earlier releases. `sizes` are how many were drawn at
    first and by each extension (empty in rows of earlier releases: once). A row with `extension_of` holds the
    respondents that are being added to that simulation until they all have answered; it is no simulation of its own.
    """

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(
        sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    questionnaire_id: UUID = Field(sa_column=Column(ForeignKey("questionnaire.id", ondelete="CASCADE"), nullable=False))
    questionnaire_version: int
    title: str
    language: str
    content: dict[str, Any] = json_field()
    plan_id: UUID | None = None
    personas: list[dict[str, Any]] = json_field()
    plan: dict[str, Any] | None = json_field(nullable=True)
    sample_size: int
    sizes: list[int] = Field(
        default_factory=list, sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    method: str
    seed: int = Field(sa_type=BigInteger)
    parameters: dict[str, Any] = json_field()
    anchors: dict[str, Any] | None = json_field(nullable=True)
    job_id: UUID | None = None
    rerun_of: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("simulation.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    extension_of: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=True, unique=True)
    )
    complete: bool = Field(default=False)
    is_download: bool = Field(default=False)
    model: str | None = None
    demonstration: bool | None = None
    created_at: datetime = created_at_field()


class Respondent(SQLModel, table=True):
    """One simulated person of a simulation, with attributes of their own; `arms` are split → arm, for no prompt."""

    __table_args__ = (PrimaryKeyConstraint("simulation_id", "number"),)

    workspace_id: UUID = workspace_field()
    simulation_id: UUID = Field(sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=False))
    number: int
    persona_id: UUID
    persona_version: int
    weight: float = Field(default=1.0)
    attributes: dict[str, Any] = json_field()
    arms: dict[str, str] = json_field(server_default="{}")


class RetestAnswer(SQLModel, table=True):
    """What one respondent said to a question when asked again; compared with the answer, counted in no result."""

    __tablename__ = "retest_answer"
    __table_args__ = (
        PrimaryKeyConstraint("simulation_id", "respondent_number", "question_key"),
        ForeignKeyConstraint(
            ["simulation_id", "respondent_number"],
            ["respondent.simulation_id", "respondent.number"],
            ondelete="CASCADE",
        ),
    )

    workspace_id: UUID = workspace_field()
    simulation_id: UUID
    respondent_number: int
    question_key: str
    method: str
    value: Any = json_field(nullable=True)
    probabilities: dict[str, float] | None = json_field(nullable=True)
    text: str | None = None
    flags: list[str] | None = json_field(nullable=True)
    missing_reason: str | None = None
    model: str | None = None
    lineage_id: UUID | None = None
    created_at: datetime = created_at_field()


class Answer(SQLModel, table=True):
    """What one respondent answered to one question, or why there is no answer. Written once, never changed.

    `text` is what was said in own words where the value was read from it; `flags` are notes of the method;
    `option_order` are the codes as they were shown, null where the order was the questionnaire's.
    """

    __table_args__ = (
        PrimaryKeyConstraint("simulation_id", "respondent_number", "question_key"),
        ForeignKeyConstraint(
            ["simulation_id", "respondent_number"],
            ["respondent.simulation_id", "respondent.number"],
            ondelete="CASCADE",
        ),
    )

    workspace_id: UUID = workspace_field()
    simulation_id: UUID
    respondent_number: int
    question_key: str
    method: str
    value: Any = json_field(nullable=True)
    probabilities: dict[str, Any] | None = json_field(nullable=True)
    text: str | None = None
    flags: list[str] | None = json_field(nullable=True)
    option_order: list[str] | None = json_field(nullable=True)
    missing_reason: str | None = None
    model: str | None = None
    lineage_id: UUID | None = None
    created_at: datetime = created_at_field()


class AnswerColumn(SQLModel, table=True):
    """What all respondents of a run have of one variable: made of its rows, and made again when it is extended.

    `kinds` has each value once; `places` a little-endian 32-bit number for each respondent number from 0 on, the place
    in `kinds` from 1, or 0. It counts while `respondents` is the run's sample size.
    """

    __tablename__ = "answer_column"
    __table_args__ = (PrimaryKeyConstraint("simulation_id", "variable"),)

    workspace_id: UUID = workspace_field()
    simulation_id: UUID = Field(sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=False))
    variable: str
    respondents: int
    kinds: list[Any] = json_field()
    places: bytes


class Segment(SQLModel, table=True):
    """A named part of the respondents of any run of an exploration; of a list in `conditions` one must be met."""

    __table_args__ = (Index("ix_segment_exploration_id_created_at", "exploration_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    exploration_id: UUID = Field(sa_column=Column(ForeignKey("exploration.id", ondelete="CASCADE"), nullable=False))
    name: str
    conditions: list[str | list[str]] = json_field()
    created_at: datetime = created_at_field()
    updated_at: datetime = created_at_field()


class Weighting(SQLModel, table=True):
    """Targets that a run's respondents are weighted to wherever this weighting is named; their own weights stay.

    Weights are computed from the respondents each time, so that those of an extended run count them all.
    """

    __table_args__ = (Index("ix_weighting_simulation_id_created_at", "simulation_id", "created_at", "id"),)

    id: UUID = id_field()
    workspace_id: UUID = workspace_field()
    simulation_id: UUID = Field(sa_column=Column(ForeignKey("simulation.id", ondelete="CASCADE"), nullable=False))
    name: str
    targets: dict[str, Any] = json_field()
    cap: float | None = None
    created_at: datetime = created_at_field()

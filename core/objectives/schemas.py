"""Shapes of research objectives over HTTP and between packages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from core.db.text import LongText, Text, VisibleText
from core.jobs.schemas import JobOptions
from core.objectives.components import (
    Component,
    ComponentName,
    ComponentSet,
    ObjectiveStatus,
    components_of,
)
from core.objectives.models import ResearchObjective, ResearchObjectiveAnalysis
from core.objectives.source import source_of

LARGEST_SEED = 2**53 - 1
Seed = Annotated[int, Field(ge=0, le=LARGEST_SEED)]
Answer = Annotated[Text, StringConstraints(min_length=1)]


class ObjectiveCreate(BaseModel):
    """A research objective in its user's words; without any, those of the exploration's brief."""

    model_config = ConfigDict(extra="forbid")

    exploration_id: UUID
    title: VisibleText | None = None
    description: LongText | None = None
    text: LongText | None = None


class ObjectiveUpdate(BaseModel):
    """What may be changed: the source, and single components (null gives one back to the analysis)."""

    model_config = ConfigDict(extra="forbid")

    title: VisibleText | None = None
    description: LongText | None = None
    text: LongText | None = None
    components: dict[ComponentName, ComponentSet | None] | None = None


class AnalyzeRequest(BaseModel):
    """How an analysis is to be made."""

    model_config = ConfigDict(extra="forbid")

    seed: Seed | None = None
    job: JobOptions | None = None


class AnswerGiven(BaseModel):
    """An answer to one of the open questions."""

    model_config = ConfigDict(extra="forbid")

    question_id: UUID
    answer: Answer


class ClarifyRequest(AnalyzeRequest):
    """Answers to open questions: a list, or an object of question id → answer."""

    answers: Annotated[list[AnswerGiven], Field(min_length=1, max_length=20)]

    @field_validator("answers", mode="before")
    @classmethod
    def _from_object(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return [{"question_id": key, "answer": answer} for key, answer in value.items()]
        return value


class QuestionRead(BaseModel):
    """A clarifying question about one component."""

    id: UUID
    component: ComponentName
    text: str


class ClarificationRead(BaseModel):
    """A question that was answered; the answer is part of the source."""

    round: int
    question_id: UUID
    component: ComponentName
    question: str
    answer: str


class ScoreParts(BaseModel):
    """The three parts of the score, each 0–100."""

    completeness: float
    specificity: float
    evidence: float


class ObjectiveRead(BaseModel):
    """A research objective as it stands. Spans are of `source_text`, in code points."""

    id: UUID
    workspace_id: UUID
    exploration_id: UUID
    title: str
    description: str
    text: str
    source_text: str
    status: ObjectiveStatus
    score: float | None
    score_parts: ScoreParts | None
    components: dict[ComponentName, Component]
    questions: list[QuestionRead]
    clarifications: list[ClarificationRead]
    rounds: int
    analysis_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ResearchObjective) -> ObjectiveRead:
        """Return a row's shape."""
        return cls.model_validate(
            {name: getattr(row, name) for name in cls.model_fields if name not in ("source_text", "components")}
            | {"source_text": source_of(row), "components": components_of(row.components)}
        )


class AnalysisRead(BaseModel):
    """One analysis as it was: the source it read, what came of it, what made it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    research_objective_id: UUID
    number: int
    round: int
    source_text: str
    status: ObjectiveStatus
    score: float
    score_parts: ScoreParts
    components: dict[ComponentName, Component]
    questions: list[QuestionRead]
    dropped_quotes: int
    model: str
    demonstration: bool
    prompt_name: str
    prompt_version: int
    seed: int
    job_id: UUID | None
    lineage_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, row: ResearchObjectiveAnalysis) -> AnalysisRead:
        """Return a row's shape."""
        return cls.model_validate(row)


class ObjectiveSnapshot(BaseModel):
    """A research objective for other packages to read."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    status: ObjectiveStatus
    score: float | None
    components: dict[ComponentName, Component]
    source_text: str

    def known(self) -> dict[ComponentName, str]:
        """Return the value of each component that has one."""
        return {name: one.value for name, one in self.components.items() if one.value is not None}

    @classmethod
    def of(cls, row: ResearchObjective) -> ObjectiveSnapshot:
        """Return a row's snapshot."""
        return cls(
            id=row.id,
            status=row.status,
            score=row.score,
            components=components_of(row.components),
            source_text=source_of(row),
        )

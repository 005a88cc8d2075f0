"""Prompt of research objectives."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import ShortText, Text
from core.llm.prompts import Prompt
from core.objectives.components import ComponentName, ComponentStatus

Quotes = Annotated[list[Text], Field(max_length=12)]


class Answered(BaseModel):
    """A question that was answered; the answer is part of the source."""

    model_config = ConfigDict(frozen=True)

    component: ComponentName
    question: str
    answer: str


class PassageGiven(BaseModel):
    """An excerpt of a document; `ref` names it in the reply."""

    model_config = ConfigDict(frozen=True)

    ref: str
    title: str
    text: str


class ObjectiveInput(BaseModel):
    """The source to take apart, and what helps to understand it."""

    model_config = ConfigDict(frozen=True)

    source: str
    country: str | None = None
    answers: list[Answered] = Field(default_factory=list)
    passages: list[PassageGiven] = Field(default_factory=list)


class ComponentReply(BaseModel):
    """A component as the model has it; code decides what is believed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Text | None
    status: ComponentStatus
    quotes: Quotes
    passages: Annotated[list[ShortText], Field(max_length=12)]


class QuestionReply(BaseModel):
    """A question as the model would ask it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    component: ComponentName
    text: Text


class ComponentsReply(BaseModel):
    """The ten components."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    business_context: ComponentReply
    decision_problem: ComponentReply
    information_gap: ComponentReply
    primary_hypothesis: ComponentReply
    secondary_hypotheses: ComponentReply
    target_audience: ComponentReply
    segmentation_logic: ComponentReply
    competitive_frame: ComponentReply
    behaviours_attitudes: ComponentReply
    geography: ComponentReply


class ObjectiveReply(BaseModel):
    """What the model makes of a source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    components: ComponentsReply
    questions: Annotated[list[QuestionReply], Field(max_length=12)]


OBJECTIVE_ANALYSIS: Final = Prompt.from_file(
    __package__,
    "objective_analysis",
    version=1,
    input=ObjectiveInput,
    output=ObjectiveReply,
    temperature=0.2,
    max_output_tokens=4000,
)

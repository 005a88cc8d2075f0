"""Shapes of codings over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import VisibleText
from core.jobs.schemas import JobOptions
from core.jobs.shown import ShownStatus
from core.surveys.schemas import OptionResult, PersonaResult

MOST_THEMES: Final = 30
MOST_QUESTIONS: Final = 20
LARGEST_SEED: Final = 2**31 - 1


class ThemesCreate(BaseModel):
    """What to code: all open-ended questions by default."""

    model_config = ConfigDict(extra="forbid")

    question_keys: Annotated[list[VisibleText], Field(min_length=1, max_length=MOST_QUESTIONS)] | None = None
    max_themes: Whole = Field(default=12, ge=2, le=MOST_THEMES)
    seed: Whole | None = Field(default=None, ge=0, le=LARGEST_SEED, description="By default that of the simulation")
    job: JobOptions | None = None


class ThemeQuote(BaseModel):
    """Words of one respondent, as they stand in their recorded answer."""

    respondent_number: int
    persona_id: UUID
    quote: str


class ThemeRead(BaseModel):
    """A theme with its figures; shares are of the texts, a text may have several themes."""

    code: str
    name: str
    definition: str
    figures: OptionResult
    quotes: list[ThemeQuote]


class CodedQuestion(BaseModel):
    """The themes of one question.

    `n` are the texts; `other` those that a model found to say something no theme covers, `uncoded` those without any
    code; `dropped` how many codes were not kept because the words given for them do not stand in the text, or for a
    code that there is not; `unread`, part of `uncoded`, texts for which the model gave no reply that could be used.
    """

    key: str
    text: str
    n: int
    n_eff: float
    themes: list[ThemeRead]
    other: OptionResult
    uncoded: OptionResult
    dropped: int
    unread: int
    by_persona: list[PersonaResult]


class CodingSummary(BaseModel):
    """A coding in a list."""

    id: UUID
    simulation_id: UUID
    job_id: UUID
    status: ShownStatus
    question_keys: list[str]
    max_themes: int
    seed: int
    model: str | None
    demonstration: bool | None
    created_at: datetime


class CodingRead(CodingSummary):
    """A coding with its themes; `questions` is empty until its job has succeeded."""

    questions: list[CodedQuestion]

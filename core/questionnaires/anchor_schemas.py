"""Shapes of anchor sets over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import Text, VisibleText, readable
from core.questionnaires.scales import FEWEST_POINTS, MOST_POINTS
from core.questionnaires.schemas import Language

MOST_SETS: Final = 20
LONGEST_SENTENCE: Final = 500
Sentence = Annotated[Text, Field(min_length=1, max_length=LONGEST_SENTENCE), AfterValidator(readable)]
Sets = Annotated[
    list[Annotated[list[Sentence], Field(max_length=MOST_POINTS)]],
    Field(min_length=1, max_length=MOST_SETS, description="Each set: one sentence per point, the lowest point first"),
]


class AnchorSetCreate(BaseModel):
    """An anchor set for scales of so many points."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText
    language: Language = "en"
    points: Whole = Field(ge=FEWEST_POINTS, le=MOST_POINTS)
    sets: Sets


class AnchorSetUpdate(BaseModel):
    """What to change; how many points it has stays, as questions rest on it."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText = Field(default_factory=str)
    language: Language = Field(default_factory=str)
    sets: Sets = Field(default_factory=list)


class AnchorSetRead(BaseModel):
    """An anchor set; `version` rises with each change of its sentences, and simulations name the one they used."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    language: str
    points: int
    sets: list[list[str]]
    version: int
    created_at: datetime
    updated_at: datetime

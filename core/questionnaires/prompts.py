"""The prompt that drafts a questionnaire. A changed text or schema needs a new version."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import ShortText, Text
from core.llm.prompts import Prompt

MOST_DRAFTED: Final = 80


class ComponentGiven(BaseModel):
    """A component of the objective that has a value."""

    model_config = ConfigDict(frozen=True)

    component: str
    status: str
    value: str


class HypothesisGiven(BaseModel):
    """A hypothesis of a component; `ref` names it in the reply."""

    model_config = ConfigDict(frozen=True)

    ref: str
    component: str
    text: str


class DraftInput(BaseModel):
    """What a questionnaire is drafted from."""

    model_config = ConfigDict(frozen=True)

    title: str
    country: str | None
    language: str
    components: list[ComponentGiven]
    hypotheses: list[HypothesisGiven]
    personas: list[dict[str, Any]]
    questions: int
    mistakes: list[str] = Field(default_factory=list)


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DraftedOption(_Reply):
    """An answer to choose."""

    label: ShortText
    exclusive: bool
    pinned: bool


class DraftedServes(_Reply):
    """What a question is said to serve; code decides whether there is such a thing."""

    component: ShortText | None
    hypothesis: ShortText | None
    theme: ShortText | None


class DraftedQuestion(_Reply):
    """A question as a model drafts it; code decides whether it can be asked."""

    key: ShortText
    type: ShortText
    text: Text
    options: Annotated[list[DraftedOption], Field(max_length=100)]
    rows: Annotated[list[ShortText], Field(max_length=100)]
    minimum: float | None
    maximum: float | None
    randomise: bool
    required: bool
    show_if: Text | None
    serves: DraftedServes


class DraftedSection(_Reply):
    """Questions that are asked together."""

    title: ShortText
    questions: Annotated[list[DraftedQuestion], Field(max_length=MOST_DRAFTED)]


class DraftedQuestionnaire(_Reply):
    """What a model drafts."""

    sections: Annotated[list[DraftedSection], Field(min_length=1, max_length=30)]


QUESTIONNAIRE_DRAFT: Final = Prompt.from_file(
    __package__,
    "questionnaire_draft",
    version=1,
    input=DraftInput,
    output=DraftedQuestionnaire,
    temperature=0.4,
    max_output_tokens=12000,
)

"""Prompts of survey simulations. A changed text or schema needs a new version: answers are remembered under it."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core.llm.prompts import OutputShape, Prompt
from core.llm.schema import closed
from core.surveys.replies import read_direct, read_probabilities, read_statements


class AskedOption(BaseModel):
    """An option as the respondent sees it."""

    model_config = ConfigDict(frozen=True)

    code: str
    label: str
    exclusive: bool = False


class AskedRow(BaseModel):
    """A row of a matrix as the respondent sees it."""

    model_config = ConfigDict(frozen=True)

    code: str
    label: str


class AskedScale(BaseModel):
    """The ends of a numeric scale, null where it is open, and the labels of a rating scale."""

    model_config = ConfigDict(frozen=True)

    min: float | None = None
    max: float | None = None
    labels: list[str] = []


class AskedQuestion(BaseModel):
    """A question as the respondent sees it."""

    model_config = ConfigDict(frozen=True)

    key: str
    type: str
    text: str
    options: list[AskedOption] = []
    scale: AskedScale | None = None
    rows: list[AskedRow] | None = Field(default=None, exclude_if=lambda rows: rows is None)
    ranks: int | None = Field(default=None, exclude_if=lambda ranks: ranks is None)
    """How many options of a ranking are put in order."""
    sets: list[list[str]] | None = Field(default=None, exclude_if=lambda sets: sets is None)
    """Of a max_diff question the codes shown together, set by set."""
    required: bool = True


class AskedSection(BaseModel):
    """Questions asked together."""

    model_config = ConfigDict(frozen=True)

    title: str
    questions: list[AskedQuestion]


class EarlierAnswer(BaseModel):
    """What the respondent answered before, in words."""

    model_config = ConfigDict(frozen=True)

    question: str
    answer: str


class Portrait(BaseModel):
    """Who answers: the persona's traits and the respondent's own attributes, which go first where they differ."""

    model_config = ConfigDict(frozen=True)

    persona: dict[str, Any]
    attributes: dict[str, Any]
    number: int


class SectionInput(BaseModel):
    """One section put to one respondent."""

    model_config = ConfigDict(frozen=True)

    respondent: Portrait
    language: str
    earlier_answers: list[EarlierAnswer]
    section: AskedSection


class DistributionInput(BaseModel):
    """One question put about all people of one cell."""

    model_config = ConfigDict(frozen=True)

    persona: dict[str, Any]
    attributes: dict[str, Any]
    language: str
    question: AskedQuestion


def _direct_schema(question: AskedQuestion) -> dict[str, Any]:
    codes = [option.code for option in question.options]
    if question.type in ("single_choice", "likert"):
        return {"type": "string", "enum": codes}
    if question.type == "multiple_choice":
        return {"type": "array", "items": {"type": "string", "enum": codes}}
    if question.type == "nps":
        return {"type": "integer", "enum": list(range(11))}
    if question.type == "ranking":
        return {"type": "array", "items": {"type": "string", "enum": codes}}
    if question.type == "matrix":
        return closed({row.code: {"type": "string", "enum": codes} for row in question.rows or []})
    if question.type == "max_diff":
        sets = {str(number): {"type": "string", "enum": shown} for number, shown in enumerate(question.sets or [], 1)}
        return closed({number: closed({"best": one, "worst": one}) for number, one in sets.items()})
    return {"type": "number"} if question.type == "numeric" else {"type": "string"}


def _direct_shape(data: SectionInput) -> OutputShape[dict[str, Any]]:
    questions = data.section.questions
    schema = closed({"answers": closed({q.key: _optional(q, _direct_schema(q)) for q in questions})})
    return OutputShape(schema, lambda reply: read_direct(reply, questions))


def _statements_shape(data: SectionInput) -> OutputShape[dict[str, str | None]]:
    questions = data.section.questions
    schema = closed({"statements": closed({q.key: _optional(q, {"type": "string"}) for q in questions})})
    return OutputShape(schema, lambda reply: read_statements(reply, questions))


def _optional(question: AskedQuestion, schema: dict[str, Any]) -> dict[str, Any]:
    """Let null stand for an answer that need not be given."""
    return schema if question.required else {"anyOf": [schema, {"type": "null"}]}


def _distribution_shape(data: DistributionInput) -> OutputShape[dict[str, float]]:
    codes = [option.code for option in data.question.options]
    schema = closed({"probabilities": closed({code: {"type": "number"} for code in codes})})
    independent = data.question.type == "multiple_choice"
    return OutputShape(schema, lambda reply: read_probabilities(reply, codes, independent=independent))


SURVEY_DIRECT: Final[Prompt[SectionInput, dict[str, Any]]] = Prompt.from_file(
    __package__, "survey_direct", version=4, input=SectionInput, output=_direct_shape, max_output_tokens=4000
)
SURVEY_STATEMENTS: Final[Prompt[SectionInput, dict[str, str | None]]] = Prompt.from_file(
    __package__, "survey_statements", version=2, input=SectionInput, output=_statements_shape, max_output_tokens=4000
)
SURVEY_DISTRIBUTION: Final[Prompt[DistributionInput, dict[str, float]]] = Prompt.from_file(
    __package__,
    "survey_distribution",
    version=1,
    input=DistributionInput,
    output=_distribution_shape,
    max_output_tokens=1500,
)
SURVEY_PROMPTS: Final[tuple[Prompt[Any, Any], ...]] = (SURVEY_DIRECT, SURVEY_STATEMENTS, SURVEY_DISTRIBUTION)

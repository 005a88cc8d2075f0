"""Prompts of personas."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import LongText, ShortText, Text
from core.llm.prompts import OutputShape, Prompt
from core.llm.schema import closed
from core.personas.backstory import FEWEST, MOST, BackstoryWords, read_backstory
from core.personas.ocean import ItemAnswers, read_answers
from core.personas.preview import PreviewWords, read_preview
from core.personas.traits import AgeRange, Ocean

Several = Annotated[list[ShortText], Field(min_length=1, max_length=12)]


class Brief(BaseModel):
    """What the research is about."""

    model_config = ConfigDict(frozen=True)

    title: str
    description: str
    country: str | None


class Passage(BaseModel):
    """A passage of the evidence under a short name that holds for one question only."""

    model_config = ConfigDict(frozen=True)

    ref: str
    title: str
    source: str | None
    text: str


class PersonaProseInput(BaseModel):
    """One cell of the population to invent a person for, and whom not to invent again."""

    model_config = ConfigDict(frozen=True)

    brief: Brief
    cell: dict[str, str]
    ocean: Ocean | None = None
    objective: dict[str, str] = Field(default_factory=dict)
    evidence: list[Passage] = Field(default_factory=list)
    mistakes: list[str] = Field(default_factory=list)
    avoid_names: list[str] = Field(default_factory=list)
    avoid_summaries: list[str] = Field(default_factory=list)


class PersonaProse(BaseModel):
    """A person as the model wrote it; code sets what the cell decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ShortText
    age_range: AgeRange
    gender: ShortText
    location_country: ShortText
    location_state: ShortText
    geography: ShortText
    education_level: ShortText
    occupation: ShortText
    income_range: ShortText
    family_size: int = Field(ge=1, le=50)
    marital_status: ShortText
    accommodation: Text
    mobility: Text
    daily_rhythm: Text
    lifestyle: Text
    values: Several
    personality: Several
    interests: Several
    motivations: Several
    hobbies: Several
    brand_sensitivity: Text
    price_sensitivity: Text
    decision_making_style: Text
    purchase_patterns: Text
    purchase_channel: Text
    professional_traits: Text
    digital_activity: Text
    preferences: Text
    backstory: LongText
    cites: Annotated[list[ShortText], Field(max_length=20)] = Field(default_factory=list)


PERSONA_PROSE: Final = Prompt.from_file(
    __package__,
    "persona_prose",
    version=3,
    input=PersonaProseInput,
    output=PersonaProse,
    temperature=1.0,
    max_output_tokens=2500,
)


class TraitsToJudge(BaseModel):
    """Traits of one persona that a model judges, with what else is known of it and of the research."""

    model_config = ConfigDict(frozen=True)

    brief: Brief
    objective: dict[str, str] = Field(default_factory=dict)
    trait_group: str
    traits: dict[str, Any]
    others: dict[str, Any]


class TraitVerdict(BaseModel):
    """What a model says of one trait."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trait: ShortText
    verdict: Literal["valid", "invalid"]
    reason: Text


class TraitVerdicts(BaseModel):
    """What a model says of several traits; code decides which of it counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdicts: Annotated[list[TraitVerdict], Field(max_length=200)]


PERSONA_TRAIT_VERDICTS: Final = Prompt.from_file(
    __package__,
    "persona_trait_verdicts",
    version=1,
    input=TraitsToJudge,
    output=TraitVerdicts,
    temperature=0.2,
    max_output_tokens=3000,
)


class AskedItem(BaseModel):
    """A statement as it is shown to a persona."""

    model_config = ConfigDict(frozen=True)

    number: int
    text: str


class MiniIpipInput(BaseModel):
    """Who fills in the questionnaire, and the statements in the order shown."""

    model_config = ConfigDict(frozen=True)

    persona: dict[str, Any]
    attributes: dict[str, Any]
    scale: list[str]
    items: list[AskedItem]


def _mini_ipip_shape(data: MiniIpipInput) -> OutputShape[ItemAnswers]:
    numbers = sorted(item.number for item in data.items)
    answer = {"anyOf": [{"type": "integer", "enum": [1, 2, 3, 4, 5]}, {"type": "null"}]}
    answers = closed({str(number): answer for number in numbers})
    return OutputShape(closed({"answers": answers}), lambda reply: read_answers(reply, numbers))


MINI_IPIP: Final[Prompt[MiniIpipInput, ItemAnswers]] = Prompt.from_file(
    __package__, "mini_ipip", version=1, input=MiniIpipInput, output=_mini_ipip_shape, max_output_tokens=1000
)


class PreviewInput(BaseModel):
    """What is known of a persona, its traits in groups."""

    model_config = ConfigDict(frozen=True)

    name: str
    groups: dict[str, dict[str, Any]]
    backstory: str | None


def _preview_shape(data: PreviewInput) -> OutputShape[PreviewWords]:
    text = {"type": "string"}
    words = {"title": text, "one_line_summary": text, "full_summary": text}
    schema = closed({**words, "groups": closed(dict.fromkeys(data.groups, text))})
    return OutputShape(schema, lambda reply: read_preview(reply, data.groups))


PERSONA_PREVIEW: Final[Prompt[PreviewInput, PreviewWords]] = Prompt.from_file(
    __package__, "persona_preview", version=1, input=PreviewInput, output=_preview_shape, max_output_tokens=1500
)


class BackstoryInput(BaseModel):
    """What is known of a persona besides its story, the story there is, and what an earlier draft got wrong."""

    model_config = ConfigDict(frozen=True)

    brief: Brief
    persona: dict[str, Any]
    attributes: dict[str, Any]
    present_backstory: str | None
    contradictions: list[str] = Field(default_factory=list)


def _backstory_shape(data: BackstoryInput) -> OutputShape[BackstoryWords]:
    names = sorted(set(data.persona) - {"name"}) or ["name"]
    shaped = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "maxItems": 5}
    experience = closed({"age": {"type": "integer"}, "event": {"type": "string"}, "shaped": shaped})
    experiences = {"type": "array", "items": experience, "minItems": FEWEST, "maxItems": MOST}
    schema = closed({"backstory": {"type": "string"}, "experiences": experiences})
    return OutputShape(schema, lambda reply: read_backstory(reply, names))


PERSONA_BACKSTORY: Final[Prompt[BackstoryInput, BackstoryWords]] = Prompt.from_file(
    __package__, "persona_backstory", version=1, input=BackstoryInput, output=_backstory_shape, max_output_tokens=2000
)


class PersonaBesideEvidence(BaseModel):
    """A persona's traits and the passages that may bear on them."""

    model_config = ConfigDict(frozen=True)

    persona: dict[str, Any]
    evidence: list[Passage]


class EvidenceFinding(BaseModel):
    """What a model reads from one passage about one trait; code checks passage, trait and quote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ref: ShortText
    stance: Literal["supports", "contradicts", "irrelevant"]
    trait: Text
    quote: Text


class EvidenceFindings(BaseModel):
    """What a model reads from several passages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    findings: Annotated[list[EvidenceFinding], Field(max_length=200)]


PERSONA_EVIDENCE: Final = Prompt.from_file(
    __package__,
    "persona_evidence",
    version=1,
    input=PersonaBesideEvidence,
    output=EvidenceFindings,
    temperature=0.2,
    max_output_tokens=4000,
)

"""Prompts of personas."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import LongText, ShortText, Text
from core.llm.prompts import Prompt
from core.personas.traits import AgeRange, Ocean

Several = Annotated[list[ShortText], Field(min_length=1, max_length=12)]


class Brief(BaseModel):
    """What the research is about."""

    model_config = ConfigDict(frozen=True)

    title: str
    description: str
    country: str | None


class PersonaProseInput(BaseModel):
    """One cell of the population to invent a person for, and whom not to invent again."""

    model_config = ConfigDict(frozen=True)

    brief: Brief
    cell: dict[str, str]
    ocean: Ocean | None = None
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


PERSONA_PROSE: Final = Prompt.from_file(
    __package__,
    "persona_prose",
    version=2,
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

"""Prompts of personas."""

from __future__ import annotations

from typing import Annotated, Final

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

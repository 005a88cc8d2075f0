"""The traits of a persona: what is stored in a version and shown to a model."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator
from pydantic_core import PydanticCustomError

from core.db.numbers import Real, Whole
from core.db.text import LongText, ShortText, Text, storable

OLDEST: Final = 120
MAX_LIST: Final = 30
MAX_ATTRIBUTES: Final = 50
LONGEST_VALUE: Final = 200
LARGEST_VALUE: Final = 1e15

Score = Annotated[Real, Field(ge=0, le=100, allow_inf_nan=False)]
Texts = Annotated[list[ShortText], Field(max_length=MAX_LIST)]


def _attribute(value: Any) -> str | float | bool:
    """Return a text, a number or a truth value as it is; raises for anything else."""
    if isinstance(value, str) and value.strip() and len(value) <= LONGEST_VALUE:
        return storable(value.strip())
    if isinstance(value, bool | int | float) and abs(value) <= LARGEST_VALUE:  # which neither inf nor nan is
        return value
    raise PydanticCustomError(
        "attribute",
        "must be a text of 1 to {most} characters, a number, true or false",
        {"most": LONGEST_VALUE},
    )


AttributeValue = Annotated[Any, PlainValidator(_attribute, json_schema_input_type=str | float | bool)]
Attributes = Annotated[dict[ShortText, AttributeValue], Field(max_length=MAX_ATTRIBUTES)]


class AgeRange(BaseModel):
    """Ages in years, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: Whole = Field(ge=0, le=OLDEST)
    max: Whole = Field(ge=0, le=OLDEST)

    @model_validator(mode="after")
    def _ordered(self) -> AgeRange:
        if self.min > self.max:
            raise PydanticCustomError("age_range", "min must not be above max")
        return self


class Ocean(BaseModel):
    """The Big Five that a persona is to show: target scores, 0–100."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    openness: Score
    conscientiousness: Score
    extraversion: Score
    agreeableness: Score
    neuroticism: Score


class Profile(BaseModel):
    """All traits of a persona; what is not known is None or empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ShortText
    age_range: AgeRange | None = None
    gender: ShortText | None = None
    location_country: ShortText | None = None
    location_state: ShortText | None = None
    geography: ShortText | None = None
    education_level: ShortText | None = None
    occupation: ShortText | None = None
    income_range: ShortText | None = None
    family_size: Annotated[Whole, Field(ge=1, le=50)] | None = None
    marital_status: ShortText | None = None
    accommodation: Text | None = None
    mobility: Text | None = None
    daily_rhythm: Text | None = None
    lifestyle: Text | None = None
    values: Texts = Field(default_factory=list)
    personality: Texts = Field(default_factory=list)
    interests: Texts = Field(default_factory=list)
    motivations: Texts = Field(default_factory=list)
    hobbies: Texts = Field(default_factory=list)
    brand_sensitivity: Text | None = None
    price_sensitivity: Text | None = None
    decision_making_style: Text | None = None
    purchase_patterns: Text | None = None
    purchase_channel: Text | None = None
    professional_traits: Text | None = None
    digital_activity: Text | None = None
    preferences: Text | None = None
    backstory: LongText | None = None
    ocean: Ocean | None = None
    attributes: Attributes = Field(default_factory=dict)

    def known(self) -> dict[str, Any]:
        """Return the traits that are known, without attributes, as JSON for a prompt."""
        plain = self.model_dump(mode="json", exclude={"attributes"})
        return {name: value for name, value in plain.items() if value not in (None, "", [])}

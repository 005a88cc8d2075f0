"""Shapes of personas over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Real, Whole
from core.db.text import VisibleText
from core.jobs.schemas import Submission
from core.personas.check_models import PersonaConfidence
from core.personas.models import Persona, PersonaVersion
from core.personas.targets import TargetsGiven
from core.personas.traits import AgeRange, Attributes, Ocean, Profile

MAX_COUNT: Final = 50
LARGEST_SEED: Final = 2**31 - 1

Weight = Annotated[
    Real,
    Field(
        ge=0,
        le=1e9,
        allow_inf_nan=False,
        description="What part of the population the persona stands for, in any unit. Samples drawn without targets are"
        " in proportion to it; a persona without one counts as the mean of the others, and that is a warning.",
    ),
]


class PersonaCreate(Profile):
    """A persona by hand: a name, and whatever else is known."""

    name: VisibleText
    population_weight: Weight | None = None

    def profile(self) -> Profile:
        """Return the traits alone."""
        return Profile.model_validate(self.model_dump(exclude={"population_weight"}))


class PersonaUpdate(PersonaCreate):
    """What to change; a trait that is null is forgotten, one that is not named stays."""

    name: VisibleText = Field(default_factory=str)

    def changed_traits(self) -> dict[str, Any]:
        """Return the traits that were named, with their new values."""
        return self.model_dump(mode="json", exclude_unset=True, exclude={"population_weight"})


class CitationRead(BaseModel):
    """A passage that supports or contradicts a trait, with the words of it that say so."""

    passage_id: UUID
    evidence_id: UUID
    trait: str
    stance: Literal["supports", "contradicts"]
    quote: str


class Confidence(BaseModel):
    """How far evidence supports a persona, computed from what is cited."""

    score: float
    tier: Literal["high", "medium", "low"]
    parts: dict[str, float]
    reasons: list[str]
    passage_ids: list[UUID]
    citations: list[CitationRead] = Field(description="What was counted: each quote stands in its passage.")
    demonstration: bool
    computed_at: datetime

    @classmethod
    def of(cls, row: PersonaConfidence) -> Confidence:
        """Build from a row."""
        citations = [CitationRead.model_validate(one) for one in row.citations]
        return cls.model_validate(
            {
                "score": row.score,
                "tier": row.tier,
                "parts": row.parts,
                "reasons": row.reasons,
                "passage_ids": list(dict.fromkeys(one.passage_id for one in citations)),
                "citations": citations,
                "demonstration": row.demonstration,
                "computed_at": row.created_at,
            }
        )


class ContradictionRead(BaseModel):
    """Traits that do not go together by a rule of code, and why."""

    code: str
    traits: list[str]
    reason: str


class CopiedFrom(BaseModel):
    """The persona, and the version of it, that one is a copy of."""

    persona_id: UUID
    version: int

    @classmethod
    def of(cls, row: Persona) -> CopiedFrom | None:
        """Build from a row; None where it is no copy."""
        if row.copied_from_id is None or row.copied_from_version is None:
            return None
        return cls(persona_id=row.copied_from_id, version=row.copied_from_version)


class PersonaRead(BaseModel):
    """A persona in its present version."""

    id: UUID
    exploration_id: UUID
    version: int
    origin: Literal["auto", "manual"]
    name: str
    age_range: AgeRange | None
    gender: str | None
    location_country: str | None
    location_state: str | None
    geography: str | None
    education_level: str | None
    occupation: str | None
    income_range: str | None
    family_size: int | None
    marital_status: str | None
    accommodation: str | None
    mobility: str | None
    daily_rhythm: str | None
    lifestyle: str | None
    values: list[str]
    personality: list[str]
    interests: list[str]
    motivations: list[str]
    hobbies: list[str]
    brand_sensitivity: str | None
    price_sensitivity: str | None
    decision_making_style: str | None
    purchase_patterns: str | None
    purchase_channel: str | None
    professional_traits: str | None
    digital_activity: str | None
    preferences: str | None
    backstory: str | None
    attributes: Attributes
    population_weight: float | None
    copied_from: CopiedFrom | None = None
    ocean: Ocean | None = None
    confidence: Confidence | None = None
    passage_ids: list[UUID] = Field(description="Passages of the evidence that whoever wrote this version cites.")
    warnings: list[ContradictionRead] = Field(
        description="Traits of this version that contradict each other, by the rules of code."
    )
    model: str | None
    demonstration: bool
    job_id: UUID | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Persona, version: PersonaVersion, confidence: PersonaConfidence | None = None) -> PersonaRead:
        """Build from a persona and one of its versions."""
        return cls(
            **Profile.model_validate(version.profile).model_dump(),
            id=row.id,
            exploration_id=row.exploration_id,
            version=version.version,
            origin="auto" if row.origin == "auto" else "manual",
            population_weight=row.population_weight,
            copied_from=CopiedFrom.of(row),
            confidence=Confidence.of(confidence) if confidence else None,
            passage_ids=[UUID(one) for one in version.passage_ids],
            warnings=[ContradictionRead.model_validate(one) for one in version.warnings],
            model=version.model,
            demonstration=version.demonstration,
            job_id=row.job_id,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class PersonaVersionRead(BaseModel):
    """One version of a persona: its traits and what made them."""

    version: int
    profile: Profile
    model: str | None
    demonstration: bool
    prompt_name: str | None
    prompt_version: int | None
    seed: int | None
    passage_ids: list[UUID]
    warnings: list[ContradictionRead]
    created_at: datetime

    @classmethod
    def of(cls, row: PersonaVersion) -> PersonaVersionRead:
        """Build from a row."""
        return cls(
            version=row.version,
            profile=Profile.model_validate(row.profile),
            model=row.model,
            demonstration=row.demonstration,
            prompt_name=row.prompt_name,
            prompt_version=row.prompt_version,
            seed=row.seed,
            passage_ids=[UUID(one) for one in row.passage_ids],
            warnings=[ContradictionRead.model_validate(one) for one in row.warnings],
            created_at=row.created_at,
        )


class AutoGenerate(Submission):
    """Make personas by job. `targets` are `{cells}` or `{margins}`; a seed that is not given is drawn."""

    count: Whole = Field(ge=1, le=MAX_COUNT)
    seed: Whole | None = Field(default=None, ge=0, le=LARGEST_SEED)
    targets: TargetsGiven | None = None


class PersonaSnapshot(BaseModel):
    """A persona in one version, as a simulation uses it; `profile` holds the known traits as JSON."""

    model_config = ConfigDict(frozen=True)

    persona_id: UUID
    version: int
    name: str
    profile: dict[str, Any]
    attributes: dict[str, Any]
    weight: float | None

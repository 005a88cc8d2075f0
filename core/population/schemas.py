"""Shapes of population plans, stored and over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Real, Whole
from core.personas.targets import TargetsGiven
from core.population.models import PopulationPlan
from core.stats.targets import Cell, parse_targets

# Of a plan and of a simulation alike: whatever is planned can be asked.
MAX_RESPONDENTS: Final = 50_000
MAX_PERSONAS: Final = 200
AllocationMethod = Literal["proportional", "equal", "neyman"]
Margins = dict[str, dict[str, float]]


class PlanCreate(BaseModel):
    """What a plan is computed from: `n`, or a `margin_of_error` (0.05 = ±5 points) that recommends it.

    With both, `n` stands, and the factors show what the margin would have asked for.
    """

    model_config = ConfigDict(extra="forbid")

    persona_ids: list[UUID] = Field(min_length=1, max_length=MAX_PERSONAS)
    n: Whole | None = Field(default=None, ge=1, le=MAX_RESPONDENTS)
    margin_of_error: Real | None = Field(default=None, ge=0.001, lt=1, allow_inf_nan=False)
    targets: TargetsGiven | None = None
    allocation: AllocationMethod = "proportional"
    standard_deviations: list[Annotated[Real, Field(ge=0, le=1e6, allow_inf_nan=False)]] | None = Field(
        default=None, max_length=MAX_PERSONAS, description="Per persona, in order; neyman allocation only"
    )
    minimum_per_persona: Whole = Field(default=0, ge=0, le=MAX_RESPONDENTS)
    population_size: Whole | None = Field(default=None, ge=1, le=10**10)
    design_effect: Real = Field(default=1, ge=1, le=100, allow_inf_nan=False)
    subgroups: Whole = Field(default=1, ge=1, le=100)
    minimum_per_subgroup: Whole = Field(
        default=0, ge=0, le=MAX_RESPONDENTS, description="The fewest respondents in each subgroup that is analysed"
    )


class FactorRead(BaseModel):
    """One step of the arithmetic: its name, its value and why it is there."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    value: float
    why: str


class Allocated(BaseModel):
    """How many respondents are modelled on a persona; `weight` is the share of the population it stands for (0–1).

    `respondent_weight` is what each of them weighs (mean 1), so that together they are that share. A simulation of the
    plan's n has exactly these; one of another n its part of them, by largest remainder.
    """

    persona_id: UUID
    n: int
    weight: float
    respondent_weight: float | None = Field(default=None, description="Null in plans of earlier releases")


class Realised(BaseModel):
    """Weighted margins of respondents beside the targets'; total variation 0–1 per attribute."""

    margins: Margins
    target_margins: Margins
    total_variation: dict[str, float]


class PoorMatchesRead(BaseModel):
    """How many of the planned respondents are more than 15 years from their persona's age, or of another gender.

    `other_values` has those whose persona has another value of any other attribute, by attribute and value.
    """

    model_config = ConfigDict(from_attributes=True)

    n: int
    far_ages: int
    other_genders: int
    other_values: dict[str, dict[str, int]] = {}


class PlanDocument(BaseModel):
    """A plan's figures. `margin_of_error` is what n is planned for, or what n simple random answers would have;
    `n_eff_weights` is Kish's (Σw)²/Σw², `n_eff` counts the clustering of respondents in personas too, and
    `effective_margin_of_error` is that of n_eff. None of them speaks about people: respondents are simulated.
    """

    n: int
    margin_of_error: float | None
    effective_margin_of_error: float | None
    factors: list[FactorRead]
    method: AllocationMethod
    minimum_per_persona: int
    allocation: list[Allocated]
    n_eff: float
    n_eff_weights: float | None = Field(default=None, description="Null in plans of earlier releases")
    targets: dict[str, Any] | None = Field(description="As they were given")
    realised: Realised | None
    poor_matches: PoorMatchesRead | None = None
    warnings: list[str]


class PlanRead(PlanDocument):
    """A stored plan."""

    id: UUID
    exploration_id: UUID
    created_at: datetime

    @classmethod
    def of(cls, row: PopulationPlan) -> PlanRead:
        """Build from a row."""
        return cls(**row.plan, id=row.id, exploration_id=row.exploration_id, created_at=row.created_at)

    @property
    def persona_ids(self) -> list[UUID]:
        """Return the plan's personas in the order of its allocation."""
        return [row.persona_id for row in self.allocation]

    @property
    def cells(self) -> tuple[Cell, ...] | None:
        """Return the joint cells that the respondents are drawn from; None for a plan without targets."""
        return None if self.targets is None else parse_targets(self.targets).cells

    def document(self) -> PlanDocument:
        """Return the figures alone."""
        return PlanDocument.model_validate(self.model_dump(exclude={"id", "exploration_id", "created_at"}))

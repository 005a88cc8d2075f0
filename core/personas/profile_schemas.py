"""Shapes over HTTP of what jobs find out about a persona: OCEAN profile, preview, life story."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.jobs.schemas import Submission
from core.personas.backstory import Story
from core.personas.mini_ipip import instrument
from core.personas.models import PersonaResult
from core.personas.schemas import LARGEST_SEED, ContradictionRead, PersonaRead
from core.personas.traits import Ocean

MAX_REPEATS: Final = 10
NORM_CAUTION: Final = (
    "Percentiles are a normal approximation to a convenience sample of volunteers who answered other items of the same"
    " pool; they say where a score lies among them, not in a population."
)
Seed = Annotated[Whole, Field(ge=0, le=LARGEST_SEED)]


class PersonaAsk(Submission):
    """Ask about a persona by job; a seed that is not given is drawn."""

    seed: Seed | None = None


class OceanAsk(PersonaAsk):
    """Have a persona take the Mini-IPIP."""

    repeats: Annotated[Whole, Field(ge=1, le=MAX_REPEATS)] = Field(
        default=1, description="How many times it is taken, each with an order of items of its own."
    )
    blind: bool = Field(
        default=False,
        description="Do not tell the model the persona's target scores: what is expressed then comes from its words.",
    )


class BackstoryWrite(BaseModel):
    """A life story by hand."""

    model_config = ConfigDict(extra="forbid")

    backstory: Story


class PersonaWarned(PersonaRead):
    """A persona in its present version, with what code finds contradictory in its life story, too."""


class Made(BaseModel):
    """Which version of a persona something is of, and what made it."""

    persona_id: UUID
    version: int = Field(description="The version that this is of.")
    is_current: bool = Field(description="Whether that is the persona's present version.")
    model: str | None
    demonstration: bool
    prompt_name: str | None
    prompt_version: int | None
    seed: int | None
    job_id: UUID | None
    created_at: datetime


class ItemRead(BaseModel):
    """A statement of the questionnaire with its key."""

    number: int
    text: str
    trait: str
    reversed: bool


class NormRead(BaseModel):
    """What scores are read against: means and SDs (1–5), where they come from, and what percentiles are."""

    source: str
    kind: Literal["normal approximation of a convenience sample"] = "normal approximation of a convenience sample"
    caution: str = NORM_CAUTION
    mean: dict[str, float]
    sd: dict[str, float]


class OceanScore(BaseModel):
    """A trait as it was expressed; all null where too few of its items were answered."""

    mean: float | None = Field(description="1–5, the mean of the draws that have a score")
    score: float | None = Field(description="the same on 0–100")
    percentile: float | None = Field(description="0–100, against the norm named")
    draws_scored: int
    sd_between_draws: float | None = Field(description="1–5; null with fewer than two draws")


class OceanAgreement(BaseModel):
    """Expressed less target, in points of 100."""

    differences: dict[str, float]
    mean_absolute_difference: float
    verdict: Literal["close", "loose", "off"]


class OceanFlags(BaseModel):
    """Signs that answers do not follow the statements."""

    straight_lined: bool = Field(description="All answers of a draw are one and the same.")
    acquiescence: float | None = Field(description="Mean of the raw answers less 3: leaning to agree with anything.")


class OceanDraw(BaseModel):
    """One administration: raw answers by item number, why others are missing, the order in which items were shown."""

    number: int
    seed: int
    order: list[int]
    answers: dict[str, int]
    missing: dict[str, Literal["refused", "invalid"]]
    items_answered: dict[str, int]
    lineage_id: UUID | None


class OceanRead(Made):
    """An administered Mini-IPIP."""

    instrument: str
    scale: list[str]
    items: list[ItemRead]
    norm: NormRead
    repeats: int
    blind: bool
    scores: dict[str, OceanScore]
    target: Ocean | None
    agreement: OceanAgreement | None
    flags: OceanFlags
    draws: list[OceanDraw]

    @classmethod
    def of(cls, row: PersonaResult, present: int) -> OceanRead:
        """Build from a result and the persona's present version."""
        used = instrument()
        items = [ItemRead(number=i.number, text=i.text, trait=i.trait, reversed=i.reversed) for i in used.items]
        return cls(
            **made(row, present),
            **row.content,
            instrument=used.name,
            scale=list(used.scale),
            items=items,
            norm=norm_read(),
        )


class TraitGroup(BaseModel):
    """Traits that belong together, as they are, and a line about them."""

    name: str
    summary: str
    traits: dict[str, Any]


class PreviewRead(Made):
    """A persona at a glance."""

    title: str
    one_line_summary: str
    full_summary: str
    trait_groups: list[TraitGroup]

    @classmethod
    def of(cls, row: PersonaResult, present: int) -> PreviewRead:
        """Build from a result and the persona's present version."""
        return cls(**made(row, present), **row.content)


class ExperienceRead(BaseModel):
    """An event that shaped a persona, and the traits it helps to explain."""

    age: int
    event: str
    shaped: list[str]


class BackstoryRead(BaseModel):
    """The life story of a persona's present version; experiences only where a job wrote it."""

    persona_id: UUID
    version: int
    backstory: str | None
    experiences: list[ExperienceRead]
    warnings: list[ContradictionRead]
    model: str | None
    demonstration: bool
    prompt_name: str | None
    prompt_version: int | None
    seed: int | None
    job_id: UUID | None


def made(row: PersonaResult, present: int) -> dict[str, Any]:
    """Return the members of `Made` of a result."""
    names = ("persona_id", "version", "model", "demonstration", "prompt_name", "prompt_version", "seed", "job_id")
    return {name: getattr(row, name) for name in (*names, "created_at")} | {"is_current": row.version == present}


def norm_read() -> NormRead:
    """Return the norm that scores are read against."""
    used = instrument()
    return NormRead(
        source=used.norms_source,
        mean={trait: one.mean for trait, one in used.norms.items()},
        sd={trait: one.sd for trait, one in used.norms.items()},
    )

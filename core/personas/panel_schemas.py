"""Shape over HTTP of how a panel of personas stands."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from core.personas.panel import MarginVerdict
from core.personas.profile_schemas import NormRead
from core.stats.psychometrics import Verdict


class MarginRead(BaseModel):
    """Shares of an attribute's values: those meant, those of the personas, and half the sum of their differences."""

    attribute: str
    target: dict[str, float]
    realised: dict[str, float]
    realised_weighted: dict[str, float] | None = Field(description="By population weight; null where nobody has one.")
    unplaced: int = Field(description="Personas with none of the target's values; they count as a difference.")
    total_variation: float | None
    total_variation_weighted: float | None
    least_possible: float | None = Field(description="What the best panel of as many personas would have.")
    verdict: MarginVerdict | None = Field(description="`matched` up to 0.05.")


class NearPair(BaseModel):
    """Two personas and how alike they are."""

    persona_ids: list[UUID]
    names: list[str]
    similarity: float
    backstory_similarity: float


class DistinctnessRead(BaseModel):
    """How alike the personas are, 0–1; null without a pair."""

    pairs: int
    mean_similarity: float | None
    max_similarity: float | None
    limit: float
    mean_prose_similarity: float | None
    max_prose_similarity: float | None
    max_backstory_similarity: float | None
    backstory_limit: float
    same_names: int
    nearest: list[NearPair]


class SpreadRead(BaseModel):
    """Scores (0–100) against the norm: `distance` in its SDs, `sd_ratio` of its SD, and the verdict of the rules."""

    n: int
    mean: float | None
    sd: float | None
    distance: float | None
    sd_ratio: float | None
    verdict: Verdict


class TraitPanel(BaseModel):
    """A trait in the panel: as it was meant (target), as the Mini-IPIP has it (expressed), and how the two agree."""

    norm_mean: float
    norm_sd: float
    target: SpreadRead
    expressed: SpreadRead
    correlation: float | None = Field(description="r of target and expressed; null with fewer than three of both.")
    alpha: float | None = Field(description="Cronbach's alpha over ten personas or more.")


class FindingRead(BaseModel):
    """Something wrong with the panel."""

    code: str
    about: str
    reason: str


class PanelRead(BaseModel):
    """How a panel stands: the newest 200 personas at most, in their present versions."""

    exploration_id: UUID
    personas: int
    personas_left_out: int
    targets_source: Literal["query", "generation"] | None
    targets_given: bool = Field(description="Whether a caller gave the targets; else they are those of the brief.")
    job_id: UUID | None = Field(description="The job whose targets these are.")
    margins: list[MarginRead]
    distinctness: DistinctnessRead
    ocean: dict[str, TraitPanel]
    norm: NormRead
    findings: list[FindingRead]
    ok: bool = Field(description="Whether there are no findings.")

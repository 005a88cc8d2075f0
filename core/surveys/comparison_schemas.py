"""Shape of two runs compared."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from core.jobs.shown import ShownStatus
from core.stats.column_letters import Adjustment

Interval = tuple[float, float]
Test = Literal["rao_scott", "planned", "means", "options"]


class ComparedRun(BaseModel):
    """One of the two: its `n` respondents are worth `n_eff` at the planning intra-class correlation."""

    simulation_id: UUID
    title: str
    status: ShownStatus
    complete: bool
    n: int
    n_eff: float
    questionnaire_id: UUID
    questionnaire_version: int
    method: str
    seed: int
    model: str | None


class ComparedFigures(BaseModel):
    """What one run says of a question: `n` answers, what they are worth, and the mean of numbers or points."""

    n: int
    n_eff: float
    mean: float | None
    nps: float | None


class ComparedOption(BaseModel):
    """Weighted percentages (0–100) of an option in both runs, and b less a in points with its simulation interval.

    `p` is that of the option against all others, adjusted for the number of options.
    """

    code: str
    label: str
    a_pct: float | None
    b_pct: float | None
    difference: float | None
    ci: Interval | None
    p: float | None


class ComparedMean(BaseModel):
    """A mean, or net promoter score, of b less that of a, with its simulation interval and p value (0–1)."""

    difference: float
    ci: Interval
    p: float | None


class ComparedQuestion(BaseModel):
    """One question in both runs; differences are b less a.

    `total_variation` and `jensen_shannon` (bits) are distances of the distributions, 0–1; null where there are none.
    `test` gave `p`: a corrected χ² of option by run, that of the means, or for a multiple choice the smallest p of an
    option times their number. `adjusted_p` counts all questions; `differs` says whether it is below the level.
    `changed` names what is worded otherwise in b.
    """

    key: str
    type: str
    text: str
    changed: list[Literal["text", "labels", "range"]]
    a: ComparedFigures
    b: ComparedFigures
    options: list[ComparedOption]
    mean: ComparedMean | None
    nps: ComparedMean | None
    total_variation: float | None
    jensen_shannon: float | None
    test: Test | None
    p: float | None
    adjusted_p: float | None
    differs: bool


class NotCompared(BaseModel):
    """A question of either run that has no like in the other, and why."""

    key: str
    reason: str


class ComparisonRead(BaseModel):
    """Two runs compared question by question, from the answers recorded so far; computed, nothing is stored.

    `differing` are the keys of questions that differ at `alpha` after `adjustment` for all that were tested.
    """

    a: ComparedRun
    b: ComparedRun
    alpha: float
    adjustment: Adjustment
    questions: list[ComparedQuestion]
    not_comparable: list[NotCompared]
    differing: list[str]
    warnings: list[str]

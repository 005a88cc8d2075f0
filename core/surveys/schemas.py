"""Shapes of simulations, responses and results over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Whole
from core.db.text import VisibleText
from core.jobs.schemas import Submission
from core.jobs.shown import ShownStatus
from core.population.schemas import MAX_PERSONAS, MAX_RESPONDENTS, Realised
from core.surveys.addition_schemas import ExtensionRead
from core.surveys.arm_schemas import SplitBase
from core.surveys.battery_schemas import PersonaRank, RankingItem
from core.surveys.max_diff_schemas import MaxDiffItem, PersonaScore
from core.surveys.method_schemas import MethodParameters
from core.surveys.methods import Requested

LARGEST_SEED = 2**31 - 1


class SimulationCreate(Submission):
    """A simulation to run: whom to ask comes from `persona_ids` or from `plan_id`, one of them."""

    questionnaire_id: UUID
    persona_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MAX_PERSONAS)
    plan_id: UUID | None = None
    sample_size: Whole | None = Field(default=None, ge=1, le=MAX_RESPONDENTS)
    method: Requested = "auto"
    parameters: MethodParameters = Field(default_factory=MethodParameters)
    seed: Whole | None = Field(default=None, ge=0, le=LARGEST_SEED)
    title: VisibleText | None = None


class SimulationUpdate(BaseModel):
    """What may be changed of a simulation."""

    model_config = ConfigDict(extra="forbid")

    is_download: bool


class PersonaPart(BaseModel):
    """A persona that takes part: its version and population weight, null where it has none of its own."""

    persona_id: UUID
    version: int
    name: str
    weight: float | None


class SimulationRead(BaseModel):
    """A simulation; `status` is that of its job.

    `complete` is true once its job has succeeded and every respondent has, for every question, an answer or a final
    reason for none: `not_shown`, `refused` or `invalid`, but not `error`, `budget` or `cancelled`. `warnings` tell
    what the sample rests on that nobody gave, such as a persona's weight. `sizes` are how many respondents were drawn
    at first and by each extension, `extension` is one that has not ended well. This one runs `rerun_of` again.
    """

    id: UUID
    exploration_id: UUID
    questionnaire_id: UUID
    questionnaire_version: int
    plan_id: UUID | None
    title: str
    status: ShownStatus
    complete: bool
    sample_size: int
    sizes: list[int]
    extension: ExtensionRead | None
    rerun_of: UUID | None
    method: Requested
    seed: int
    parameters: dict[str, Any]
    personas: list[PersonaPart]
    warnings: list[str]
    model: str | None
    demonstration: bool | None
    is_download: bool
    job_id: UUID | None
    created_at: datetime


class OptionResult(BaseModel):
    """How often an option was chosen; percentages and interval 0–100.

    `weighted_pct` and `ci` are null where there are answers but all of them weigh 0.
    """

    code: str
    label: str
    score: float | None = None
    count: int
    weighted_count: float
    pct: float
    weighted_pct: float | None
    ci: tuple[float, float] | None


class BinResult(BaseModel):
    """One class of a number: `low` is included; `high` is too in a class of whole numbers, else not.

    `weighted_pct` is null where all answers weigh 0.
    """

    label: str
    low: float
    high: float
    count: int
    weighted_count: float
    pct: float
    weighted_pct: float | None


class NpsResult(BaseModel):
    """Net promoter score, −100…100, with its simulation interval and the three groups in per cent."""

    value: float
    ci: tuple[float, float]
    promoters: float
    passives: float
    detractors: float


class PersonaOption(BaseModel):
    """Percentage (0–100) of one persona's respondents who chose an option."""

    code: str
    pct: float


class PersonaResult(BaseModel):
    """One question among the respondents of one persona, each by their weight; all alike where each weighs 0."""

    persona_id: UUID
    persona_name: str
    n: int
    mean: float | None
    options: list[PersonaOption]
    max_diff: list[PersonaScore] = []
    ranking: list[PersonaRank] = []


class PersonaBase(BaseModel):
    """How many of the `n` respondents stand for a persona, and their share (0–1) of all weight."""

    persona_id: UUID
    persona_name: str
    n: int
    share: float


class ArmResult(BaseModel):
    """One question among the respondents in one arm, as they read it; `result` has no parts by persona or split."""

    arm: str
    label: str
    result: QuestionResult


class SplitResult(BaseModel):
    """One question by the arms of a split that it reads.

    `chi2` and `cramers_v` are those of its table with the arms, null where there is no such test.
    """

    split: str
    arms: list[ArmResult]
    chi2: ChiSquareResult | None
    cramers_v: float | None


class QuestionResult(BaseModel):
    """One question: n answers, why others are missing, and what was computed from the answers.

    `n_eff` counts weights and the clustering of respondents in personas; `icc` is the intra-class correlation
    used. `mean`, `sd`, `median`, `top2` and `bottom2` are weighted, and null where all answers weigh 0, as `nps` is;
    the boxes are per cent. `min`, `max` and `histogram` are those of a numeric question. `rows` are those of a matrix,
    each as the rating scale it is, with the key `<key>.<row>`. Of a ranking `options` count the first choices, and
    `agreement` is Kendall's W (0–1). `by_split` has the splits by whose arms the question differs: `text` and options
    then name them as `{{key}}`, unless a filter leaves one arm.
    """

    key: str
    type: str
    text: str
    methods: dict[str, int]
    n: int
    n_eff: float
    icc: float | None
    missing: dict[str, int]
    options: list[OptionResult]
    mean: float | None
    sd: float | None
    median: float | None
    min: float | None
    max: float | None
    histogram: list[BinResult]
    top2: float | None
    bottom2: float | None
    nps: NpsResult | None
    max_diff: list[MaxDiffItem] = []
    ranking: list[RankingItem] = []
    agreement: float | None = None
    rows: list[QuestionResult] = []
    by_persona: list[PersonaResult]
    by_split: list[SplitResult] = []


class ResultsRead(BaseModel):
    """Results of a simulation, all computed from recorded answers.

    `n` are the respondents of a complete simulation, and those who answered at least one question of any other;
    `n_planned` are those it was to ask. `n_eff` counts weights and, at the planning value of the intra-class
    correlation (0.2), the clustering of respondents in personas; each question has its own, estimated from its answers.
    Intervals are simulation intervals (Wilson on n_eff), not margins of error against people. `warnings` are those of
    the simulation, with one before them where it is not complete; `realised` are the margins of its respondents beside
    the plan's targets, null where it has none.

    With `filters` or `segment_ids` everything is of the respondents who meet them all, `n` of them; with a
    `weighting_id` their weights are those of that weighting.
    """

    simulation_id: UUID
    status: ShownStatus
    complete: bool
    filters: list[str] = []
    segment_ids: list[UUID] = []
    weighting_id: UUID | None = None
    n: int
    n_planned: int
    n_eff: float
    model: str | None
    demonstration: bool | None
    warnings: list[str]
    personas: list[PersonaBase]
    realised: Realised | None
    splits: list[SplitBase] = []
    questions: list[QuestionResult]


AlarmCode = Literal[
    "variance_collapse",
    "persona_collapse",
    "acquiescence",
    "straight_lining",
    "order_effect",
    "refusals",
    "test_retest",
]


class AffectedQuestion(BaseModel):
    """A question that an alarm is about, with its own figure (that of its block for straight lines)."""

    key: str
    figure: float


class QualityAlarm(BaseModel):
    """A quality alarm: the worst figure, the threshold it is held against, what it means, which questions it is about.

    `measured` is false where the questions or the number of answers do not allow the figure; `figure` is null then.
    """

    code: AlarmCode
    measured: bool
    fired: bool
    figure: float | None
    threshold: float | None
    meaning: str
    questions: list[AffectedQuestion]


class QualityRead(BaseModel):
    """The quality alarms of a simulation, from the answers recorded so far; `fired` counts those that fired."""

    simulation_id: UUID
    status: ShownStatus
    complete: bool
    n: int
    fired: int
    alarms: list[QualityAlarm]
    warnings: list[str]


class CrosstabCategory(BaseModel):
    """One row or column: how many respondents it holds; `letter` names a column in the cells of others."""

    code: str
    label: str
    letter: str | None
    n: int
    weighted_n: float
    n_eff: float


class CrosstabAxis(BaseModel):
    """A variable of a table as it was asked for, what it is called, and its categories in order."""

    variable: str
    label: str
    categories: list[CrosstabCategory]


class CrosstabCell(BaseModel):
    """One cell: counts, weighted percentages (0–100) of its column and row with the simulation interval of the former.

    `letters` name the columns whose percentage is significantly lower at the table's `alpha`. Percentages are null
    where nobody with any weight is in the column or row.
    """

    n: int
    weighted_n: float
    col_pct: float | None
    row_pct: float | None
    ci: tuple[float, float] | None
    letters: str


class ChiSquareResult(BaseModel):
    """A test of independence: the corrected statistic, its degrees of freedom, and its p value (0–1).

    `correction` is `rao_scott` (second order, respondents clustered in personas, weighted) or `planned` (divided by the
    design effect at the planning intra-class correlation, where the data cannot tell it); `uncorrected` is Pearson's
    statistic, `mean_deff` what it was divided by.
    """

    value: float
    df: float
    p: float
    corrected: bool
    correction: Literal["rao_scott", "planned", "none"]
    mean_deff: float
    uncorrected: float


class CrosstabRead(BaseModel):
    """A table of two variables, computed from recorded answers: `cells[row][column]`, and `total` of all columns.

    It counts the `n` respondents who meet all filters and have a value of both variables. `chi2` and `cramers_v` are
    null where a variable does not vary or respondents may be in several categories.
    """

    row: CrosstabAxis
    col: CrosstabAxis
    n: int
    weighted_n: float
    alpha: float
    adjustment: Literal["holm", "bonferroni", "none"]
    cells: list[list[CrosstabCell]]
    total: list[CrosstabCell]
    chi2: ChiSquareResult | None
    cramers_v: float | None
    warnings: list[str]

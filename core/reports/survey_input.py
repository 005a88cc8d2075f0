"""What a survey report is made from: the fixed `Results` shape and the facts of the simulation behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

Interval = tuple[float, float]
# Counts come rounded to six decimals.
WEIGHED_APART = 1e-5


class Estimate(BaseModel):
    """A number with its simulation interval, where there is one."""

    value: float
    ci: Interval | None = None


def _as_estimate(value: Any) -> Any:
    return {"value": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


Statistic = Annotated[Estimate | None, BeforeValidator(_as_estimate)]


class Given(BaseModel):
    """Input of a report: unknown members are left out, so that results may grow."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class OptionResult(Given):
    """How often an option was chosen; percentages and interval 0–100."""

    code: str
    label: str
    score: float | None = None
    count: int = 0
    weighted_count: float = 0.0
    pct: float = 0.0
    weighted_pct: float | None = None
    ci: Interval | None = None

    @property
    def share(self) -> float:
        """The percentage to read: weighted where there is a weight."""
        return self.pct if self.weighted_pct is None else self.weighted_pct


class BinResult(Given):
    """One class of a number; percentages 0–100."""

    label: str
    count: int = 0
    weighted_count: float = 0.0
    pct: float = 0.0
    weighted_pct: float | None = None

    @property
    def share(self) -> float:
        """The percentage to read: weighted where there is a weight."""
        return self.pct if self.weighted_pct is None else self.weighted_pct


class PersonaShare(Given):
    """Percentage of one persona's respondents who chose an option."""

    code: str
    pct: float


class MaxDiffItem(Given):
    """How an option of a best-worst question did: counts, score and interval -1…1, share of appeal 0–100."""

    code: str
    label: str
    shown: int = 0
    best: int = 0
    worst: int = 0
    weighted_shown: float = 0.0
    score: float | None = None
    ci: Interval | None = None
    share: float | None = None


class PersonaScore(Given):
    """Score (-1…1) of an option among one persona's respondents."""

    code: str
    score: float | None = None


class PersonaResult(Given):
    """One question among the respondents of one persona."""

    persona_id: str
    persona_name: str | None = None
    n: int = 0
    mean: float | None = None
    options: list[PersonaShare] = []
    max_diff: list[PersonaScore] = []


class ArmResult(Given):
    """One question among the respondents in one arm of a split ballot, as they read it."""

    arm: str
    label: str
    result: QuestionResult


class TestResult(Given):
    """A test of independence and its p value (0–1)."""

    p: float


class SplitResult(Given):
    """One question by the arms of a split, and the test of whether they differ, where there is one."""

    split: str
    arms: list[ArmResult]
    chi2: TestResult | None = None
    cramers_v: float | None = None


class ArmBase(Given):
    """An arm of a split ballot: planned share (0–1) and respondents."""

    code: str
    label: str
    text: str | None = None
    share: float
    n: int


class SplitBase(Given):
    """A split ballot of the questionnaire."""

    key: str
    arms: list[ArmBase]


class RankingItem(Given):
    """How one option of a ranking did; percentages 0–100, the mean rank from 1, `score` 0–1."""

    code: str
    label: str
    first_pct: float | None = None
    top3_pct: float | None = None
    mean_rank: float | None = None
    mean_rank_ci: Interval | None = None
    score: float | None = None


class QuestionResult(Given):
    """One question of `Results`, with its wording."""

    key: str
    type: str
    text: str = ""
    n: int = 0
    n_eff: float | None = None
    missing: dict[str, int] = {}
    options: list[OptionResult] = []
    mean: Statistic = None
    sd: float | None = None
    median: float | None = None
    min: float | None = None
    max: float | None = None
    histogram: list[BinResult] = []
    top2: Statistic = None
    bottom2: Statistic = None
    nps: Statistic = None
    max_diff: list[MaxDiffItem] = []
    ranking: list[RankingItem] = []
    agreement: float | None = None
    rows: list[QuestionResult] = []
    by_persona: list[PersonaResult] = []
    by_split: list[SplitResult] = []
    weighted: bool = True

    @property
    def weightless(self) -> bool:
        """Tell whether there are answers but none that weighs anything: no weighted figure can be given."""
        rows: list[OptionResult | BinResult] = [*self.options, *self.histogram]
        if self.max_diff:
            return any(item.shown for item in self.max_diff) and all(item.score is None for item in self.max_diff)
        rows += [option for row in self.rows for option in row.options]
        counted = any(row.count for row in rows)
        return counted and not any(row.weighted_count for row in rows) and all(row.weighted_pct is None for row in rows)

    @property
    def scale(self) -> list[OptionResult]:
        """The options from the low to the high end: by score where all have one, else in their order."""
        scores = [option.score for option in self.options if option.score is not None]
        if len(scores) < len(self.options):
            return self.options
        return sorted(self.options, key=lambda option: option.score or 0.0)

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers of the scale's low and high end: their scores, or the places from 1."""
        scores = [option.score for option in self.options if option.score is not None]
        return (min(scores), max(scores)) if len(scores) == len(self.options) else (1.0, float(len(self.options)))


class RealisedMargins(Given):
    """Shares (0–1) of attribute values among the respondents, and in the population they were to stand for."""

    margins: dict[str, dict[str, float]]
    target_margins: dict[str, dict[str, float]]


class AffectedGiven(Given):
    """A question that a quality alarm is about."""

    key: str


class AlarmGiven(Given):
    """A quality alarm as the API gives it."""

    code: str
    measured: bool = True
    fired: bool = False
    figure: float | None = None
    threshold: float | None = None
    meaning: str = ""
    questions: list[AffectedGiven] = []


class SurveyResults(Given):
    """`Results` as the API gives them, with the quality alarms."""

    simulation_id: str
    status: str = "succeeded"
    complete: bool = True
    n: int = 0
    n_planned: int | None = None
    n_eff: float | None = None
    model: str = ""
    demonstration: bool = False
    warnings: list[str] = []
    realised: RealisedMargins | None = None
    splits: list[SplitBase] = []
    alarms: list[AlarmGiven] = []
    questions: list[QuestionResult]

    @property
    def weighted(self) -> bool:
        """Tell whether any respondent weighs other than 1."""
        rows: list[OptionResult | BinResult] = []
        for question in self.questions:
            rows += [*question.options, *question.histogram]
            rows += [option for row in question.rows for option in row.options]
        items = [item for question in self.questions for item in question.max_diff]
        pairs = [*((row.weighted_count, row.count) for row in rows), *((i.weighted_shown, i.shown) for i in items)]
        return any(abs(weighted - count) > WEIGHED_APART for weighted, count in pairs)


class PersonaFact(Given):
    """A persona that took part: how many respondents stand for it and their share of the weight (0–1).

    `summary` is what its attributes do not say: what it does for a living, and where.
    """

    persona_id: str
    name: str
    summary: str = ""
    attributes: dict[str, str] = {}
    n: int | None = None
    weight: float | None = None


class QuestionMethod(Given):
    """How one question was put to the model."""

    key: str
    method: str
    parameters: dict[str, str | int | float | bool] = {}


class PromptFact(Given):
    """A prompt and its version."""

    name: str
    version: str


class SurveyFacts(Given):
    """All of a survey report that is not a result."""

    exploration_title: str
    workspace_name: str
    brand_name: str = ""
    accent_colour: str = ""
    questionnaire_title: str = ""
    brief: str = ""
    made_at: datetime
    answered_at: datetime | None = None
    language: str = "en"
    personas: list[PersonaFact] = []
    methods: list[QuestionMethod] = []
    default_method: str = "auto"
    prompts: list[PromptFact] = []
    embedding_model: str = ""
    seed: int | None = None
    sample_source: str = ""
    temperature: float | None = None
    memory: int = 0
    notes: list[str] = []


class QuoteGiven(Given):
    """An open-ended answer, verbatim."""

    text: str
    persona_name: str = ""
    attributes: dict[str, str] = {}
    respondent_number: int | None = None

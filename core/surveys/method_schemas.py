"""Shapes of the methods' parameters, and of what a simulation's methods rest on."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Real, Whole
from core.surveys.retest import LARGEST_SHARE, Coefficient, Reason


class MethodParameters(BaseModel):
    """Parameters of the methods; what is left out takes its default, and all are recorded with the simulation."""

    model_config = ConfigDict(extra="forbid")

    ssr_temperature: Real | None = Field(default=None, ge=0, le=10, allow_inf_nan=False)
    ssr_epsilon: Real | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    ssr_anchors: Literal["auto", "labels"] | None = Field(
        default=None,
        description="`auto`: a question's own anchor set, else the built-in ones of its scale, else its labels;"
        " `labels`: its own set, else its labels.",
    )
    distribution_draws: Whole | None = Field(default=None, ge=1, le=20)
    retest_share: Real | None = Field(
        default=None,
        ge=0,
        le=LARGEST_SHARE,
        allow_inf_nan=False,
        description="The share of respondents who are asked up to ten questions again, for the alarm of test and"
        " retest: 30 to 100 of them, none where fewer than 50 take part; 0 asks nobody.",
    )


class QuestionAnchors(BaseModel):
    """What rates the statements on one question: `sets[set][point]`, the points in the question's order.

    `source` is `own` (an anchor set of the workspace: its `id`, `name` and `version` when the simulation started),
    `built_in` (the common scale `name`, of the package's `version`) or `labels` (the question and its labels).
    """

    key: str
    source: Literal["own", "built_in", "labels"]
    name: str | None
    version: int | None
    id: UUID | None
    sets: list[list[str]]


class AnchorsRead(BaseModel):
    """The anchors of a simulation, question by question: those asked by similarity, in their order."""

    simulation_id: UUID
    temperature: float
    epsilon: float
    questions: list[QuestionAnchors]


class QuestionRetest(BaseModel):
    """How well the answers of one question agree with those of the same `n` respondents asked again.

    `agreement` is the share (0–1) of equal pairs; for statements, of those whose expected points differ by half a point
    at most. `value` is that of the `coefficient`, `upper` its one-sided upper 95 % limit; both are null, with `reason`,
    where they cannot be told.
    """

    key: str
    n: int
    coefficient: Coefficient | None
    agreement: float | None
    value: float | None
    upper: float | None
    unsteady: bool
    reason: Reason | None


class RetestRead(BaseModel):
    """Test and retest of a simulation: `respondents` gave an answer both times; `share` is the parameter."""

    simulation_id: UUID
    share: float
    respondents: int
    threshold: float
    questions: list[QuestionRetest]

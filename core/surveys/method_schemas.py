"""Shapes of the methods' parameters, and of what a simulation's methods rest on."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.numbers import Real, Whole


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

"""Shapes of responses over HTTP and in exports; they import little, for the processes that write files."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

ExportFormat = Literal["csv", "csv-long", "xlsx", "jsonl", "sav"]


class AnswerRead(BaseModel):
    """One answer: `probabilities` (0–1) where the method states them, of a matrix by row; `text` what was said.

    `flags` are notes of the method, such as `tie` (docs/simulations.md). `option_order` are the codes in the order
    they were shown, null where it was the questionnaire's; for the method `distribution` the order of the one question
    put for all respondents of the cell.
    """

    value: Any
    method: str
    probabilities: dict[str, float | dict[str, float]] | None = None
    text: str | None = None
    flags: list[str] = []
    option_order: list[str] | None = None
    missing_reason: str | None = None


class ResponseRead(BaseModel):
    """All answers of one respondent, by question key; `arms` are those of the questionnaire's splits, by split key."""

    respondent_number: int
    persona_id: UUID
    persona_version: int
    weight: float
    attributes: dict[str, Any]
    arms: dict[str, str] = {}
    answers: dict[str, AnswerRead]

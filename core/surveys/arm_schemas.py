"""Shapes of split ballots in results over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class ArmBase(BaseModel):
    """An arm: its planned share (0–1), the words that stand for it, and how many of the `n` respondents are in it."""

    code: str
    label: str
    text: str | None
    share: float
    n: int


class SplitBase(BaseModel):
    """A split ballot of the questionnaire."""

    key: str
    arms: list[ArmBase]

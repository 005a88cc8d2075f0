"""Shapes of the results of max_diff questions over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class MaxDiffItem(BaseModel):
    """How one option of a max_diff question did: `shown`, `best` and `worst` count appearances and choices.

    `score` (-1…1) is (best - worst)/shown by weight, `ci` its simulation interval; `utility` is its logit, centred on
    0, and `share` (0–100) what that comes to of all options' appeal. Null where the option was not shown, or all who
    saw it weigh 0.
    """

    code: str
    label: str
    shown: int
    best: int
    worst: int
    weighted_shown: float
    weighted_best: float
    weighted_worst: float
    score: float | None
    ci: tuple[float, float] | None
    utility: float | None
    share: float | None


class PersonaScore(BaseModel):
    """The score (-1…1) of an option among one persona's respondents."""

    code: str
    score: float | None

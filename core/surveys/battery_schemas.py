"""Shapes of the results of rankings over HTTP."""

from __future__ import annotations

from pydantic import BaseModel


class RankingItem(BaseModel):
    """How one option of a ranking did: `counts` respondents gave it place 1, 2, …, `unranked` none.

    Percentages are weighted, of respondents; options that are not ranked share the mean of the places left. `score` is
    1 for who is first and 0 for who is last with everybody. Intervals are simulation intervals. Null where all weigh 0.
    """

    code: str
    label: str
    counts: list[int]
    weighted_counts: list[float]
    unranked: int
    first_pct: float | None
    first_ci: tuple[float, float] | None
    top3_pct: float | None
    top3_ci: tuple[float, float] | None
    mean_rank: float | None
    mean_rank_ci: tuple[float, float] | None
    score: float | None


class PersonaRank(BaseModel):
    """The mean rank (from 1) of an option among one persona's respondents."""

    code: str
    mean_rank: float | None

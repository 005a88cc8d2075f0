"""Which columns of a table differ: the letters under a percentage, as tables of survey research have them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

from core.stats.distributions import incomplete_beta

SMALLEST_BASE: Final = 30
"""Respondents below which a column is neither tested nor shown without a warning."""

Adjustment = Literal["holm", "bonferroni", "none"]


def letter_of(place: int) -> str:
    """Return A…Z, AA, AB… for 0, 1…; raises ValueError below 0."""
    if place < 0:
        raise ValueError("places begin at 0")
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def differing(
    proportions: Sequence[float | None],
    n_eff: Sequence[float],
    *,
    alpha: float = 0.05,
    adjustment: Adjustment = "holm",
) -> list[list[int]]:
    """Return, for each column, the places of the columns whose proportion is significantly lower.

    `proportions` (0–1, None where a column is not tested) and `n_eff`, the effective sample size of each column.
    Each pair takes the two-sided z test of two proportions with a pooled variance, p̄(1 - p̄)(1/n₁ + 1/n₂), and p
    is adjusted for the number of pairs: S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70, or Bonferroni.
    Raises ValueError unless 0 < alpha < 1 and both sequences are of one length.
    """
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1, both excluded")
    if len(proportions) != len(n_eff):
        raise ValueError("each column needs its effective sample size")
    tested = [place for place, p in enumerate(proportions) if p is not None and n_eff[place] > 0]
    pairs = [
        (two_proportions(proportions[i] or 0.0, n_eff[i], proportions[j] or 0.0, n_eff[j]), i, j)
        for at, i in enumerate(tested)
        for j in tested[at + 1 :]
    ]
    lower: list[list[int]] = [[] for _ in proportions]
    for _, i, j in _significant(pairs, alpha, adjustment):
        high, low = (i, j) if (proportions[i] or 0.0) > (proportions[j] or 0.0) else (j, i)
        lower[high].append(low)
    return [sorted(places) for places in lower]


def two_proportions(p1: float, n1: float, p2: float, n2: float) -> float:
    """Return the two-sided p value of p1 = p2 (each 0–1, on n1 and n2 answers, real numbers above 0)."""
    pooled = (p1 * n1 + p2 * n2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    if variance <= 0 or p1 == p2:
        return 1.0
    return 2 * NormalDist().cdf(-abs(p1 - p2) / math.sqrt(variance))


def _significant(
    pairs: Sequence[tuple[float, int, int]], alpha: float, adjustment: Adjustment
) -> list[tuple[float, int, int]]:
    ordered = sorted(pairs)
    found = []
    for rank, pair in enumerate(ordered):
        left = {"holm": len(ordered) - rank, "bonferroni": len(ordered), "none": 1}[adjustment]
        if pair[0] * left > alpha:
            break
        found.append(pair)
    return found


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean and standard deviation of a column, and its effective sample size."""

    mean: float
    sd: float
    n_eff: float


def differing_means(
    columns: Sequence[Mean | None], *, alpha: float = 0.05, adjustment: Adjustment = "holm"
) -> list[list[int]]:
    """Return, for each column, the places of the columns whose mean is significantly lower; None is not tested.

    Each pair takes `two_means`, p adjusted for the number of pairs as in `differing`. Raises ValueError unless
    0 < alpha < 1.
    """
    if not 0 < alpha < 1:
        raise ValueError("alpha must lie between 0 and 1, both excluded")
    tested = [(place, one) for place, one in enumerate(columns) if one is not None and one.n_eff > 1]
    pairs = [(two_means(first, second), i, j) for at, (i, first) in enumerate(tested) for j, second in tested[at + 1 :]]
    means = {place: one.mean for place, one in tested}
    lower: list[list[int]] = [[] for _ in columns]
    for _, i, j in _significant(pairs, alpha, adjustment):
        high, low = (i, j) if means[i] > means[j] else (j, i)
        lower[high].append(low)
    return [sorted(places) for places in lower]


def two_means(first: Mean, second: Mean) -> float:
    """Return the two-sided p value of equal means: Welch's t on effective sample sizes above 1.

    B. L. Welch, Biometrika 34 (1947) 28-35, with Satterthwaite's degrees of freedom.
    """
    errors = [one.sd**2 / one.n_eff for one in (first, second)]
    variance = math.fsum(errors)
    if first.mean == second.mean:
        return 1.0
    if variance <= 0:
        return 0.0
    freedom = variance**2 / math.fsum(
        error**2 / (one.n_eff - 1) for error, one in zip(errors, (first, second), strict=True)
    )
    t2 = (first.mean - second.mean) ** 2 / variance
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t2))

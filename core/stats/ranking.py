"""What orders of preference come to: places, mean ranks, scores, and how far respondents agree."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from core.stats.intervals import Interval, mean_interval, wilson
from core.stats.weights import EffectiveSampleSize, effective_size_of_rows

TOP: int = 3
"""Among how many first places an option is counted as one of the top."""


@dataclass(frozen=True, slots=True)
class RankedItem:
    """How one item did: `counts[r]` respondents gave it place r + 1, `unranked` none; figures below are weighted.

    `first` and `top` are shares (0–1) of respondents, `mean_rank` counts from 1, `score` is 1 for who is first and 0
    for who is last with everybody; None where all weights are 0.
    """

    code: str
    counts: tuple[int, ...]
    weighted: tuple[float, ...]
    unranked: int
    first: float | None
    first_ci: Interval | None
    top: float | None
    top_ci: Interval | None
    mean_rank: float | None
    mean_rank_ci: Interval | None
    score: float | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """All items, what the answers are worth, and Kendall's W (0–1), None where it cannot be told."""

    items: tuple[RankedItem, ...]
    size: EffectiveSampleSize
    agreement: float | None


def ranked(
    answers: Sequence[Sequence[str]],
    codes: Sequence[str],
    weights: Sequence[float],
    clusters: Sequence[Hashable],
    counts: Sequence[int] | None = None,
    confidence: float = 0.95,
) -> Ranked:
    """Return how items were ranked; each answer lists codes, the preferred first, all of them or the top few.

    Items that an answer leaves out share the places after those it names, and get their mean: (k + 1 + m)/2 of m items
    when k are ranked (midranks: M. G. Kendall, Rank Correlation Methods (1948), ch. 3). `score` is Borda's count scaled
    to 0…1, (m - mean rank)/(m - 1). Intervals are Wilson's of shares and Student's of the mean rank, on the effective
    sample size of the rows of ranks. Raises ValueError for a code that is not there or twice, and for bad weights.
    """
    each = [1] * len(answers) if counts is None else list(counts)
    rows = [_ranks(answer, codes) for answer in answers]
    size = effective_size_of_rows(rows, weights, clusters, each)
    totals = [weight * count for weight, count in zip(weights, each, strict=True)]
    total = math.fsum(totals)
    items = []
    for place, code in enumerate(codes):
        own = [row[place] for row in rows]
        named = [answer.index(code) if code in answer else None for answer in answers]
        held, weighted = [0] * len(codes), [0.0] * len(codes)
        for at, count, weight in zip(named, each, totals, strict=True):
            if at is not None:
                held[at] += count
                weighted[at] += weight
        mean = math.fsum(rank * weight for rank, weight in zip(own, totals, strict=True)) / total if total > 0 else None
        first = _share(weighted[:1], total)
        top = _share(weighted[:TOP], total)
        items.append(
            RankedItem(
                code=code,
                counts=tuple(held),
                weighted=tuple(weighted),
                unranked=sum(count for at, count in zip(named, each, strict=True) if at is None),
                first=first,
                first_ci=None if first is None else wilson(first, size.n_eff, confidence),
                top=top,
                top_ci=None if top is None else wilson(top, size.n_eff, confidence),
                mean_rank=mean,
                mean_rank_ci=None if mean is None else _mean_ci(own, totals, mean, size.n_eff, len(codes), confidence),
                score=None if mean is None or len(codes) < 2 else (len(codes) - mean) / (len(codes) - 1),
            )
        )
    return Ranked(tuple(items), size, concordance(rows, totals))


def concordance(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> float | None:
    """Return Kendall's W of ranks, one row per respondent: 1 where all agree, about 0 where none do.

    12·Σ(R̄ᵢ - (m + 1)/2)²/(m³ - m - T̄), R̄ᵢ the weighted mean rank of item i and T̄ the weighted mean of Σ(t³ - t) over
    the ties of each row (M. G. Kendall, B. Babington Smith, Annals of Mathematical Statistics 10 (1939) 275-287; ties
    as in Kendall 1948, 6.4). None without rows or weight, for fewer than two items, and where every row ties all items.
    """
    total = math.fsum(weights)
    if not rows or total <= 0 or len(rows[0]) < 2:
        return None
    m = len(rows[0])
    means = [
        math.fsum(rank * w for rank, w in zip(column, weights, strict=True)) / total
        for column in zip(*rows, strict=True)
    ]
    ties = math.fsum(_ties(row) * weight for row, weight in zip(rows, weights, strict=True)) / total
    possible = m**3 - m - ties
    if possible <= 1e-9:
        return None
    return min(1.0, 12 * math.fsum((mean - (m + 1) / 2) ** 2 for mean in means) / possible)


def _ranks(answer: Sequence[str], codes: Sequence[str]) -> list[float]:
    if len(set(answer)) != len(answer) or any(code not in codes for code in answer):
        raise ValueError("an answer ranks a code twice, or one that is not there")
    rest = (len(answer) + 1 + len(codes)) / 2
    places = {code: float(place) for place, code in enumerate(answer, start=1)}
    return [places.get(code, rest) for code in codes]


def _ties(row: Sequence[float]) -> float:
    return sum(times**3 - times for times in (row.count(rank) for rank in set(row)))


def _share(weighted: Sequence[float], total: float) -> float | None:
    return min(1.0, math.fsum(weighted) / total) if total > 0 else None


def _mean_ci(
    ranks: Sequence[float], totals: Sequence[float], mean: float, n_eff: float, m: int, confidence: float
) -> Interval | None:
    if n_eff <= 1:
        return None
    spread = math.fsum(weight * (rank - mean) ** 2 for rank, weight in zip(ranks, totals, strict=True))
    sd = math.sqrt(spread / math.fsum(totals) * n_eff / (n_eff - 1))
    return mean_interval(mean, sd, n_eff, confidence, bounds=(1, m))

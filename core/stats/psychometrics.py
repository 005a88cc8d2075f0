"""Scores of personality questionnaires: keying, scales, percentiles, reliability, and whether a set has drifted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal, Protocol

LOWEST: Final = 1
HIGHEST: Final = 5
LEAST_ITEMS: Final = 3
"""Of the four items of a scale, how many must be answered for it to have a score."""
LEAST_PEOPLE: Final = 10
"""Below this many people, means and spreads say too little to be judged."""
DRIFT_SD: Final = 0.3
"""A mean this many standard deviations from the norm's is no trifle, whatever the number of people."""
SPREAD_RATIO: Final = 0.3
"""So is a spread this much smaller or larger than the norm's, as a part of it."""
Z_99: Final = 2.58
"""Where chance alone would go beyond in one of a hundred sets of people drawn from the norm."""
Verdict = Literal["as_norm", "drifted", "collapsed", "overspread", "drifted_and_collapsed", "too_few"]


class Keyed(Protocol):
    """An item of a questionnaire: its number, its scale, and whether agreement counts against the scale."""

    @property
    def number(self) -> int: ...
    @property
    def trait(self) -> str: ...
    @property
    def reversed(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """The mean of a scale's keyed answers (1–5) and how many items it rests on; None with fewer than three."""

    mean: float | None
    items_answered: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How a set of scores lies against a norm: its distance in the norm's SDs, the ratio of SDs, and a verdict."""

    n: int
    mean: float | None
    sd: float | None
    distance: float | None
    sd_ratio: float | None
    verdict: Verdict


def keyed(answer: int, *, reversed: bool) -> int:  # noqa: A002 - what the instrument calls it
    """Return what an answer (1–5) counts for its scale: itself, 6 − x for a reversed item. Raises ValueError."""
    if isinstance(answer, bool) or not LOWEST <= answer <= HIGHEST:
        raise ValueError(f"{answer!r} is no answer from {LOWEST} to {HIGHEST}")
    return LOWEST + HIGHEST - answer if reversed else answer


def scale_scores(answers: Mapping[int, int], items: Sequence[Keyed], least: int = LEAST_ITEMS) -> dict[str, ScaleScore]:
    """Return the score of each scale from raw answers (1–5) by item number.

    A scale's score is the mean of its answered items, each keyed; one with fewer than `least` answers has none, and
    nothing is put in the place of an answer that is missing. Raises ValueError for an answer that is none, or to no
    item.
    """
    unknown = set(answers) - {item.number for item in items}
    if unknown:
        raise ValueError(f"there are no items {sorted(unknown)}")
    found: dict[str, list[int]] = {item.trait: [] for item in items}
    for item in items:
        if item.number in answers:
            found[item.trait].append(keyed(answers[item.number], reversed=item.reversed))
    return {
        trait: ScaleScore(math.fsum(values) / len(values) if len(values) >= least else None, len(values))
        for trait, values in found.items()
    }


def percentile(score: float, mean: float, sd: float) -> float:
    """Return 0–100: what part of a normal distribution of this mean and SD (> 0) lies below a score."""
    return 100 * NormalDist(mean, sd).cdf(score)


def acquiescence(answers: Mapping[int, int]) -> float | None:
    """Return how far raw answers lean to agreement: their mean less the middle of the scale; None without any."""
    if not answers:
        return None
    return math.fsum(answers.values()) / len(answers) - (LOWEST + HIGHEST) / 2


def straight_lined(answers: Mapping[int, int]) -> bool:
    """Tell whether all answers, ten at least, are one and the same, which reversed items make no sense of."""
    return len(answers) >= 10 and len(set(answers.values())) == 1


def cronbach_alpha(rows: Sequence[Sequence[float]]) -> float | None:
    """Return α = k/(k−1)·(1 − Σs²ᵢ/s²ₜ) (Cronbach, Psychometrika 16 (1951) 297-334) of people by keyed items.

    Rows are people, all with the same k ≥ 2 items and no answer missing. None for fewer than two people or two items,
    and where all totals are equal.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return None
    k = len(rows[0])
    totals = _variance([math.fsum(row) for row in rows])
    if totals <= 0:
        return None
    within = math.fsum(_variance([row[index] for row in rows]) for index in range(k))
    return k / (k - 1) * (1 - within / totals)


def pearson(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the correlation of two series (−1 to 1); None for fewer than three pairs or a series without spread."""
    if len(first) != len(second):
        raise ValueError("a correlation needs pairs")
    if len(first) < 3:
        return None
    mean_a, mean_b = math.fsum(first) / len(first), math.fsum(second) / len(second)
    a, b = [value - mean_a for value in first], [value - mean_b for value in second]
    product = math.sqrt(math.fsum(x * x for x in a) * math.fsum(y * y for y in b))
    if product <= 0:
        return None
    return max(-1.0, min(1.0, math.fsum(x * y for x, y in zip(a, b, strict=True)) / product))


def against_norm(scores: Sequence[float], mean: float, sd: float) -> Spread:
    """Return how scores of people lie against a norm's mean and SD, on the norm's scale, and judge it.

    Drifted: the mean lies further from the norm's than 0.3 SD and than 2.58/√n SD. Collapsed: the SD is smaller than
    the norm's by more than 0.3 and than 2.58/√(2(n−1)) of it (the large-sample error of an SD); overspread: larger by
    as much. Fewer than ten people are not judged.
    """
    n = len(scores)
    average = math.fsum(scores) / n if n else None
    spread = math.sqrt(_variance(scores)) if n > 1 else None
    distance = None if average is None else (average - mean) / sd
    ratio = None if spread is None else spread / sd
    return Spread(n, average, spread, distance, ratio, _verdict(n, distance, ratio))


def _verdict(n: int, distance: float | None, ratio: float | None) -> Verdict:
    if n < LEAST_PEOPLE or distance is None or ratio is None:
        return "too_few"
    drifted = abs(distance) > max(DRIFT_SD, Z_99 / math.sqrt(n))
    tolerated = max(SPREAD_RATIO, Z_99 / math.sqrt(2 * (n - 1)))
    if ratio < 1 - tolerated:
        return "drifted_and_collapsed" if drifted else "collapsed"
    if drifted:
        return "drifted"
    return "overspread" if ratio > 1 + tolerated else "as_norm"


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)

"""Counts, percentages and averages of weighted answers; what cannot be computed is None, never NaN.

Wherever `counts` are given, an entry stands for so many answers that share its value and weight.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a code was chosen; percentages 0–100 of the respondents who answered, None without any."""

    code: str
    count: int
    weighted_count: float
    pct: float | None
    weighted_pct: float | None


@dataclass(frozen=True, slots=True)
class Description:
    """n, sum of weights, mean, standard deviation and median of numbers, each None where it is undefined."""

    n: int
    weighted_n: float
    mean: float | None
    sd: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class Boxes:
    """Weighted per cent (0–100) of answers in the highest and lowest points of an ordered scale."""

    top: float | None
    bottom: float | None


def frequencies(
    answers: Sequence[str | Collection[str]],
    codes: Sequence[str],
    weights: Sequence[float] | None = None,
    counts: Sequence[int] | None = None,
) -> list[Frequency]:
    """Return one row per code, in that order; an answer is a code or the codes of a multiple choice.

    Percentages are of respondents, so those of a multiple choice may sum to more than 100. Missing answers
    must be left out by the caller. Raises ValueError for an answer that is not among the codes or for bad
    weights.
    """
    used, each = _weights(len(answers), weights), _counts(len(answers), counts)
    chosen = dict.fromkeys(codes, 0)
    weighted: dict[str, list[float]] = {code: [] for code in codes}
    for answer, weight, count in zip(answers, used, each, strict=True):
        for code in (answer,) if isinstance(answer, str) else set(answer):
            if code not in chosen:
                raise ValueError(f"{code!r} is not one of the codes")
            chosen[code] += count
            weighted[code].append(weight * count)
    n, total = sum(each), math.fsum(weight * count for weight, count in zip(used, each, strict=True))
    return [
        Frequency(
            code,
            chosen[code],
            (sum_of_weights := math.fsum(weighted[code])),
            100 * chosen[code] / n if n else None,
            100 * sum_of_weights / total if total > 0 else None,
        )
        for code in codes
    ]


def describe(
    values: Sequence[float], weights: Sequence[float] | None = None, counts: Sequence[int] | None = None
) -> Description:
    """Return n, weighted n, mean, SD and median of numbers in one go. Raises ValueError for bad weights."""
    used, each = _weights(len(values), weights), _counts(len(values), counts)
    return Description(
        sum(each),
        math.fsum(weight * count for weight, count in zip(used, each, strict=True)),
        weighted_mean(values, used, each),
        weighted_sd(values, used, each),
        weighted_median(values, used, each),
    )


def weighted_mean(
    values: Sequence[float], weights: Sequence[float] | None = None, counts: Sequence[int] | None = None
) -> float | None:
    """Return Σwx/Σw; None when the weights sum to 0. Raises ValueError for bad weights."""
    used = _totals(len(values), weights, counts)
    total = math.fsum(used)
    if total <= 0:
        return None
    mean = math.fsum(weight * value for value, weight in zip(values, used, strict=True)) / total
    kept = [value for value, weight in zip(values, used, strict=True) if weight > 0]
    return min(max(mean, min(kept)), max(kept))


def weighted_sd(
    values: Sequence[float], weights: Sequence[float] | None = None, counts: Sequence[int] | None = None
) -> float | None:
    """Return √(Σw(x - x̄)²/Σw · n/(n - 1)), n the number of values of positive weight; None for n < 2.

    For equal weights it is the sample standard deviation; for others that of Stata's analytic weights ([R]
    summarize), which does not change when all weights are multiplied. Raises ValueError for bad weights.
    """
    used = _totals(len(values), weights, counts)
    mean = weighted_mean(values, used)
    n = sum(count for weight, count in zip(used, _counts(len(values), counts), strict=True) if weight > 0)
    if mean is None or n < 2:
        return None
    squares = math.fsum(weight * (value - mean) ** 2 for value, weight in zip(values, used, strict=True))
    return math.sqrt(squares / math.fsum(used) * n / (n - 1))


def weighted_median(
    values: Sequence[float], weights: Sequence[float] | None = None, counts: Sequence[int] | None = None
) -> float | None:
    """Return the weighted median, None when the weights sum to 0.

    The smallest value at which the cumulative weight passes half of the total; where it meets half exactly
    (within rounding), the midpoint to the next value. For equal weights it is the usual median. Raises
    ValueError for bad weights.
    """
    used = _totals(len(values), weights, counts)
    pairs = sorted((value, weight) for value, weight in zip(values, used, strict=True) if weight > 0)
    half = math.fsum(weight for _, weight in pairs) / 2
    running = 0.0
    for position, (value, weight) in enumerate(pairs):
        running += weight
        if position + 1 < len(pairs) and math.isclose(running, half, rel_tol=1e-12):
            return value + (pairs[position + 1][0] - value) / 2
        if running >= half:
            return value
    return pairs[-1][0] if pairs else None


def boxes(weighted_counts: Mapping[str, float], ordered_codes: Sequence[str], size: int = 2) -> Boxes:
    """Return top and bottom box in per cent, `ordered_codes` running from the lowest to the highest point.

    None without answers, and for scales of fewer than 2·size points, on which the two boxes would overlap.
    Raises ValueError for size < 1.
    """
    if size < 1:
        raise ValueError("a box holds at least one point")
    counts = [weighted_counts.get(code, 0.0) for code in ordered_codes]
    total = math.fsum(counts)
    if total <= 0 or len(counts) < 2 * size:
        return Boxes(None, None)
    return Boxes(100 * math.fsum(counts[-size:]) / total, 100 * math.fsum(counts[:size]) / total)


def _totals(n: int, weights: Sequence[float] | None, counts: Sequence[int] | None) -> Sequence[float]:
    """Return what each entry weighs, all its answers together."""
    used = _weights(n, weights)
    return used if counts is None else [weight * count for weight, count in zip(used, _counts(n, counts), strict=True)]


def _counts(n: int, counts: Sequence[int] | None) -> Sequence[int]:
    if counts is None:
        return [1] * n
    if len(counts) != n:
        raise ValueError(f"{n} values need as many counts, not {len(counts)}")
    return counts


def _weights(n: int, weights: Sequence[float] | None) -> Sequence[float]:
    if weights is None:
        return [1.0] * n
    if len(weights) != n:
        raise ValueError(f"{n} values need as many weights, not {len(weights)}")
    if not weights or (min(weights) >= 0 and sum(weights) < math.inf):
        return weights  # most are, and this is quicker than to look at each
    if any(not math.isfinite(weight) or weight < 0 for weight in weights):
        raise ValueError("weights must be finite and not negative")
    return weights

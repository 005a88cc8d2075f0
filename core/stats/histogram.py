"""Classes of a numeric answer: few, of round widths, and every number in exactly one of them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

MOST_BINS: Final = 12
_STEPS: Final = (1, 2, 5)
# A step of 1, 2 or 5 is taken when it is at least this part of the width that was wanted.
_NEAREST: Final = 0.7
# Beyond it neighbouring numbers are no longer a whole step apart.
_LARGEST_WHOLE: Final = 2.0**53
# Numbers as near as this, relatively or at all, are one class.
_SAME: Final = 1e-12
_SMALLEST: Final = 1e-300


@dataclass(frozen=True, slots=True)
class Bin:
    """One class: its bounds, how it is written, how many numbers fall into it, their weight and percentages.

    `low` is included. `high` is the last whole number of a class of whole numbers, else it is excluded.
    `weighted_pct` is None where all weights are 0.
    """

    low: float
    high: float
    label: str
    count: int
    weighted_count: float
    pct: float
    weighted_pct: float | None


def histogram(
    values: Sequence[float], weights: Sequence[float] | None = None, counts: Sequence[int] | None = None
) -> list[Bin]:
    """Return at most 12 adjoining classes that hold all values; none without values.

    Whole numbers that lie close together get a class each. Else the width is that of Freedman and Diaconis
    (1981), 2·IQR·n^(-1/3), or of Sturges where the IQR is 0, rounded to 1, 2 or 5 times a power of ten.
    Where `counts` are given, an entry stands for so many answers that share its value and weight.
    Raises ValueError for numbers that are not finite, or weights that do not fit.
    """
    if any(not math.isfinite(value) for value in values):
        raise ValueError("a histogram takes finite numbers only")
    used = [1.0] * len(values) if weights is None else weights
    each = [1] * len(values) if counts is None else counts
    if not len(used) == len(values) == len(each):
        raise ValueError(f"{len(values)} values need as many weights and counts, not {len(used)} and {len(each)}")
    if not values:
        return []
    whole = all(value.is_integer() and abs(value) < _LARGEST_WHOLE for value in map(float, values))
    edges = _edges(min(values), max(values), _wanted_width(values, each), whole=whole)
    return _counted(values, used, each, edges, whole=whole)


def _wanted_width(values: Sequence[float], counts: Sequence[int]) -> float:
    ordered = sorted(zip(values, counts, strict=True))
    up_to = list(accumulate(count for _, count in ordered))
    n = up_to[-1]
    quarter, three = (ordered[bisect_right(up_to, place)][0] for place in ((n - 1) // 4, 3 * (n - 1) // 4))
    if three > quarter:
        return float(2 * (three - quarter) / n ** (1 / 3))
    return float((ordered[-1][0] - ordered[0][0]) / (math.log2(n) + 1))


def _edges(lowest: float, highest: float, wanted: float, *, whole: bool) -> list[float]:
    """Return the bounds of the classes, one more than there are classes."""
    if whole and highest - lowest < MOST_BINS:
        return [lowest + step for step in range(int(highest - lowest) + 2)]
    apart = highest / MOST_BINS - lowest / MOST_BINS
    if apart <= max(_SAME * max(abs(lowest), abs(highest)), _SMALLEST):
        return [lowest, math.nextafter(highest, math.inf)]
    width = max(wanted * _NEAREST, apart, 1.0 if whole else 0.0)
    exponent = math.floor(math.log10(width))
    for power in (exponent, exponent + 1):
        for step in _STEPS:
            first, last = _place(lowest, step, power), _place(highest, step, power)
            if _multiple(step, power) >= width and last - first < MOST_BINS:
                return [_multiple(place * step, power) for place in range(first, last + 2)]
    raise AssertionError("a class ten times as wide always suffices")


def _place(value: float, step: int, power: int) -> int:
    """Return the number of the class of this width that holds the value, whatever the division rounds to."""
    place = math.floor(value / _multiple(step, power))
    if _multiple(place * step, power) > value:
        return place - 1
    return place + (_multiple((place + 1) * step, power) <= value)


def _multiple(factor: int, power: int) -> float:
    """Return factor·10^power as the nearest float, so that 3·0.1 is 0.3."""
    return float(factor * 10**power) if power >= 0 else factor / 10**-power


def _counted(
    values: Sequence[float], weights: Sequence[float], counts: Sequence[int], edges: Sequence[float], *, whole: bool
) -> list[Bin]:
    held = [0] * (len(edges) - 1)
    members: list[list[float]] = [[] for _ in held]
    for value, weight, count in zip(values, weights, counts, strict=True):
        place = min(max(bisect_right(edges, value) - 1, 0), len(held) - 1)
        held[place] += count
        members[place].append(weight * count)
    n, total = sum(counts), math.fsum(weight for row in members for weight in row)
    bins = []
    for place, count in enumerate(held):
        low, high = edges[place], edges[place + 1] - 1 if whole else edges[place + 1]
        weighted = math.fsum(members[place])
        share = 100 * weighted / total if total > 0 else None
        bins.append(Bin(low, high, _label(low, high, whole=whole), count, weighted, 100 * count / n, share))
    return bins


def _label(low: float, high: float, *, whole: bool) -> str:
    if _written(low) == _written(high):
        return _written(low)
    if not whole:
        return f"{_written(low)} to under {_written(high)}"
    return f"{_written(low)}{'–' if low >= 0 else ' to '}{_written(high)}"


def _written(value: float) -> str:
    """Write a bound: separators from five digits on, so that a year stays a year; a true minus."""
    if abs(value) >= 1e15:
        return f"{value:.3g}".replace("-", "−")
    text = f"{value:,.12g}" if abs(value) >= 10_000 else f"{value:.12g}"
    return text.replace("-", "−")

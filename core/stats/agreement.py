"""How well two answers to one question agree: exact agreement, Cohen's kappa, weighted kappa, intra-class correlation.

Each coefficient is 1 for perfect agreement, about 0 for what chance gives, and None where the answers do not vary.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Value = TypeVar("Value")
ONE_SIDED_95 = 1.6448536269514722


def exact_agreement(pairs: Sequence[tuple[Value, Value]]) -> float:
    """Return the share (0–1) of pairs whose two members are equal; raises ValueError when there are none."""
    if not pairs:
        raise ValueError("there are no pairs")
    return sum(first == second for first, second in pairs) / len(pairs)


def cohens_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return κ = (pₒ - pₑ)/(1 - pₑ), pₑ = Σ pₖ·qₖ over the categories (Cohen 1960, doi 10.1177/001316446002000104).

    None where there are no pairs or both sides have one and the same category throughout.
    """
    n = len(pairs)
    if not n:
        return None
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = math.fsum(count * second[category] for category, count in first.items()) / n**2
    if expected >= 1:
        return None
    return (exact_agreement(pairs) - expected) / (1 - expected)


def weighted_kappa(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return κ with quadratic weights: 1 - mean (x - y)² of the pairs / the same of all combinations.

    Cohen 1968, doi 10.1037/h0026256; the scores of an ordinal scale are its points. None where nothing varies.
    """
    n = len(pairs)
    if not n:
        return None
    mean_x, mean_y = math.fsum(x for x, _ in pairs) / n, math.fsum(y for _, y in pairs) / n
    var_x = math.fsum((x - mean_x) ** 2 for x, _ in pairs) / n
    var_y = math.fsum((y - mean_y) ** 2 for _, y in pairs) / n
    by_chance = var_x + var_y + (mean_x - mean_y) ** 2
    if by_chance <= 0:
        return None
    return 1 - math.fsum((x - y) ** 2 for x, y in pairs) / n / by_chance


def icc_agreement(rows: Sequence[Sequence[float]]) -> float | None:
    """Return ICC(A,1), two-way, absolute agreement, single measurement; a row holds the k measurements of one subject.

    (MSR - MSE)/(MSR + (k - 1)·MSE + k·(MSC - MSE)/n), McGraw & Wong 1996, doi 10.1037/1082-989X.1.1.30; the ICC(2,1)
    of Shrout & Fleiss 1979. None with fewer than two subjects or measurements, or where nothing varies.
    """
    n, k = len(rows), len(rows[0]) if rows else 0
    if n < 2 or k < 2:
        return None
    grand = math.fsum(value for row in rows for value in row) / (n * k)
    by_row = [math.fsum(row) / k for row in rows]
    by_column = [math.fsum(row[place] for row in rows) / n for place in range(k)]
    rows_square = k * math.fsum((mean - grand) ** 2 for mean in by_row)
    columns_square = n * math.fsum((mean - grand) ** 2 for mean in by_column)
    total = math.fsum((value - grand) ** 2 for row in rows for value in row)
    error = max(0.0, total - rows_square - columns_square) / ((n - 1) * (k - 1))
    between, columns = rows_square / (n - 1), columns_square / (k - 1)
    below = between + (k - 1) * error + k * (columns - error) / n
    return (between - error) / below if below > 0 else None


def mean_kappa(pairs: Sequence[tuple[frozenset[str], frozenset[str]]], codes: Sequence[str]) -> float | None:
    """Return the mean of Cohen's κ of each option, chosen or not; None where no option varies."""
    found = [cohens_kappa([(code in a, code in b) for a, b in pairs]) for code in codes]
    varying = [kappa for kappa in found if kappa is not None]
    return math.fsum(varying) / len(varying) if varying else None


def upper_limit(pairs: Sequence[Value], coefficient: Callable[[Sequence[Value]], float | None]) -> float | None:
    """Return the upper limit of a one-sided 95 % interval: the coefficient plus 1.645 jackknife standard errors.

    The jackknife leaves out one pair at a time: se² = (n - 1)/n · Σ(θᵢ - θ̄)² (Efron & Tibshirani 1993, eq. 11.5). None
    where the coefficient is None, with or without any one pair.
    """
    whole, n = coefficient(pairs), len(pairs)
    if whole is None or n < 2:
        return None
    without = [coefficient([*pairs[:place], *pairs[place + 1 :]]) for place in range(n)]
    left = [value for value in without if value is not None]
    if len(left) < n:
        return None
    mean = math.fsum(left) / n
    return whole + ONE_SIDED_95 * math.sqrt((n - 1) / n * math.fsum((value - mean) ** 2 for value in left))

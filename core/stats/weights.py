"""How many independent answers a weighted sample clustered in personas is worth.

Wherever `counts` are given, an entry stands for so many answers that share its value, weight and cluster. With
`squares` too, the answers of an entry may differ in weight: its weight is their mean, its square the sum of their
squared weights.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

PLANNING_ICC = 0.2
"""Intra-class correlation assumed where the data cannot tell it."""

NEGLIGIBLE = 1e-12
"""The part of the largest weight up to which a weight is none: it adds nothing to a sum of doubles."""

IccSource = Literal["none", "estimated", "raised", "assumed"]


@dataclass(frozen=True, slots=True)
class EffectiveSampleSize:
    """What n answers are worth; `n_eff = n_eff_weights / deff`.

    `icc_estimate` is what the data say (None where they cannot), `icc` what was used and `icc_source` why:
    none (no clusters given), estimated, raised (few clusters), assumed (not estimable: the planning value).
    `mean_cluster_size` is the weighted mean size of the cluster an answer is in.
    """

    n: int
    n_eff_weights: float
    clusters: int
    icc_estimate: float | None
    icc: float
    icc_source: IccSource
    mean_cluster_size: float
    deff: float
    n_eff: float


def n_eff(
    weights: Sequence[float], counts: Sequence[int] | None = None, squares: Sequence[float] | None = None
) -> float:
    """Return Kish's effective sample size (Σw)²/Σw²; 0 for no weights or only zeros.

    L. Kish, Survey Sampling (1965), 11.7. Raises ValueError for a negative or non-finite weight.
    """
    largest = _largest_weight(weights)
    if largest == 0:
        return 0.0
    scaled = [weight / largest for weight in weights]
    each = _counts(len(scaled), counts)
    total = math.fsum(weight * count for weight, count in zip(scaled, each, strict=True))
    return total**2 / _sum_of_squares(weights, each, squares, largest)


def mean_cluster_size(
    weights: Sequence[float],
    clusters: Sequence[Hashable],
    counts: Sequence[int] | None = None,
    squares: Sequence[float] | None = None,
) -> float:
    """Return Σ_c(Σ_i w_ci)² / Σw², which for equal weights is Kish's weighted mean cluster size Σn_c²/Σn_c.

    S. Gabler, S. Häder, P. Lahiri, Survey Methodology 25 (1999) 105-106. 0 for an empty sample.
    Raises ValueError when the lengths differ or a weight is negative or non-finite.
    """
    _check_lengths(len(weights), len(clusters))
    largest = _largest_weight(weights)
    if largest == 0:
        return 0.0
    each = _counts(len(weights), counts)
    sums: defaultdict[Hashable, float] = defaultdict(float)
    for weight, cluster, count in zip(weights, clusters, each, strict=True):
        sums[cluster] += weight / largest * count
    squared = _sum_of_squares(weights, each, squares, largest)
    return math.fsum(total * total for total in sums.values()) / squared


def clustered_n_eff(
    weights: Sequence[float], clusters: Sequence[Hashable], icc: float, counts: Sequence[int] | None = None
) -> float:
    """Return the effective sample size that counts weights and clusters: Kish's n_eff / (1 + (m̄ - 1)·icc).

    m̄ is `mean_cluster_size`, so that 400 equal respondents from 8 equal personas at 0.2 are worth 37.04.
    With that m̄ the result is (Σw)² / ((1 - icc)·Σw² + icc·Σ_c W_c²): at least 1, and at most the number of
    clusters at icc = 1. Raises ValueError for an icc outside [0, 1] or lengths that differ.
    """
    if not 0 <= icc <= 1:
        raise ValueError("icc must lie between 0 and 1")
    size = mean_cluster_size(weights, clusters, counts)
    return n_eff(weights, counts) / design_effect(size, icc)


def design_effect(mean_size: float, icc: float) -> float:
    """Return the design effect of clusters, 1 + (m̄ - 1)·icc (Kish 1965, 5.4); 1 when m̄ <= 1."""
    return 1 + max(0.0, mean_size - 1) * icc


def icc_oneway(
    values: Sequence[float], clusters: Sequence[Hashable], counts: Sequence[int] | None = None
) -> float | None:
    """Return the one-way ANOVA intra-class correlation of numbers or 0/1 indicators, cut to [0, 1].

    (MSB - MSW)/(MSB + (n₀ - 1)·MSW), n₀ = (N - Σn_c²/N)/(k - 1): Donner, International Statistical Review
    54 (1986) 67-82. Unweighted. None where it cannot be told: fewer than two clusters, no cluster with two
    values, or no variance. Raises ValueError when the lengths differ.
    """
    _check_lengths(len(values), len(clusters))
    if not values:
        return None
    each = _counts(len(values), counts)
    n = sum(each)
    mean = math.fsum(value * count for value, count in zip(values, each, strict=True)) / n
    groups: defaultdict[Hashable, list[float]] = defaultdict(list)
    sizes: Counter[Hashable] = Counter()
    for value, cluster, count in zip(values, clusters, each, strict=True):
        groups[cluster].append((value - mean) * count)
        sizes[cluster] += count
    total = math.fsum((value - mean) ** 2 * count for value, count in zip(values, each, strict=True))
    between = math.fsum(math.fsum(group) ** 2 / sizes[cluster] for cluster, group in groups.items())
    scale = max(abs(value) for value in values)
    if total <= 1e-18 * n * scale * scale:
        return None
    return _icc(between, total, list(sizes.values()))


def icc_choices(
    choices: Sequence[str | Collection[str]], clusters: Sequence[Hashable], counts: Sequence[int] | None = None
) -> float | None:
    """Return one intra-class correlation for a whole choice question, pooled over its options, cut to [0, 1].

    Each option is a 0/1 indicator; sums of squares between and within clusters are added over the options
    before the ANOVA estimator of `icc_oneway` (the variance of Light & Margolin, JASA 66 (1971) 534-544).
    With two exclusive options it is that of either indicator. None as for `icc_oneway`. Raises ValueError
    when the lengths differ.
    """
    _check_lengths(len(choices), len(clusters))
    each = _counts(len(choices), counts)
    sizes: Counter[Hashable] = Counter()
    per_cluster: Counter[tuple[Hashable, str]] = Counter()
    per_code: Counter[str] = Counter()
    for choice, cluster, count in zip(choices, clusters, each, strict=True):
        sizes[cluster] += count
        for code in {choice} if isinstance(choice, str) else set(choice):
            per_cluster[cluster, code] += count
            per_code[code] += count
    n = sum(each)
    centre = math.fsum(count * count / n for count in per_code.values())
    total = math.fsum(per_code.values()) - centre
    if total <= 1e-12 * max(n, 1):
        return None
    between = math.fsum(count * count / sizes[cluster] for (cluster, _), count in per_cluster.items()) - centre
    return _icc(between, total, list(sizes.values()))


def effective_sample_size(
    values: Sequence[float | str | Collection[str]],
    weights: Sequence[float] | None = None,
    clusters: Sequence[Hashable] | None = None,
    counts: Sequence[int] | None = None,
    squares: Sequence[float] | None = None,
) -> EffectiveSampleSize:
    """Return what the answers to one question are worth, the intra-class correlation estimated from them.

    `values`, one per answer: numbers or 0/1 indicators, a code, or the set of codes of a multiple choice
    (one figure for all options of the question, so that rare and absent options get comparable intervals).
    `clusters` names each answer's persona; `weights` default to 1. Answers of no weight count in n only.

    An estimate from few clusters is noisy and often cut to 0, which would make the intervals too narrow. So
    the planning value 0.2 counts as one cluster's worth of evidence, and only upwards: with k clusters the
    value used is estimate + max(0, 0.2 - estimate)/k. Where nothing can be estimated (one persona, or all
    answers equal) it is 0.2; where every cluster has one answer the clusters cost nothing whatever it is.
    Raises ValueError when the lengths differ or a weight is negative or non-finite.
    """
    used = [1.0] * len(values) if weights is None else list(weights)
    _check_lengths(len(values), len(used))
    each = _counts(len(values), counts)
    if clusters is None:
        n, kish = sum(each), n_eff(used, each, squares)
        return EffectiveSampleSize(n, kish, 0, None, 0.0, "none", 1.0 if kish else 0.0, 1.0, kish)
    _check_lengths(len(values), len(clusters))
    least = NEGLIGIBLE * _largest_weight(used)
    kept = [index for index, weight in enumerate(used) if weight > least]
    names, sizes = [clusters[index] for index in kept], [each[index] for index in kept]
    estimate = _estimate([values[index] for index in kept], names, sizes)
    return _sized(used, each, names, kept, estimate, squares)


def effective_size_of_rows(
    rows: Sequence[Sequence[float]],
    weights: Sequence[float],
    clusters: Sequence[Hashable],
    counts: Sequence[int] | None = None,
) -> EffectiveSampleSize:
    """Return the same of answers that are several numbers each, as many in every row: one figure for all of them.

    The intra-class correlation is that of `icc_rows`. Raises ValueError when the lengths differ or a weight is
    negative or non-finite.
    """
    _check_lengths(len(rows), len(weights))
    _check_lengths(len(rows), len(clusters))
    each = _counts(len(rows), counts)
    least = NEGLIGIBLE * _largest_weight(weights)
    kept = [index for index, weight in enumerate(weights) if weight > least]
    names, sizes = [clusters[index] for index in kept], [each[index] for index in kept]
    estimate = icc_rows([rows[index] for index in kept], names, sizes)
    return _sized(weights, each, names, kept, estimate)


def icc_rows(
    rows: Sequence[Sequence[float]], clusters: Sequence[Hashable], counts: Sequence[int] | None = None
) -> float | None:
    """Return one intra-class correlation for answers of several numbers each, pooled over these, cut to [0, 1].

    Sums of squares between and within clusters are added over the numbers before the ANOVA estimator of
    `icc_oneway`, as `icc_choices` does over options. None as there. Raises ValueError when the lengths differ.
    """
    import numpy as np

    _check_lengths(len(rows), len(clusters))
    each = np.array(_counts(len(rows), counts), dtype=float)
    if not len(rows):
        return None
    values = np.asarray(rows, dtype=float)
    names = {cluster: place for place, cluster in enumerate(dict.fromkeys(clusters))}
    places = np.array([names[cluster] for cluster in clusters])
    sizes, n = np.bincount(places, weights=each), each.sum()
    centred = values - each @ values / n
    total = float(each @ (centred * centred).sum(axis=1))
    sums = np.zeros((len(sizes), values.shape[1]))
    np.add.at(sums, places, centred * each[:, None])
    between = float(((sums * sums).sum(axis=1) / sizes).sum())
    if total <= 1e-18 * n * float((np.abs(values).max(axis=0) ** 2).sum()):
        return None
    return _icc(between, total, [int(size) for size in sizes])


def _sized(
    weights: Sequence[float],
    counts: Sequence[int],
    names: Sequence[Hashable],
    kept: Sequence[int],
    estimate: float | None,
    squares: Sequence[float] | None = None,
) -> EffectiveSampleSize:
    """Return what answers are worth; `kept` are those of any weight, `names` their clusters."""
    kish, clusters = n_eff(weights, counts, squares), len(set(names))
    icc, source = _icc_to_use(estimate, clusters)
    own = None if squares is None else [squares[index] for index in kept]
    size = mean_cluster_size([weights[index] for index in kept], names, [counts[index] for index in kept], own)
    deff = design_effect(size, icc)
    return EffectiveSampleSize(sum(counts), kish, clusters, estimate, icc, source, size, deff, kish / deff)


def _estimate(
    values: Sequence[float | str | Collection[str]], clusters: Sequence[Hashable], counts: Sequence[int]
) -> float | None:
    numbers = [float(value) for value in values if isinstance(value, (int, float))]
    if len(numbers) == len(values):
        return icc_oneway(numbers, clusters, counts)
    choices = [value for value in values if not isinstance(value, (int, float))]
    _check_lengths(len(choices), len(values))
    return icc_choices(choices, clusters, counts)


def _icc_to_use(estimate: float | None, clusters: int) -> tuple[float, IccSource]:
    if estimate is None:
        return PLANNING_ICC, "assumed"
    lift = max(0.0, PLANNING_ICC - estimate) / clusters
    return estimate + lift, "raised" if lift > 0 else "estimated"


def _icc(between: float, total: float, sizes: Sequence[int]) -> float | None:
    k, n = len(sizes), sum(sizes)
    if k < 2 or n <= k:
        return None
    mean_square_between = max(0.0, between) / (k - 1)
    mean_square_within = max(0.0, total - between) / (n - k)
    n0 = (n - math.fsum(size * size for size in sizes) / n) / (k - 1)
    denominator = mean_square_between + (n0 - 1) * mean_square_within
    if denominator <= 0:
        return 0.0
    return min(1.0, max(0.0, (mean_square_between - mean_square_within) / denominator))


def _largest_weight(weights: Sequence[float]) -> float:
    if not weights:
        return 0.0
    if not (min(weights) >= 0 and sum(weights) < math.inf) and any(
        not math.isfinite(weight) or weight < 0 for weight in weights
    ):
        raise ValueError("weights must be finite and not negative")
    return max(weights)


def _sum_of_squares(
    weights: Sequence[float], counts: Sequence[int], squares: Sequence[float] | None, largest: float
) -> float:
    """Return Σw² over all answers, in units of the largest weight."""
    if squares is not None:
        _check_lengths(len(squares), len(weights))
        squared = math.fsum(square / largest / largest for square in squares)
        if squared > 0:  # squares of very small weights are 0
            return squared
    return math.fsum((weight / largest) ** 2 * count for weight, count in zip(weights, counts, strict=True))


def _counts(n: int, counts: Sequence[int] | None) -> Sequence[int]:
    if counts is None:
        return [1] * n
    _check_lengths(len(counts), n)
    return counts


def _check_lengths(first: int, second: int) -> None:
    if first != second:
        raise ValueError(f"as many values as weights and clusters are needed, not {first} and {second}")

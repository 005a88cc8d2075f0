"""How two runs differ: proportions and means with intervals, tests that count weights and clusters, distances."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from core.stats.column_letters import Adjustment
from core.stats.contingency import ChiSquare
from core.stats.distributions import f_survival, t_value, z_value
from core.stats.intervals import Interval, wilson
from core.stats.weights import NEGLIGIBLE, PLANNING_ICC, clustered_n_eff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

_FEWEST: Final = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """Second less first, with its interval; `p` is None where nothing varies, so that nothing can be tested."""

    value: float
    ci: Interval
    p: float | None


@dataclass(frozen=True, slots=True)
class Share:
    """A proportion (0-1) among n answers of a run; n_eff is what they are worth there by themselves."""

    p: float
    n: int
    n_eff: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The numbers of one run in columns: `counts[i]` respondents of one cluster and weight gave `values[i]`."""

    values: Sequence[float]
    weights: Sequence[float]
    clusters: Sequence[Hashable]
    counts: Sequence[int]


def difference_of_shares(first: Share, second: Share, tested: ChiSquare | None, confidence: float = 0.95) -> Difference:
    """Return the difference of two proportions by the hybrid of their score intervals.

    R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: with d = p₂ - p₁ and Wilson's (l, u) of each,
    d - √((p₂ - l₂)² + (u₁ - p₁)²) to d + √((u₂ - p₂)² + (p₁ - l₁)²). `tested` is the corrected test of the table
    chosen or not by run: each n is divided by its design effect, and where that was estimated the normal quantile gives
    way to Student's on its degrees of freedom, so that interval and test count the same. Wilson's interval depends on
    n/z² alone: n·(z/t)² stands for n. Without a test (nobody chose it, or everybody did) each has its own n_eff.
    """
    value = second.p - first.p
    if tested is None:
        sizes = [first.n_eff, second.n_eff]
    else:
        wider = z_value(confidence) / t_value(confidence, tested.freedom) if tested.freedom else 1.0
        sizes = [one.n / tested.mean_deff * wider**2 for one in (first, second)]
    low, high = (wilson(one.p, n, confidence) for one, n in zip((first, second), sizes, strict=True))
    lo = value - math.hypot(second.p - high.lo, low.hi - first.p)
    hi = value + math.hypot(high.hi - second.p, first.p - low.lo)
    return Difference(value, Interval(max(-1.0, lo), min(1.0, hi)), None if tested is None else tested.p)


def difference_of_means(first: Measured, second: Measured, confidence: float = 0.95) -> Difference | None:
    """Return the difference of two weighted means; None where a run has fewer than two respondents with any weight.

    The variance is linearised: of scores ±w(x - m)/W, summed within each cluster over both runs, C/(C - 1)·Σz², on
    C - 1 degrees of freedom (D. A. Binder, International Statistical Review 51 (1983) 279-292). Clusters that both runs
    share count once: what they have in common cancels out. They never make it smaller than if respondents were drawn
    alone, Σ n/(n - 1)·Σu² (with equal weights Welch's s₁²/n₁ + s₂²/n₂) on n - 2. One cluster cannot tell its own
    effect: then each run's variance is that over its n_eff at the planning intra-class correlation. Raises ValueError
    for a negative or infinite weight.
    """
    places: dict[Hashable, int] = {}
    runs = [_Run(one, places) for one in (first, second)]
    if any(run.n < _FEWEST for run in runs):
        return None
    value = runs[1].mean - runs[0].mean
    variance, freedom = _variance(runs, len(places))
    if variance <= NEGLIGIBLE * max(abs(run.mean) for run in runs) ** 2:
        return Difference(value, Interval(value, value), None)
    quantile = t_value(confidence, freedom) if freedom else z_value(confidence)
    statistic = abs(value) / math.sqrt(variance)
    p = f_survival(statistic**2, 1, freedom) if freedom else 2 * NormalDist().cdf(-statistic)
    half = quantile * math.sqrt(variance)
    return Difference(value, Interval(value - half, value + half), p)


class _Run:
    """The mean of a run, and what each of its groups adds to the difference; who weighs nothing is left out."""

    def __init__(self, measured: Measured, places: dict[Hashable, int]) -> None:
        import numpy as np

        weights = np.asarray(measured.weights, dtype=np.float64)
        if not np.isfinite(weights).all() or (weights < 0).any():
            raise ValueError("weights must be finite and not negative")
        kept = weights > 0
        self.weights = weights[kept]
        self.values = np.asarray(measured.values, dtype=np.float64)[kept]
        self.counts = np.asarray(measured.counts, dtype=np.int64)[kept]
        own = [cluster for cluster, weight in zip(measured.clusters, measured.weights, strict=True) if weight]
        self.clusters = np.array([places.setdefault(cluster, len(places)) for cluster in own], dtype=np.int64)
        self.n = int(self.counts.sum())
        held = self.weights * self.counts
        self.total = float(held.sum())
        self.mean = float((held * self.values).sum()) / self.total if self.n else 0.0
        self.scores = self.weights * (self.values - self.mean) / self.total if self.n else self.values

    def by_cluster(self, clusters: int) -> Numbers:
        """Return the sum of scores of each cluster."""
        import numpy as np

        found: Numbers = np.bincount(self.clusters, self.scores * self.counts, clusters).astype(np.float64)
        return found

    def variance(self) -> float:
        """Return the variance of the mean, every respondent drawn alone."""
        return float((self.scores**2 * self.counts).sum()) * self.n / (self.n - 1)

    def planned(self) -> float:
        """Return the same at the planning intra-class correlation."""
        weights, counts = self.weights.tolist(), self.counts.tolist()
        worth = clustered_n_eff(weights, self.clusters.tolist(), PLANNING_ICC, counts)
        spread = float((self.weights * self.counts * (self.values - self.mean) ** 2).sum()) / self.total
        return spread / worth


def _variance(runs: Sequence[_Run], clusters: int) -> tuple[float, int | None]:
    """Return the variance of the difference and its degrees of freedom, None where it was planned."""
    if clusters == 1:
        return math.fsum(run.planned() for run in runs), None
    totals = runs[1].by_cluster(clusters) - runs[0].by_cluster(clusters)
    by_cluster = clusters / (clusters - 1) * float((totals**2).sum())
    alone = math.fsum(run.variance() for run in runs)
    return (by_cluster, clusters - 1) if by_cluster >= alone else (alone, sum(run.n for run in runs) - 2)


def total_variation(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    """Return ½·Σ|p - q| (0-1) of two distributions: the share that would have to answer otherwise."""
    return math.fsum(abs(p.get(code, 0.0) - q.get(code, 0.0)) for code in {*p, *q}) / 2


def jensen_shannon(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    """Return the Jensen-Shannon divergence of two distributions in bits (0-1).

    ½·KL(p‖m) + ½·KL(q‖m), m = (p + q)/2: J. Lin, IEEE Transactions on Information Theory 37 (1991) 145-151.
    """
    found = 0.0
    for code in {*p, *q}:
        mean = (p.get(code, 0.0) + q.get(code, 0.0)) / 2
        found += sum(share * math.log2(share / mean) / 2 for share in (p.get(code, 0.0), q.get(code, 0.0)) if share > 0)
    return min(1.0, max(0.0, found))


def adjusted(p_values: Sequence[float | None], adjustment: Adjustment) -> list[float | None]:
    """Return p values adjusted for how many there are, those that are None left out.

    S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70, as adjusted p: the largest of (m - i + 1)·p₍ᵢ₎ so far,
    at most 1; Bonferroni m·p.
    """
    tested = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(tested):
        factor = {"holm": len(tested) - rank, "bonferroni": len(tested), "none": 1}[adjustment]
        highest = max(highest, p * factor) if adjustment == "holm" else p * factor
        found[place] = min(1.0, highest)
    return found

"""Scores of best–worst scaling, case 1 (max-diff): how much better each item is liked than the others.

Counting scores: A. Finn, J. J. Louviere, Journal of Public Policy & Marketing 11 (1992) 12-25; A. A. J. Marley, J. J.
Louviere, Journal of Mathematical Psychology 49 (2005) 464-480.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from core.stats.intervals import Interval, difference_interval
from core.stats.weights import EffectiveSampleSize, effective_size_of_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.float64]
    Vector = NDArray[np.float64]

NOTHING: Final = 1e-12
"""A variance up to which respondents do not differ: what is left is rounding."""


class Judged(NamedTuple):
    """One set as a respondent judged it: the codes shown, and which of them is best and which worst."""

    items: Sequence[str]
    best: str
    worst: str


@dataclass(frozen=True, slots=True)
class ItemScore:
    """How one item did. `shown`, `best` and `worst` count appearances and choices; None where nothing can be told.

    `score` lies in -1…1, `ci` is its simulation interval. `utility` is centred on 0 over the items, `share` (0–100) is
    what it comes to of all items' appeal.
    """

    code: str
    shown: int
    best: int
    worst: int
    weighted_shown: float
    weighted_best: float
    weighted_worst: float
    score: float | None
    ci: Interval | None
    utility: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class BestWorst:
    """The items' scores, in the order of their codes, what the answers behind them are worth, scores by cluster."""

    items: tuple[ItemScore, ...]
    size: EffectiveSampleSize
    by_cluster: Mapping[Hashable, Sequence[float | None]]


def best_worst(
    answers: Sequence[Sequence[Judged]],
    codes: Sequence[str],
    weights: Sequence[float],
    clusters: Sequence[Hashable],
    confidence: float = 0.95,
) -> BestWorst:
    """Return the scores of all items from the sets that each respondent judged.

    score = (B - W)/A over weighted counts of best, worst and appearances. Its interval is the score interval of the
    difference B/A - W/A (`difference_interval`) on as many appearances as they are worth: the respondents' n_eff,
    which counts weights and clusters, times how many independent appearances one respondent gives (between 1 and all:
    `_worth_each`). What a respondent answered is their row of (best - worst)/appearances, pooled over the items for
    the intra-class correlation. Raises ValueError for codes that are not there, a best that is the worst or one that
    was not shown, and for bad weights.
    """
    counts = _counted(answers, codes)
    size = effective_size_of_rows(counts.rates().tolist(), weights, clusters)
    scored = counts.scored(weights, size.n_eff, confidence)
    found = utilities([item.score for item in scored], [item.shown for item in scored])
    told = zip(scored, found, shares_of(found), strict=True)
    items = tuple(replace(item, utility=utility, share=share) for item, utility, share in told)
    return BestWorst(items, size, counts.by_cluster(weights, clusters))


def utilities(scores: Sequence[float | None], shown: Sequence[int]) -> list[float | None]:
    """Return each item's utility on the logit scale, ln((1 + s)/(1 - s)) of its score s, centred on 0.

    The closed form of S. Lipovetsky, M. Conklin, Journal of Choice Modelling 10 (2014) 60-68: it is the binary logit of
    (1 + s)/2, the rate at which an item wins when best counts 1, worst 0 and neither one half. An item that was always
    best or always worst would be infinitely good or bad: its score is held at ±A/(A + 1) of its A appearances, as if it
    had been passed over in one more.
    """
    found = [
        None if score is None or not times else _log_odds(score, times / (times + 1))
        for score, times in zip(scores, shown, strict=True)
    ]
    told = [value for value in found if value is not None]
    centre = math.fsum(told) / len(told) if told else 0.0
    return [None if value is None else value - centre for value in found]


def shares_of(values: Sequence[float | None]) -> list[float | None]:
    """Return utilities as shares that sum to 100, exp(u)/Σexp(u): how often each would be taken among all items."""
    told = [value for value in values if value is not None]
    if not told:
        return [None] * len(values)
    largest = max(told)
    total = math.fsum(math.exp(value - largest) for value in told)
    return [None if value is None else 100 * math.exp(value - largest) / total for value in values]


@dataclass(frozen=True, slots=True)
class _Counts:
    """A row per respondent and a column per item: how often it was shown, best and worst."""

    codes: Sequence[str]
    shown: Table
    best: Table
    worst: Table

    def rates(self) -> Table:
        """Return each respondent's (best - worst)/appearances, 0 where an item was not shown to them."""
        net: Table = self.best - self.worst
        rates: Table = net / self.shown.clip(min=1)
        return rates

    def by_cluster(self, weights: Sequence[float], clusters: Sequence[Hashable]) -> dict[Hashable, list[float | None]]:
        """Return the scores of each cluster; where nobody in one weighs anything, all in it count alike."""
        import numpy as np

        members: dict[Hashable, list[int]] = {}
        for at, cluster in enumerate(clusters):
            members.setdefault(cluster, []).append(at)
        found: dict[Hashable, list[float | None]] = {}
        for cluster, own in members.items():
            used = np.array([weights[at] for at in own])
            used = used if used.any() else np.ones(len(own))
            shown, net = used @ self.shown[own], used @ (self.best[own] - self.worst[own])
            found[cluster] = [float(n / a) if a > 0 else None for n, a in zip(net, shown, strict=True)]
        return found

    def scored(self, weights: Sequence[float], n_eff: float, confidence: float) -> list[ItemScore]:
        """Return counts, score and interval of each item."""
        import numpy as np

        used = np.array(weights, dtype=float)
        totals = [table.sum(axis=0).tolist() for table in (self.shown, self.best, self.worst)]
        weighted = [(used @ table).tolist() for table in (self.shown, self.best, self.worst)]
        found = []
        for at, code in enumerate(self.codes):
            shown, best, worst = (sums[at] for sums in weighted)
            score = ci = None
            if shown > 0:
                p, d = best / shown, worst / shown
                score = p - d
                ci = difference_interval(p, d, n_eff * self._worth_each(used, at, p, d), confidence)
            times, first, last = (int(total[at]) for total in totals)
            found.append(ItemScore(code, times, first, last, shown, best, worst, score, ci, None, None))
        return found

    def _worth_each(self, weights: Vector, at: int, p: float, d: float) -> float:
        """Return how many independent appearances those before one respondent are worth, between 1 and their mean.

        (P + D - s²)/V: what one appearance varies by, over what a respondent's mean varies by. V is the variance of
        the linearised ratio (best - worst - s·shown)/mean shown (W. G. Cochran, Sampling Techniques (1977), 2.11), the
        weighted one of `summary.weighted_sd`. Who always judges an item alike gives no more than one.
        """
        total, n = float(weights.sum()), int((weights > 0).sum())
        mean = float(weights @ self.shown[:, at]) / total
        rests = (self.best[:, at] - self.worst[:, at] - (p - d) * self.shown[:, at]) / mean
        variance = float(weights @ (rests - weights @ rests / total) ** 2) / total * n / (n - 1) if n > 1 else 0.0
        if variance <= NOTHING:
            return 1.0
        return min(max(1.0, mean), max(1.0, (p + d - (p - d) ** 2) / variance))


def _counted(answers: Sequence[Sequence[Judged]], codes: Sequence[str]) -> _Counts:
    import numpy as np

    places = {code: at for at, code in enumerate(codes)}
    width = len(codes)
    shown: list[int] = []
    best: list[int] = []
    worst: list[int] = []
    try:
        for number, sets in enumerate(answers):
            row = number * width
            for items, first, last in sets:
                if first == last or first not in items or last not in items:
                    raise ValueError("best and worst must be two different items of the set")
                shown.extend([row + places[code] for code in items])
                best.append(row + places[first])
                worst.append(row + places[last])
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} is not one of the codes") from None

    def table(cells: list[int]) -> Table:
        held = np.bincount(np.array(cells, dtype=np.int64), minlength=len(answers) * width)
        return held.reshape(len(answers), width).astype(float)

    return _Counts(codes, table(shown), table(best), table(worst))


def _log_odds(score: float, most: float) -> float:
    held = max(-most, min(most, score))
    return math.log((1 + held) / (1 - held))

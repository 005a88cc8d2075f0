"""Scores of best–worst scaling, case 1 (max-diff): how much better each item is liked than the others.

Counting scores: A. Finn, J. J. Louviere, Journal of Public Policy & Marketing 11 (1992) 12-25; A. A. J. Marley, J. J.
Louviere, Journal of Mathematical Psychology 49 (2005) 464-480.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.stats.intervals import Interval, difference_interval
from core.stats.summary import weighted_mean, weighted_sd
from core.stats.weights import EffectiveSampleSize, effective_size_of_rows


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
    """The items' scores, in the order of their codes, and what the answers behind them are worth."""

    items: tuple[ItemScore, ...]
    size: EffectiveSampleSize


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
    columns = [_Column(code, len(answers)) for code in codes]
    places = {code: columns[at] for at, code in enumerate(codes)}
    for number, sets in enumerate(answers):
        for judged in sets:
            _count(places, number, judged)
    rows = list(zip(*(column.rates() for column in columns), strict=True)) if columns else []
    size = effective_size_of_rows(rows, weights, clusters)
    scored = [column.scored(weights, size.n_eff, confidence) for column in columns]
    found = utilities([item.score for item in scored], [item.shown for item in scored])
    shares = shares_of(found)
    told = zip(scored, found, shares, strict=True)
    return BestWorst(tuple(replace(item, utility=utility, share=share) for item, utility, share in told), size)


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


class _Column:
    """One item over all respondents."""

    def __init__(self, code: str, respondents: int) -> None:
        self.code = code
        self.shown = [0] * respondents
        self.best = [0] * respondents
        self.worst = [0] * respondents

    def rates(self) -> list[float]:
        """Return each respondent's (best - worst)/appearances, 0 where the item was not shown to them."""
        return [(b - w) / a if a else 0.0 for b, w, a in zip(self.best, self.worst, self.shown, strict=True)]

    def scored(self, weights: Sequence[float], n_eff: float, confidence: float) -> ItemScore:
        """Return counts, score and interval."""
        shown, best, worst = (
            math.fsum(weight * times for weight, times in zip(weights, counted, strict=True))
            for counted in (self.shown, self.best, self.worst)
        )
        score = ci = None
        if shown > 0:
            p, d = best / shown, worst / shown
            score = p - d
            worth = n_eff * self._worth_each(weights, p, d)
            ci = difference_interval(p, d, worth, confidence)
        return ItemScore(
            self.code, sum(self.shown), sum(self.best), sum(self.worst), shown, best, worst, score, ci, None, None
        )

    def _worth_each(self, weights: Sequence[float], p: float, d: float) -> float:
        """Return how many independent appearances those before one respondent are worth, between 1 and their mean.

        (P + D - s²)/V: what one appearance varies by, over what a respondent's mean varies by. V is the variance of
        the linearised ratio (best - worst - s·shown)/mean shown (W. G. Cochran, Sampling Techniques (1977), 2.11). Who
        always judges an item alike gives no more than one.
        """
        mean = weighted_mean([float(times) for times in self.shown], weights)
        if not mean:
            return 1.0
        rests = [(b - w - (p - d) * a) / mean for b, w, a in zip(self.best, self.worst, self.shown, strict=True)]
        sd = weighted_sd(rests, weights)
        if not sd:
            return 1.0
        return min(max(1.0, mean), max(1.0, (p + d - (p - d) ** 2) / sd**2))


def _count(places: dict[str, _Column], number: int, judged: Judged) -> None:
    if judged.best == judged.worst or judged.best not in judged.items or judged.worst not in judged.items:
        raise ValueError("best and worst must be two different items of the set")
    for code in judged.items:
        if code not in places:
            raise ValueError(f"{code!r} is not one of the codes")
        places[code].shown[number] += 1
    places[judged.best].best[number] += 1
    places[judged.worst].worst[number] += 1


def _log_odds(score: float, most: float) -> float:
    held = max(-most, min(most, score))
    return math.log((1 + held) / (1 - held))

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import minimize

from core.stats.best_worst import BestWorst, Judged, best_worst, shares_of, utilities
from core.stats.best_worst_design import sets_of
from core.stats.intervals import difference_interval
from core.stats.sampling import rng
from core.stats.weights import icc_choices, icc_rows

CODES = ("a", "b", "c", "d")
TRUE = {"a": 1.2, "b": 0.4, "c": -0.3, "d": -0.9, "e": 0.0, "f": -0.4}


def alone(answers: Sequence[Sequence[Judged]], codes: Sequence[str] = CODES) -> BestWorst:
    """Each respondent weighs 1 and is a persona of their own."""
    return best_worst(answers, codes, [1.0] * len(answers), range(len(answers)))


def simulated(n: int, codes: Sequence[str], size: int, count: int, seed: int) -> list[list[Judged]]:
    """Return answers of people who choose by a logit of `TRUE`: the best of a set, then the worst of the rest."""
    generator = rng("simulated", seed)

    def drawn(items: Sequence[str], sign: int) -> str:
        return max(items, key=lambda item: sign * TRUE[item] - math.log(-math.log(generator.random() or 1e-12)))

    answers = []
    for number in range(n):
        sets = []
        for block in sets_of(len(codes), size, count, number, "simulated"):
            items = [codes[item] for item in block]
            best = drawn(items, 1)
            sets.append(Judged(items, best, drawn([item for item in items if item != best], -1)))
        answers.append(sets)
    return answers


def test_counts_and_scores_by_hand() -> None:
    answers = [
        [Judged("abc", "a", "c"), Judged("abd", "b", "d")],
        [Judged("acd", "a", "d"), Judged("bcd", "c", "d")],
    ]
    found = {item.code: item for item in alone(answers).items}
    assert [(i.shown, i.best, i.worst) for i in found.values()] == [(3, 2, 0), (3, 1, 0), (3, 1, 1), (3, 0, 3)]
    assert [i.score for i in found.values()] == pytest.approx([2 / 3, 1 / 3, 0, -1])


def test_weights_count_in_scores_and_in_what_they_are_worth() -> None:
    answers = [[Judged("ab", "a", "b")]] * 3 + [[Judged("ab", "b", "a")]]
    found = best_worst(answers, "ab", [1, 1, 1, 5], range(4))
    assert found.items[0].score == pytest.approx((3 - 5) / 8)
    assert (found.items[0].best, found.items[0].weighted_best) == (3, 3.0)
    assert found.size.n_eff == pytest.approx(64 / 28)


def test_interval_of_two_items_is_that_of_a_difference_of_shares() -> None:
    answers = [[Judged("ab", "a", "b")]] * 30 + [[Judged("ab", "b", "a")]] * 10
    item = alone(answers, "ab").items[0]
    assert item.ci == pytest.approx(difference_interval(0.75, 0.25, 40))


def test_personas_widen_the_interval() -> None:
    answers = simulated(120, "abcdef", 3, 6, 1)
    free = best_worst(answers, "abcdef", [1.0] * 120, range(120)).items[0]
    bound = best_worst(answers, "abcdef", [1.0] * 120, [number % 3 for number in range(120)]).items[0]
    assert free.ci
    assert bound.ci
    assert free.score == bound.score
    assert bound.ci.hi - bound.ci.lo > 1.5 * (free.ci.hi - free.ci.lo)


def test_interval_holds_the_true_score_about_as_often_as_it_says() -> None:
    codes = "abcd"
    everybody = {item.code: item.score for item in alone(simulated(8000, codes, 3, 4, 0), codes).items}
    held = [
        item.ci.lo <= (everybody[item.code] or 0) <= item.ci.hi
        for seed in range(1, 61)
        for item in alone(simulated(40, codes, 3, 4, seed), codes).items
        if item.ci
    ]
    assert 0.9 <= sum(held) / len(held) <= 0.99


def test_closed_form_is_the_logit_that_maximises_the_likelihood_of_winning() -> None:
    scores, shown = [0.5, 0.1, -0.2, -0.4], [40, 40, 40, 40]
    wins = [(1 + score) / 2 for score in scores]

    def negative(u: np.ndarray) -> float:
        chance = 1 / (1 + np.exp(-u))
        return -float(np.sum(np.array(wins) * np.log(chance) + (1 - np.array(wins)) * np.log(1 - chance)))

    best = minimize(negative, np.zeros(4), tol=1e-12).x
    found = utilities(list(scores), shown)
    assert found == pytest.approx(list(best - best.mean()), abs=1e-4)


def test_shares_follow_the_conditional_logit_of_the_sets() -> None:
    """scipy maximises the likelihood of best, then worst of the rest; the closed form orders and spaces items alike."""
    codes = "abcdef"
    answers = simulated(400, codes, 4, 6, 7)
    rows = [
        ([codes.index(i) for i in one.items], codes.index(one.best), codes.index(one.worst))
        for own in answers
        for one in own
    ]
    shown, best, worst = (np.array(column) for column in zip(*rows, strict=True))

    def negative(free: np.ndarray) -> float:
        u = np.append(free, -free.sum())
        seen = u[shown]
        rest = np.where(shown == best[:, None], -np.inf, -seen)
        first = u[best] - np.log(np.exp(seen).sum(axis=1))
        return -float(np.sum(first - u[worst] - np.log(np.exp(rest).sum(axis=1))))

    free = minimize(negative, np.zeros(5)).x
    logit = np.append(free, -free.sum())
    closed = [item.utility for item in alone(answers, codes).items]
    assert list(logit) == pytest.approx([TRUE[code] for code in codes], abs=0.15)
    assert float(np.corrcoef(logit, np.array(closed, dtype=float))[0, 1]) > 0.995


def test_an_item_always_best_stays_finite() -> None:
    answers = [[Judged("abc", "a", "b"), Judged("abd", "a", "b")]]
    items = alone(answers).items
    assert items[0].score == 1
    assert items[0].utility is not None
    assert math.isfinite(items[0].utility)
    assert items[0].utility - (items[2].utility or 0) == pytest.approx(math.log(5))
    assert math.fsum(item.share or 0 for item in items) == pytest.approx(100)


def test_one_respondent_tells_little() -> None:
    ci = alone([[Judged("abcd", "a", "d")]]).items[1].ci
    assert ci is not None
    assert ci.lo < -0.7
    assert ci.hi > 0.7


def test_all_weight_on_one_respondent_is_one_respondent() -> None:
    answers = [[Judged("abcd", "a", "d")], [Judged("abcd", "d", "a")], [Judged("abcd", "b", "c")]]
    heavy = best_worst(answers, CODES, [1.0, 0.0, 0.0], "xyz")
    assert heavy.size.n_eff == pytest.approx(1)
    assert [item.score for item in heavy.items] == [1, 0, 0, -1]
    assert heavy.items[0].ci == alone(answers[:1]).items[0].ci


def test_what_cannot_be_told_is_none() -> None:
    nobody = best_worst([], CODES, [], [])
    assert {item.score for item in nobody.items} == {None}
    assert {item.share for item in nobody.items} == {None}
    weightless = best_worst([[Judged("abcd", "a", "d")]], CODES, [0.0], "x").items[0]
    assert (weightless.best, weightless.score, weightless.ci, weightless.share) == (1, None, None, None)
    unseen = alone([[Judged("ab", "a", "b")]]).items[2]
    assert (unseen.shown, unseen.score, unseen.utility, unseen.share) == (0, None, None, None)
    assert shares_of([None, 0.0]) == [None, 100.0]


@pytest.mark.parametrize(("best", "worst"), [("a", "a"), ("d", "a"), ("a", "d")])
def test_impossible_choices_are_refused(best: str, worst: str) -> None:
    with pytest.raises(ValueError, match="best and worst"):
        alone([[Judged("abc", best, worst)]])


def test_pooled_correlation_is_that_of_choices_on_indicators() -> None:
    chosen, clusters = ["a", "a", "b", "c", "a", "b", "b", "c"], [0, 0, 0, 0, 1, 1, 1, 1]
    rows = [[float(code == one) for code in "abc"] for one in chosen]
    assert icc_rows(rows, clusters) == pytest.approx(icc_choices(chosen, clusters))
    assert icc_rows([], []) is None

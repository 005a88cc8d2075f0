"""Scores by hand: reversed items, missing items, reliability, correlation, and what counts as a drifted set."""

from __future__ import annotations

from statistics import NormalDist

import pytest

from core.personas.mini_ipip import instrument
from core.stats.psychometrics import (
    acquiescence,
    against_norm,
    cronbach_alpha,
    keyed,
    pearson,
    percentile,
    scale_scores,
    straight_lined,
)

ITEMS = instrument().items
# One person's sheet, item 1 to 20, and the five scores worked out on paper.
SHEET = dict(enumerate((4, 5, 2, 1, 5, 2, 1, 4, 5, 2, 3, 4, 3, 2, 1, 3, 2, 5, 4, 2), start=1))
BY_HAND = {
    "extraversion": (4 + (6 - 2) + 3 + (6 - 3)) / 4,  # 1, 6R, 11, 16R
    "agreeableness": (5 + (6 - 1) + 4 + (6 - 2)) / 4,  # 2, 7R, 12, 17R
    "conscientiousness": (2 + (6 - 4) + 3 + (6 - 5)) / 4,  # 3, 8R, 13, 18R
    "neuroticism": (1 + (6 - 5) + 2 + (6 - 4)) / 4,  # 4, 9R, 14, 19R
    "openness": (5 + (6 - 2) + (6 - 1) + (6 - 2)) / 4,  # 5, 10R, 15R, 20R
}


def test_the_key_is_the_published_one() -> None:
    assert len(ITEMS) == 20
    reversed_items = {item.number for item in ITEMS if item.reversed}
    assert reversed_items == {6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20}
    assert [item.trait[0] for item in ITEMS] == list("eacno") * 4


def test_a_sheet_worked_out_by_hand() -> None:
    assert BY_HAND == {
        "extraversion": 3.5, "agreeableness": 4.5, "conscientiousness": 2.0, "neuroticism": 1.5, "openness": 4.5,
    }  # fmt: skip
    found = scale_scores(SHEET, ITEMS)
    assert {trait: (score.mean, score.items_answered) for trait, score in found.items()} == {
        trait: (mean, 4) for trait, mean in BY_HAND.items()
    }


@pytest.mark.parametrize(("answer", "counts"), [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)])
def test_a_reversed_answer_counts_six_less_itself(answer: int, counts: int) -> None:
    assert keyed(answer, reversed=True) == counts
    assert keyed(answer, reversed=False) == answer


@pytest.mark.parametrize("answer", [0, 6, -1, True])
def test_what_is_no_answer_is_refused(answer: int) -> None:
    with pytest.raises(ValueError, match="is no answer"):
        keyed(answer, reversed=False)


def test_all_fives_do_not_make_all_traits_high() -> None:
    found = scale_scores(dict.fromkeys(range(1, 21), 5), ITEMS)
    assert {trait: score.mean for trait, score in found.items()} == {
        "extraversion": 3.0, "agreeableness": 3.0, "conscientiousness": 3.0, "neuroticism": 3.0, "openness": 2.0,
    }  # fmt: skip


def test_a_missing_item_is_left_out_and_two_leave_no_score() -> None:
    three = {number: value for number, value in SHEET.items() if number != 16}
    assert (scale_scores(three, ITEMS)["extraversion"].mean, three.get(16)) == ((4 + 4 + 3) / 3, None)
    two = {number: value for number, value in three.items() if number != 11}
    score = scale_scores(two, ITEMS)["extraversion"]
    assert (score.mean, score.items_answered) == (None, 2)
    assert scale_scores(two, ITEMS)["openness"].mean == 4.5


def test_an_answer_to_no_item_is_an_error() -> None:
    with pytest.raises(ValueError, match="there are no items"):
        scale_scores({21: 3}, ITEMS)


def test_percentiles_are_of_the_normal_distribution() -> None:
    assert percentile(3.88, 3.88, 0.65) == pytest.approx(50)
    assert percentile(3.88 + 0.65, 3.88, 0.65) == pytest.approx(84.134, abs=0.001)


def test_signs_of_answers_that_follow_no_statement() -> None:
    assert straight_lined(dict.fromkeys(range(1, 21), 4))
    assert not straight_lined(SHEET)
    assert not straight_lined(dict.fromkeys(range(1, 10), 4))
    assert acquiescence(dict.fromkeys(range(1, 21), 5)) == 2
    assert acquiescence({}) is None


def test_alpha_of_a_textbook_table() -> None:
    rows = [(3, 4, 3), (5, 4, 5), (1, 2, 2), (4, 4, 5)]
    # Item variances 35/12, 1, 9/4; totals 10, 14, 5, 13 with variance 49/3: 3/2·(1 − (74/12)/(49/3)) = 183/196.
    assert cronbach_alpha(rows) == pytest.approx(183 / 196)
    assert cronbach_alpha(rows[:1]) is None
    assert cronbach_alpha([(3, 3), (3, 3)]) is None


def test_correlation() -> None:
    assert pearson((1, 2, 3, 4), (2, 4, 6, 8)) == pytest.approx(1)
    assert pearson((1, 2, 3), (1, 3, 2)) == pytest.approx(0.5)
    assert pearson((1, 2, 3), (5, 5, 5)) is None
    assert pearson((1, 2), (1, 2)) is None


def people(mean: float, sd: float, n: int = 50) -> list[float]:
    return [NormalDist(mean, sd).inv_cdf((index + 0.5) / n) for index in range(n)]


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        (people(60, 20), "as_norm"),
        (people(65, 19), "as_norm"),
        (people(68, 20), "drifted"),
        (people(60, 8), "collapsed"),
        (people(75, 8), "drifted_and_collapsed"),
        (people(60, 30), "overspread"),
        (people(60, 20, 9), "too_few"),
        (people(66, 20, 12), "as_norm"),  # chance alone does as much with twelve people
        ([70.0] * 50, "drifted_and_collapsed"),
        ([], "too_few"),
    ],
)
def test_a_set_is_judged_against_the_norm(scores: list[float], verdict: str) -> None:
    found = against_norm(scores, 60, 20)
    assert (found.verdict, found.n) == (verdict, len(scores))

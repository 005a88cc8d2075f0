"""Rankings against worked examples and scipy: mean ranks, scores, shares, Kendall's W; partial orders and edges."""

from __future__ import annotations

import pytest
from scipy import stats

from core.stats.ranking import concordance, ranked

CODES = ("a", "b", "c", "d")


def test_places_are_counted_and_averaged_by_hand() -> None:
    found = ranked(
        [("a", "b", "c", "d"), ("b", "a", "c", "d"), ("a", "c", "b", "d")], CODES, [1, 1, 2], ["x", "y", "z"]
    )
    first = found.items[0]
    assert first.counts == (2, 1, 0, 0)
    assert list(first.weighted) == [3, 1, 0, 0]
    assert first.mean_rank == pytest.approx((1 + 2 + 2 * 1) / 4)
    assert first.first == pytest.approx(0.75)
    assert first.top == 1
    assert first.score == pytest.approx((4 - 1.25) / 3)
    assert found.items[3].score == 0


def test_what_is_not_ranked_shares_the_places_that_are_left() -> None:
    found = ranked([("a",), ("b",)], CODES, [1, 1], ["x", "y"])
    assert [item.mean_rank for item in found.items] == [2, 2, 3, 3]  # 1 and (1 + 1 + 4)/2 = 3
    assert [item.unranked for item in found.items] == [1, 1, 2, 2]
    assert found.items[0].counts == (1, 0, 0, 0)


def test_agreement_is_the_friedman_statistic_over_its_largest() -> None:
    rows = [[1, 2, 3, 4], [2, 1, 3, 4], [1, 3, 2, 4], [4, 3, 2, 1], [1, 2, 4, 3]]
    chi2 = stats.friedmanchisquare(*zip(*rows, strict=True)).statistic
    assert concordance([[float(rank) for rank in row] for row in rows], [1.0] * 5) == pytest.approx(chi2 / (5 * 3))


def test_agreement_with_ties_is_scipys_too() -> None:
    rows = [[1, 3, 3, 3], [3, 1, 3, 3], [1, 3, 3, 3], [3, 3, 3, 1]]
    chi2 = stats.friedmanchisquare(*zip(*rows, strict=True)).statistic
    assert concordance([[float(rank) for rank in row] for row in rows], [1.0] * 4) == pytest.approx(chi2 / (4 * 3))


def test_weights_count_as_repeats() -> None:
    once = [("a", "b", "c", "d"), ("d", "c", "b", "a")]
    weighted = ranked(once, CODES, [3, 1], ["x", "y"])
    repeated = ranked([once[0]] * 3 + [once[1]], CODES, [1] * 4, ["x", "x", "x", "y"])
    counted = ranked(once, CODES, [1, 1], ["x", "y"], [3, 1])
    assert [i.mean_rank for i in weighted.items] == [i.mean_rank for i in repeated.items]
    assert weighted.agreement == pytest.approx(repeated.agreement)
    assert repeated == counted


def test_edges() -> None:
    assert ranked([], CODES, [], []).items[0].mean_rank is None
    alone = ranked([("b", "a", "c", "d")], CODES, [1], ["x"])
    assert (alone.items[1].mean_rank, alone.items[1].mean_rank_ci, alone.agreement) == (1, None, 1)
    weightless = ranked([("a", "b", "c", "d")], CODES, [0], ["x"])
    assert (weightless.items[0].counts[0], weightless.items[0].first, weightless.agreement) == (1, None, None)
    one = ranked([("a", "b", "c", "d"), ("d", "c", "b", "a")], CODES, [5, 0], ["x", "y"])
    assert (one.items[0].first, one.items[0].mean_rank) == (1, 1)
    assert one.items[0].first_ci is not None
    assert one.items[0].first_ci.lo < 0.5  # all weight on one respondent is worth one
    assert ranked([("a",), ("a",)], ("a", "b"), [1, 1], ["x", "y"]).agreement == 1


@pytest.mark.parametrize("answer", [("a", "a"), ("a", "z")])
def test_an_answer_that_is_no_order_is_refused(answer: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="twice, or one that is not there"):
        ranked([answer], CODES, [1], ["x"])

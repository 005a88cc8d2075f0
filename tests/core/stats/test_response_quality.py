"""Figures behind quality alarms: against scipy, and worked by hand."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from core.stats.response_quality import (
    chance_of_straight_lines,
    net_acquiescence,
    normalised_entropy,
    within_share,
)


@pytest.mark.parametrize("counts", [[1, 1], [3, 1], [10, 0, 5, 1], [0.5, 2.25, 7]])
def test_entropy_is_scipys_over_that_of_the_even_spread(counts: list[float]) -> None:
    assert normalised_entropy(counts) == pytest.approx(stats.entropy(counts) / math.log(len(counts)))


@pytest.mark.parametrize(("counts", "value"), [([5, 0, 0], 0), ([2, 2, 2], 1), ([], None), ([7], None), ([0, 0], None)])
def test_entropy_at_its_ends(counts: list[float], value: float | None) -> None:
    assert normalised_entropy(counts) == (None if value is None else pytest.approx(value))


@pytest.mark.parametrize("count", [-1, math.nan, math.inf])
def test_counts_are_counts(count: float) -> None:
    with pytest.raises(ValueError, match="counts"):
        normalised_entropy([1, count])


def test_acquiescence_is_the_mean_of_the_differences() -> None:
    assert net_acquiescence([(0.8, 0.1), (0.5, 0.2), (0.1, 0.9)]) == pytest.approx((0.7 + 0.3 - 0.8) / 3)
    assert net_acquiescence([]) is None


@pytest.mark.parametrize("item", [(0.8, 0.3), (-0.1, 0.2), (0.1, math.nan)])
def test_shares_are_of_one_whole(item: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="shares"):
        net_acquiescence([item])


def test_straight_lines_by_chance_are_the_product_of_the_margins() -> None:
    """1/2·1/4 + 1/4·1/4 of those who choose a or b twice; c is no answer to the second item."""
    assert chance_of_straight_lines([{"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 0.25, "b": 0.25}]) == 0.1875
    assert chance_of_straight_lines([]) == 0
    assert chance_of_straight_lines([{"a": 1.0}] * 5) == 1


@pytest.mark.parametrize(("icc", "within"), [(None, None), (0.2, 0.8), (1.0, 0.0), (-0.5, 1.0)])
def test_what_is_not_between_clusters_is_within(icc: float | None, within: float | None) -> None:
    assert within_share(icc) == within

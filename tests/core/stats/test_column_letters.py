"""Letters of columns: names, tests of two proportions against scipy and statsmodels' formula, adjustments."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from core.stats.column_letters import differing, letter_of, two_proportions


@pytest.mark.parametrize(("place", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")])
def test_letters_go_on_after_z(place: int, letters: str) -> None:
    assert letter_of(place) == letters


def test_there_is_no_letter_below_the_first() -> None:
    with pytest.raises(ValueError, match="begin at 0"):
        letter_of(-1)


@pytest.mark.parametrize(("a", "n", "b", "m"), [(30, 100, 45, 100), (1, 50, 9, 60), (0, 40, 10, 40)])
def test_two_proportions_are_the_test_of_a_table_of_two_by_two(a: int, n: int, b: int, m: int) -> None:
    expected = stats.chi2_contingency([[a, n - a], [b, m - b]], correction=False)[1]
    assert two_proportions(a / n, n, b / m, m) == pytest.approx(expected)


@pytest.mark.parametrize(("p", "q"), [(0.0, 0.0), (1.0, 1.0), (0.3, 0.3)])
def test_equal_proportions_do_not_differ(p: float, q: float) -> None:
    assert two_proportions(p, 50, q, 80) == 1.0


def test_the_higher_column_names_the_lower_ones() -> None:
    assert differing([0.2, 0.5, 0.22], [200, 200, 200]) == [[], [0, 2], []]


def test_three_pairs_are_held_to_a_third_of_alpha_first() -> None:
    """p of 0.30 against 0.42 on 120 each is 0.0534·…: alone at 10 %, not with three pairs."""
    alone = two_proportions(0.30, 120, 0.42, 120)
    assert 0.05 < alone < 0.1
    columns, sizes = [0.30, 0.42, 0.36], [120.0, 120.0, 120.0]
    assert differing(columns, sizes, alpha=0.1, adjustment="none") == [[], [0], []]
    assert differing(columns, sizes, alpha=0.1) == [[], [], []]
    assert differing(columns, sizes, alpha=3 * alone * 1.0001, adjustment="bonferroni") == [[], [0], []]


def test_holm_finds_what_bonferroni_misses() -> None:
    """Of the pairs' p values the smallest is held to alpha/3, the next to alpha/2."""
    columns, sizes = [0.10, 0.30, 0.195], [155.0, 155.0, 155.0]
    p = sorted(two_proportions(columns[i], sizes[i], columns[j], sizes[j]) for i, j in [(0, 1), (0, 2), (1, 2)])
    assert p[0] * 3 < 0.05 < p[1] * 3
    assert p[1] * 2 < 0.05
    assert differing(columns, sizes, adjustment="bonferroni") == [[], [0], []]
    assert differing(columns, sizes) == [[], [0, 2], [0]]


def test_a_column_that_is_not_tested_has_no_letters() -> None:
    assert differing([0.1, None, 0.9, 0.9], [100, 100, 100, 0]) == [[], [], [0], []]


@pytest.mark.parametrize("alpha", [0, 1, -1, math.nan])
def test_alpha_is_a_probability(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        differing([0.1], [10], alpha=alpha)


def test_each_column_has_its_size() -> None:
    with pytest.raises(ValueError, match="effective sample size"):
        differing([0.1], [])

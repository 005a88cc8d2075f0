from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.summary import (
    Boxes,
    boxes,
    describe,
    frequencies,
    weighted_mean,
    weighted_median,
    weighted_sd,
)

numbers = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50)


def test_frequencies_by_hand() -> None:
    rows = frequencies(["1", "2", "2"], ["1", "2", "3"], [2, 1, 1])
    assert [(row.code, row.count, row.weighted_count) for row in rows] == [
        ("1", 1, 2),
        ("2", 2, 2),
        ("3", 0, 0),
    ]
    assert [row.pct for row in rows] == pytest.approx([100 / 3, 200 / 3, 0])
    assert [row.weighted_pct for row in rows] == [50, 50, 0]


def test_multiple_choice_counts_respondents() -> None:
    rows = frequencies([["a", "b"], ["a", "a"]], ["a", "b"])
    assert [(row.count, row.pct) for row in rows] == [(2, 100), (1, 50)]


def test_without_answers_everything_is_none() -> None:
    (row,) = frequencies([], ["a"])
    assert (row.count, row.weighted_count, row.pct, row.weighted_pct) == (0, 0, None, None)
    assert describe([]) == describe([1.0], [0.0]).__class__(0, 0.0, None, None, None)
    assert describe([7]).sd is None
    assert boxes({}, ["1", "2", "3", "4"]) == Boxes(None, None)
    (only_zero,) = frequencies(["a"], ["a"], [0])
    assert (only_zero.pct, only_zero.weighted_pct) == (100, None)


def test_unknown_codes_and_bad_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="'z'"):
        frequencies(["z"], ["a"])
    for weights in ([1.0, 2.0], [-1.0], [math.nan]):
        with pytest.raises(ValueError, match="weights"):
            weighted_mean([1], weights)


@given(numbers)
def test_equal_weights_are_the_usual_figures(values: list[float]) -> None:
    got = describe(values, [0.3] * len(values))
    assert got.mean == pytest.approx(statistics.fmean(values), abs=1e-6)
    assert got.sd == pytest.approx(statistics.stdev(values), abs=1e-5, rel=1e-6)
    assert got.median == pytest.approx(statistics.median(values))


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(1, 4)), min_size=1, max_size=30))
def test_whole_weights_are_repeats_for_mean_and_median(rows: list[tuple[int, int]]) -> None:
    values, weights = [float(v) for v, _ in rows], [float(w) for _, w in rows]
    repeated = [v for v, w in rows for _ in range(w)]
    assert weighted_mean(values, weights) == pytest.approx(statistics.fmean(repeated))
    assert weighted_median(values, weights) == statistics.median(repeated)


@given(numbers, st.floats(1e-3, 1e3))
def test_sd_does_not_change_with_the_scale_of_weights(values: list[float], factor: float) -> None:
    weights = [1.0 + index % 3 for index in range(len(values))]
    scaled = weighted_sd(values, [weight * factor for weight in weights])
    assert scaled == pytest.approx(weighted_sd(values, weights), abs=1e-6)


def test_weighted_sd_by_hand() -> None:
    # mean 2.5, squares (1*2.25 + 3*0.25)/4 = 0.75, times 2/1
    assert weighted_sd([1, 3], [1, 3]) == pytest.approx(math.sqrt(1.5))
    assert weighted_sd([1, 99], [1, 0]) is None


def test_boxes_by_hand() -> None:
    counts = {"1": 10.0, "2": 20.0, "3": 30.0, "4": 15.0, "5": 25.0}
    assert boxes(counts, ["1", "2", "3", "4", "5"]) == Boxes(40, 30)
    assert boxes(counts, ["5", "4", "3", "2", "1"], 1) == Boxes(10, 25)
    assert boxes(counts, ["1", "2", "3"]) == Boxes(None, None)
    with pytest.raises(ValueError, match="box"):
        boxes(counts, ["1"], 0)

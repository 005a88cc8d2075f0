"""Histograms: few classes of round widths that hold every number once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.histogram import MOST_BINS, histogram


def labels(values: list[float]) -> list[str]:
    return [found.label for found in histogram(values)]


def test_close_whole_numbers_get_a_class_each() -> None:
    found = histogram([0, 1, 1, 3], [1, 2, 1, 4])
    assert [(b.label, b.count, b.weighted_count) for b in found] == [("0", 1, 1), ("1", 2, 3), ("2", 0, 0), ("3", 1, 4)]
    assert [(b.pct, b.weighted_pct) for b in found] == [(25, 12.5), (50, 37.5), (0, 0), (25, 50)]


def test_whole_numbers_far_apart_share_classes_of_round_bounds() -> None:
    assert labels([float(n) for n in range(100)]) == [f"{n}–{n + 19}" for n in range(0, 100, 20)]
    assert labels([1990.0, 2000.0, 2024.0])[0] == "1990–1999"
    assert labels([-40.0, 7.0])[0] == "−40 to −21"
    assert labels([0.0, 250_000.0])[1] == "100,000–199,999"


def test_fractions_say_which_bound_is_excluded() -> None:
    assert labels([0.1, 0.2, 0.3]) == ["0.1 to under 0.2", "0.2 to under 0.3", "0.3 to under 0.4"]
    assert [b.count for b in histogram([0.1, 0.2, 0.3])] == [1, 1, 1]


def test_the_width_is_that_of_freedman_and_diaconis_made_round() -> None:
    values = [n / 100 for n in range(1000)]  # IQR 5, n 1000: 2·5/10 = 1
    found = histogram(values)
    assert [(b.low, b.high) for b in found] == [(float(n), n + 1.0) for n in range(10)]


@pytest.mark.parametrize("value", [7.0, 7.5, -0.1, 0.0, 1e12])
def test_one_number_makes_one_class(value: float) -> None:
    [only] = histogram([value, value])
    assert (only.count, only.pct, only.low) == (2, 100, value)
    assert " to " not in only.label


def test_no_numbers_make_no_class_and_bad_ones_are_refused() -> None:
    assert histogram([]) == []
    with pytest.raises(ValueError, match="finite"):
        histogram([1.0, float("nan")])
    with pytest.raises(ValueError, match="as many weights"):
        histogram([1.0], [])


anything = st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12).map(float) | st.sampled_from([0.1, 0.3, 0.7, 1e-9])


@given(st.lists(anything, min_size=1, max_size=80))
def test_every_number_is_in_exactly_one_of_few_classes(values: list[float]) -> None:
    found = histogram(values)
    whole = all(value.is_integer() for value in values)
    assert 1 <= len(found) <= MOST_BINS
    assert sum(b.count for b in found) == len(values)
    assert all(one.high + whole == other.low for one, other in pairwise(found))
    for b in found:
        inside = [v for v in values if b.low <= v and (v <= b.high if whole else v < b.high)]
        assert len(inside) == b.count

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.nearest import (
    Band,
    assign,
    attribute_ranges,
    distance,
    nearest,
    nearest_all,
    parse_band,
    persona_weights,
)
from core.stats.targets import Cell, cells_from_margins


@pytest.mark.parametrize(
    ("value", "lo", "hi"),
    [
        ("18-29", 18, 29),
        ("18–29 years", 18, 29),
        ("18 to 29", 18, 29),
        ("65+", 65, math.inf),
        ("65 and over", 65, math.inf),
        ("over 65", 65, math.inf),
        (">=65", 65, math.inf),
        ("under 30", 0, 30),
        ("Less than $30,000", 0, 30_000),
        ("<30", 0, 30),
        ("30000-50000", 30_000, 50_000),
        ("$30,000 - $50,000", 30_000, 50_000),
        ("30-50k", 30_000, 50_000),
        ("30k–1.5M", 30_000, 1_500_000),
        ("900-1k", 900, 1_000),
        ("42", 42, 42),
        (42, 42, 42),
        ({"min": 25, "max": 34}, 25, 34),
    ],
)
def test_bands_are_read(value: object, lo: float, hi: float) -> None:
    assert parse_band(value) == (Band(lo, hi) if lo <= hi else None)


@pytest.mark.parametrize(
    "value", ["Black", "", "29-18", "A-1", "18-29-30", None, True, math.nan, [1], {"min": 2}, "5 or so"]
)
def test_other_values_are_no_bands(value: object) -> None:
    assert parse_band(value) is None


def test_distance_by_hand() -> None:
    ages = ["18-29", "30-44", "45-64", "65+"]
    ranges = attribute_ranges([{"age": age, "race": "x"} for age in ages])
    assert ranges == {"age": pytest.approx(65 * 1.25 - 23.5)}
    got = distance({"age": "18-29", "race": "Black"}, {"age": "30-44", "race": "black "}, ranges)
    assert got == pytest.approx((37 - 23.5) / (81.25 - 23.5) / 2)
    assert distance({"age": "18-29", "race": "Black"}, {"age": "18-29"}, ranges) == 0.5
    assert distance({"age": "18-29"}, {"age": {"min": 22, "max": 27}}, ranges) == 0
    assert distance({"age": "65+"}, {"age": 70}, ranges) == 0
    assert distance({"hobby": "golf"}, {"hobby": ["Golf", "chess"]}, ranges) == 0
    assert distance({}, {"age": 70}, ranges) == 0


def test_an_attribute_with_any_word_is_nominal() -> None:
    assert attribute_ranges([{"age": "18-29"}, {"age": "old"}, {"age": None}]) == {}
    assert distance({"age": "18-29"}, {"age": "30-44"}, {}) == 1


def test_the_nearest_persona_is_the_one_with_the_neighbouring_band() -> None:
    personas = [{"age": "65+"}, {"age": "30-44"}, {}]
    assert nearest({"age": "18-29"}, personas) == 1
    with pytest.raises(ValueError, match="personas"):
        nearest({"age": "18-29"}, [])


def test_ties_are_spread_and_each_is_reproducible() -> None:
    personas = [{"g": "f"}, {"g": "m"}, {"g": "f"}]
    picks = [nearest({"g": "f"}, personas, tie_seed=number) for number in range(400)]
    counts = Counter(picks)
    assert set(counts) == {0, 2}
    assert min(counts.values()) > 150
    assert picks == [nearest({"g": "f"}, personas, tie_seed=number) for number in range(400)]
    assert nearest_all({"g": "f"}, personas) == [0, 2]


def test_assign_shares_a_cell_evenly() -> None:
    cells = [Cell({"g": "f"}, 0.5), Cell({"g": "m"}, 0.5)]
    personas = [{"g": "f"}, {"g": "m"}, {"g": "f"}]
    assert Counter(assign([0] * 10 + [1] * 3, cells, personas, 7)) == {0: 5, 2: 5, 1: 3}
    assert assign([0, 1, 0], cells, personas, 7) == assign([0, 1, 0], cells, personas, 7)
    starts = {assign([0], cells, personas, seed)[0] for seed in range(20)}
    assert starts == {0, 2}


def test_persona_weights_by_hand() -> None:
    cells = cells_from_margins({"age": {"18-29": 0.2, "30-44": 0.3, "65+": 0.5}})
    assert persona_weights(cells, [{"age": "18-29"}, {"age": "65+"}]) == pytest.approx([0.5, 0.5])
    assert persona_weights(cells, [{"age": "65+"}, {"age": "65+"}]) == pytest.approx([0.5, 0.5])
    with pytest.raises(ValueError, match="share"):
        persona_weights([], [{}])
    with pytest.raises(ValueError, match="personas"):
        persona_weights(cells, [])


values = st.fixed_dictionaries({"age": st.sampled_from(["18-29", "30-44", "65+"]), "g": st.sampled_from("fmx")})


@given(st.lists(values, min_size=1, max_size=8), st.lists(values, min_size=1, max_size=8))
def test_weights_sum_to_one_and_move_with_the_personas(
    rows: list[dict[str, str]], personas: list[dict[str, str]]
) -> None:
    cells = [Cell(row, 1 / len(rows)) for row in rows]
    weights = persona_weights(cells, personas)
    assert math.fsum(weights) == pytest.approx(1)
    assert persona_weights(cells, personas[::-1])[::-1] == pytest.approx(weights)


@given(values, values)
def test_distance_is_symmetric_and_zero_to_itself(a: dict[str, str], b: dict[str, str]) -> None:
    ranges = attribute_ranges([a, b])
    assert distance(a, a, ranges) == 0
    assert 0 <= distance(a, b, ranges) == distance(b, a, ranges) <= 1

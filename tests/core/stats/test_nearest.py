from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.nearest import (
    assign,
    attribute_ranges,
    distance,
    nearest,
    nearest_all,
    persona_weights,
)
from core.stats.targets import Cell, cells_from_margins


def test_distance_by_hand() -> None:
    ages = ["18-29", "30-44", "45-64", "65+"]
    ranges = attribute_ranges([{"age": age, "race": "x"} for age in ages])
    assert ranges == {"age": pytest.approx(65 * 1.25 - 23.5)}
    got = distance({"age": "18-29", "race": "Black"}, {"age": "30-44", "race": "black "}, ranges)
    assert got == pytest.approx(((37 - 23.5) / 10) ** 2 / 2)
    incomes = attribute_ranges([{"income": "0-10k"}, {"income": "30k-50k"}])
    assert distance({"income": "0-10k"}, {"income": "10k-20k"}, incomes) == pytest.approx((15_000 - 5_000) / 35_000)
    assert distance({"age": "18-29", "race": "Black"}, {"age": "18-29"}, ranges) == 0.5
    assert distance({"age": "18-29"}, {"age": {"min": 22, "max": 27}}, ranges) == 0
    assert distance({"age": "65+"}, {"age": 70}, ranges) == 0
    assert distance({"hobby": "golf"}, {"hobby": ["Golf", "chess"]}, ranges) == 0
    assert distance({}, {"age": 70}, ranges) == 0


def test_an_attribute_with_any_word_is_nominal() -> None:
    assert attribute_ranges([{"size": "1-2"}, {"size": "large"}, {"size": None}]) == {}
    assert distance({"size": "1-2"}, {"size": "3-4"}, {}) == 1
    assert distance({"age": "young"}, {"age": "30-44"}, {}) == 2


@pytest.mark.parametrize("region", ["Wales", None])
def test_age_and_gender_go_before_any_other_attribute(region: str | None) -> None:
    gwen: dict[str, object] = {"Age": {"min": 66, "max": 70}, "gender": "Female", "region": "Wales"}
    jean: dict[str, object] = {"Age": "18-34", "gender": "woman", "region": "England"}
    keith: dict[str, object] = {"Age": "35-54", "gender": "Male", "region": "England"}
    trevor: dict[str, object] = {"Age": "55-70", "gender": "Male", "region": "England"}
    people = [gwen, jean, keith, trevor]
    cell = {"region": region} if region else {}
    assert nearest({**cell, "Age": "18-34", "gender": "Female"}, people) == 1
    assert nearest({**cell, "Age": "35-54", "gender": "Female"}, people) == 2
    assert nearest({**cell, "Age": "55-70", "gender": "Male"}, people) == 3
    assert nearest({**cell, "Age": "55-70", "gender": "Female"}, people) == 0


def test_a_persona_of_unknown_age_is_nearer_than_one_that_is_far() -> None:
    assert nearest({"age": "18-29"}, [{"age": "65+"}, {}]) == 1
    assert nearest({"age": "18-29"}, [{"age": "25-30"}, {}]) == 0


@pytest.mark.parametrize(("one", "other"), [("Female", "woman"), ("F", "female"), ("Male", "men"), ("x", "X ")])
def test_a_gender_is_known_in_other_words(one: str, other: str) -> None:
    assert distance({"sex": one}, {"sex": other}, {}) == 0


def test_the_nearest_persona_is_the_one_with_the_neighbouring_band() -> None:
    personas = [{"age": "65+"}, {"age": "28-36"}, {}]
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
    assert 0 <= distance(a, b, ranges) == distance(b, a, ranges)

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.similarity import Match, TraitValue, most_similar, trait_similarity

traits = st.dictionaries(
    st.sampled_from(["name", "occupation", "values", "family_size", "backstory"]),
    st.one_of(st.text(max_size=20), st.lists(st.text(max_size=8), max_size=3), st.integers(-5, 5), st.none()),
)


def test_by_hand() -> None:
    first: dict[str, TraitValue] = {"job": "night nurse", "values": ["Family", "thrift"], "size": 4}
    second: dict[str, TraitValue] = {"job": "Nurse", "values": ["family", "faith"], "size": 3}
    # 1/2, 1/3, 3/4
    assert trait_similarity(first, second, {}) == pytest.approx((1 / 2 + 1 / 3 + 3 / 4) / 3)
    assert trait_similarity(first, second, {"job": 3, "size": 0}) == pytest.approx((3 / 2 + 1 / 3) / 4)


def test_long_texts_are_compared_by_pairs_of_words() -> None:
    a = "she grew up on a farm near the river"
    b = "near the river she grew up on a farm"
    assert trait_similarity({"backstory": a}, {"backstory": a}) == 1
    assert trait_similarity({"backstory": a}, {"backstory": b}) == pytest.approx(7 / 9)


def test_a_trait_only_one_has_counts_against() -> None:
    assert trait_similarity({"a": "x", "b": "y"}, {"a": "x"}, {}) == 0.5
    assert trait_similarity({"a": "x", "b": ""}, {"a": "x", "b": None}, {}) == 1
    assert trait_similarity({}, {}) == 0


@given(traits, traits)
def test_similarity_is_symmetric_and_bounded(a: dict[str, TraitValue], b: dict[str, TraitValue]) -> None:
    assert 0 <= trait_similarity(a, b) <= 1 + 1e-12
    assert trait_similarity(a, b) == trait_similarity(b, a)
    itself = trait_similarity(a, a)
    assert min(itself, abs(1 - itself)) < 1e-9


def test_the_most_similar_is_found_and_the_first_wins_a_tie() -> None:
    others: list[dict[str, TraitValue]] = [{"job": "pilot"}, {"job": "nurse"}, {"job": "nurse"}]
    assert most_similar({"job": "nurse"}, others) == Match(1, 1.0)
    assert most_similar({"job": "nurse"}, []) is None


def test_bad_weights_are_refused() -> None:
    for weight in (-1.0, math.nan):
        with pytest.raises(ValueError, match="weights"):
            trait_similarity({}, {}, {"a": weight})

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.best_worst_design import VERSIONS, Sets, pair_counts, sets_of


def versions(items: int, size: int, count: int, seed: int = 1) -> list[Sets]:
    return [sets_of(items, size, count, version, seed) for version in range(VERSIONS)]


def spread(items: int, sets: Sets) -> int:
    met = pair_counts(sets)
    counts = [met[pair] for pair in combinations(range(items), 2)]
    return max(counts) - min(counts)


@settings(max_examples=10, deadline=None)
@given(st.data(), st.integers(2, 15), st.integers(1, 12))
def test_items_appear_equally_often_and_never_twice_in_a_set(data: st.DataObject, items: int, count: int) -> None:
    size = data.draw(st.integers(2, min(items, 6)))
    shown: Counter[int] = Counter()
    for sets in versions(items, size, count)[:6]:
        own = Counter(item for block in sets for item in block)
        assert [len(set(block)) for block in sets] == [size] * count
        assert max(own[item] for item in range(items)) - min(own[item] for item in range(items)) <= 1
        shown.update(own)
    assert max(shown[item] for item in range(items)) - min(shown[item] for item in range(items)) <= 1


@pytest.mark.parametrize(("items", "size", "count"), [(4, 3, 4), (7, 3, 7), (9, 3, 12)])
def test_a_balanced_block_design_is_found_where_there_is_a_small_one(items: int, size: int, count: int) -> None:
    exact = [spread(items, sets) == 0 for sets in versions(items, size, count)]
    assert sum(exact) >= 0.9 * len(exact)


@pytest.mark.parametrize(("items", "size", "count"), [(12, 4, 9), (16, 4, 12), (20, 5, 12)])
def test_pairs_are_near_balance_within_a_version_and_nearer_over_all(items: int, size: int, count: int) -> None:
    made = versions(items, size, count)
    assert sum(spread(items, sets) <= 2 for sets in made) >= 0.6 * len(made)
    everything = tuple(block for sets in made for block in sets)
    met = pair_counts(everything)
    mean = VERSIONS * count * size * (size - 1) / (items * (items - 1))
    assert all(abs(met[pair] - mean) <= 0.2 * mean + 1 for pair in combinations(range(items), 2))


def test_each_place_in_a_set_is_held_by_each_item_about_equally_often() -> None:
    first = Counter(block[0] for sets in versions(8, 4, 8) for block in sets)
    expected = VERSIONS * 8 / 8
    assert sum((first[item] - expected) ** 2 / expected for item in range(8)) < 24.3  # chi-square, 7 df, p = 0.001


def test_the_same_seed_gives_the_same_sets_and_another_one_others() -> None:
    assert sets_of(9, 3, 6, 5, 1, "price") == sets_of(9, 3, 6, 5 + VERSIONS, 1, "price")
    assert versions(9, 3, 6, 1) != versions(9, 3, 6, 2)
    assert sets_of(5, 3, 2, 0, "fixed") == sets_of(5, 3, 2, 0, "fixed")
    assert len({sets_of(9, 3, 6, version, 1) for version in range(VERSIONS)}) == VERSIONS


def test_two_items_make_one_set_again_and_again() -> None:
    assert {frozenset(block) for block in sets_of(2, 2, 3, 0, 1)} == {frozenset({0, 1})}


@pytest.mark.parametrize(("items", "size", "count"), [(3, 4, 1), (3, 1, 1), (3, 2, 0)])
def test_impossible_designs_are_refused(items: int, size: int, count: int) -> None:
    with pytest.raises(ValueError, match="set"):
        sets_of(items, size, count, 0, 1)

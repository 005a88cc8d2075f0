from __future__ import annotations

import hashlib
import math
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.sampling import (
    SeedPart,
    categorical,
    derive_seed,
    derive_seed31,
    inclusion,
    largest_remainder,
    rng,
    shuffled,
)

share_lists = st.lists(st.floats(0, 1e3), min_size=1, max_size=40)


def test_a_seed_is_the_head_of_a_sha256() -> None:
    expected = int.from_bytes(hashlib.sha256(b'["a",1,{"b":[null,true]}]').digest()[:8], "big") >> 1
    assert derive_seed("a", 1, {"b": [None, True]}) == expected


def test_seeds_tell_parts_apart_and_mappings_have_no_order() -> None:
    identity = UUID("12345678-1234-5678-1234-567812345678")
    different: list[tuple[SeedPart, ...]] = [("a", 1), ("a", "1"), (1, "a"), ("a1",), (("a", 1),), ()]
    assert len({derive_seed(*parts) for parts in different}) == 6
    assert derive_seed({"x": 1, "y": 2}) == derive_seed({"y": 2, "x": 1})
    assert derive_seed(identity) == derive_seed(str(identity))
    with pytest.raises(ValueError, match="JSON"):
        derive_seed(math.nan)
    with pytest.raises(TypeError):
        derive_seed({1, 2})  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.integers(), st.text(), st.none(), st.booleans())))
def test_seeds_fit_their_bits(parts: list[int | str | bool | None]) -> None:
    assert 0 <= derive_seed(*parts) < 2**63
    assert 0 <= derive_seed31(*parts) < 2**31
    assert rng(*parts).random() == rng(*parts).random()


def test_categorical_follows_the_probabilities() -> None:
    generator = rng("categorical")
    counts = Counter(categorical({"a": 0.2, "b": 0.5, "c": 0.3, "never": 0}, generator) for _ in range(20_000))
    assert counts["never"] == 0
    for code, share in {"a": 0.2, "b": 0.5, "c": 0.3}.items():
        assert counts[code] / 20_000 == pytest.approx(share, abs=0.015)


@given(
    st.dictionaries(st.text(max_size=3), st.floats(0, 10), min_size=1).filter(lambda d: any(d.values())),
    st.integers(),
)
def test_categorical_is_free_of_order_and_never_draws_zero(shares: dict[str, float], seed: int) -> None:
    code = categorical(shares, rng(seed))
    assert shares[code] > 0
    assert categorical(dict(reversed(shares.items())), rng(seed)) == code


def test_impossible_distributions_are_refused() -> None:
    for bad in ({}, {"a": 0.0}, {"a": -0.1, "b": 1.1}, {"a": math.nan}):
        with pytest.raises(ValueError, match="probabilit"):
            categorical(bad, rng(1))
        with pytest.raises(ValueError, match="probabilit"):
            inclusion(bad, (), rng(1))
    with pytest.raises(ValueError, match="above 1"):
        inclusion({"a": 1.2}, (), rng(1))


def test_inclusion_keeps_each_options_probability() -> None:
    generator = rng("inclusion")
    wanted = {"a": 0.6, "b": 0.45, "c": 0.72, "none": 0.2}
    answers = [inclusion(wanted, {"none"}, generator) for _ in range(20_000)]
    counts = Counter(code for answer in answers for code in answer)
    # a, b, c given an ordinary answer: 0.75, 0.5625, 0.9; all absent 1.09 %, filled in proportion
    for code, share in wanted.items():
        assert counts[code] / 20_000 == pytest.approx(share, abs=0.02)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1), min_size=1).filter(lambda d: any(d.values())),
    st.integers(),
)
def test_inclusion_is_never_empty_and_exclusive_options_stand_alone(shares: dict[str, float], seed: int) -> None:
    chosen = inclusion(shares, {"a", "b"}, rng(seed))
    assert chosen
    assert chosen == sorted(set(chosen))
    assert all(shares[code] > 0 for code in chosen)
    assert len(chosen) == 1 or not {"a", "b"} & set(chosen)
    assert inclusion(dict(reversed(shares.items())), ["b", "a"], rng(seed)) == chosen


def test_inclusion_with_certain_options() -> None:
    for seed in range(50):
        assert inclusion({"a": 1, "b": 1, "x": 0}, {"x"}, rng(seed)) == ["a", "b"]
        assert inclusion({"a": 1, "x": 1}, {"x"}, rng(seed)) == ["x"]
        assert inclusion({"x": 0.1}, {"x"}, rng(seed)) == ["x"]
        assert inclusion({"a": 1e-12, "b": 0}, (), rng(seed)) == ["a"]


def test_largest_remainder_by_hand() -> None:
    assert largest_remainder([0.46, 0.33, 0.21], 10) == [5, 3, 2]
    assert largest_remainder([1, 1, 1], 10) == [4, 3, 3]
    assert largest_remainder([0.1, 0.2, 0.7], 10) == [1, 2, 7]
    assert largest_remainder([98, 1, 1], 10, minimum=2) == [6, 2, 2]
    assert largest_remainder([1, 0], 5) == [5, 0]
    assert largest_remainder([0, 0], 4, minimum=2) == [2, 2]
    assert largest_remainder([], 0) == []


def test_what_cannot_be_divided_is_refused() -> None:
    faults: list[tuple[list[float], int, int]] = [
        ([1, 1], 3, 2),
        ([0, 0], 1, 0),
        ([], 1, 0),
        ([-1, 2], 3, 0),
        ([math.nan], 3, 0),
        ([1], -1, 0),
    ]
    for shares, n, minimum in faults:
        with pytest.raises(ValueError, match="not"):
            largest_remainder(shares, n, minimum)


@given(share_lists.filter(any), st.integers(0, 5000), st.integers(0, 20))
def test_largest_remainder_sums_exactly_and_keeps_the_minimum(shares: list[float], n: int, minimum: int) -> None:
    n = max(n, minimum * len(shares))
    parts = largest_remainder(shares, n, minimum)
    assert sum(parts) == n
    assert min(parts) >= minimum
    total = math.fsum(shares)
    if minimum == 0:
        assert all(abs(part - n * share / total) < 1 + 1e-6 for part, share in zip(parts, shares, strict=True))


@given(st.lists(st.integers()), st.integers())
def test_shuffled_is_a_permutation(items: list[int], seed: int) -> None:
    assert sorted(shuffled(items, rng(seed))) == sorted(items)
    assert shuffled(items, rng(seed)) == shuffled(items, rng(seed))

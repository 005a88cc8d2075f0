"""Assignment to arms: exact in the whole, even within each stratum, by lot within it."""

from __future__ import annotations

from collections import Counter

import pytest

from core.stats.assignment import block_randomised
from core.stats.sampling import largest_remainder, rng

SHARES = ([0.5, 0.5], [1 / 3] * 3, [0.7, 0.2, 0.1], [0.9, 0.1])


def strata_of(n: int, kinds: int, seed: int) -> list[tuple[str, ...]]:
    generator = rng("strata of a test", seed)
    return [(str(int(generator.random() ** 2 * kinds)),) for _ in range(n)]


@pytest.mark.parametrize("shares", SHARES)
@pytest.mark.parametrize("n", [1, 2, 7, 60, 401])
def test_the_whole_has_what_the_largest_remainder_gives_and_each_stratum_its_part(shares: list[float], n: int) -> None:
    for kinds in (1, 6, n):
        strata = strata_of(n, kinds, n)
        arms = block_randomised(strata, shares, 7)
        assert [arms.count(arm) for arm in range(len(shares))] == largest_remainder(shares, n)
        for stratum, size in Counter(strata).items():
            own = Counter(arm for arm, one in zip(arms, strata, strict=True) if one == stratum)
            assert all(abs(own[arm] - share * size) < 2 for arm, share in enumerate(shares))


def test_small_strata_of_one_kind_balance_each_other() -> None:
    strata = [(persona, str(number)) for persona in "AB" for number in range(20)]
    arms = block_randomised(strata, [0.5, 0.5], 3)
    assert sum(arms[:20]) == sum(arms[20:]) == 10


def test_each_unit_has_the_chance_of_its_share_and_a_seed_fixes_all() -> None:
    strata = strata_of(12, 3, 1)
    drawn = [block_randomised(strata, [0.7, 0.3], seed) for seed in range(600)]
    for place in range(12):
        assert abs(sum(arms[place] for arms in drawn) / len(drawn) - 0.3) < 0.12
    assert drawn[5] == block_randomised(strata, [0.7, 0.3], 5)
    assert len({tuple(arms) for arms in drawn}) > 100

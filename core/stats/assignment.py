"""Random assignment to the arms of an experiment: in blocks within strata, so that arms are comparable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from core.stats.sampling import SeedPart, largest_remainder, rng, shuffled

_ROUNDING: Final = 1e-9


def block_randomised(strata: Sequence[tuple[str, ...]], shares: Sequence[float], *seed: SeedPart) -> list[int]:
    """Return the arm of each unit, as a place in `shares`; `strata` name the block each unit is in.

    Stratified block randomisation (Pocock, Clinical Trials, 1983, ch. 5), the stratum being the block: of its m units
    arm a gets the whole part of shareₐ·m, and lots decide which. What is left over is dealt so that the whole has
    exactly what the largest remainder of the shares gives: each stratum takes the arms of which most are left, those of
    one first member of `strata` one after the other, so that small strata balance each other. Shares sum to 1. The same
    strata, shares and seed give the same arms. Raises ValueError as `largest_remainder` does.
    """
    places: dict[tuple[str, ...], list[int]] = {}
    for place, stratum in enumerate(strata):
        places.setdefault(stratum, []).append(place)
    left = largest_remainder(shares, len(strata))
    whole = {stratum: [math.floor(share * len(own) + _ROUNDING) for share in shares] for stratum, own in places.items()}
    for counts in whole.values():
        left = [rest - count for rest, count in zip(left, counts, strict=True)]
    arms = [0] * len(strata)
    for stratum in _in_turn(list(places), seed):
        generator = rng("assignment", *stratum, *seed)
        own = places[stratum]
        dealt = [arm for arm, count in enumerate(whole[stratum]) for _ in range(count)]
        dealt += _left_over(left, len(own) - len(dealt), shuffled(range(len(shares)), generator))
        for place, arm in zip(own, shuffled(dealt, generator), strict=True):
            arms[place] = arm
    return arms


def _in_turn(strata: list[tuple[str, ...]], seed: Sequence[SeedPart]) -> list[tuple[str, ...]]:
    """Return the strata in random order, those with the same first member together."""
    mixed = shuffled(sorted(strata), rng("strata", *seed))
    rank: dict[str, int] = {}
    for stratum in mixed:
        rank.setdefault(stratum[0], len(rank))
    return sorted(mixed, key=lambda stratum: rank[stratum[0]])


def _left_over(left: list[int], wanted: int, order: Sequence[int]) -> list[int]:
    """Take so many arms out of those `left`, different ones as long as there are; `order` breaks ties."""
    taken: list[int] = []
    while len(taken) < wanted:
        ranked = sorted((arm for arm in order if left[arm] > 0), key=lambda arm: -left[arm])
        for arm in ranked[: wanted - len(taken)]:
            left[arm] -= 1
            taken.append(arm)
    return taken

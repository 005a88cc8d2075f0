"""Designs of best–worst scaling: which items are shown together in each set, near-balanced and drawn by a seed.

A balanced incomplete block design, in which all items and all pairs of items appear equally often, exists for few
numbers of items and sets (W. G. Cochran, G. M. Cox, Experimental Designs (1957), chapters 9 and 11). What is made here
comes as near to one as a bounded search finds, for any numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from random import Random
from typing import Final

from core.stats.sampling import SeedPart, derive_seed, rng, shuffled

VERSIONS: Final = 24
"""How many designs a question has; respondents take them by turns."""
MOST_TRIALS: Final = 1500
"""Exchanges tried to make the pairs of one version even; more find little."""

Sets = tuple[tuple[int, ...], ...]


def sets_of(items: int, size: int, count: int, version: int, *seed: SeedPart) -> Sets:
    """Return one version's sets: `count` times `size` item numbers from 0, each set in the order it is shown.

    Within a version each item appears floor(count·size/items) times or once more, never twice in one set, and pairs
    appear together as evenly as the search finds; over all versions both even out further. The same `seed` gives the
    same sets. Raises ValueError for a set that is smaller than two or larger than the number of items.
    """
    if not 2 <= size <= items:
        raise ValueError(f"a set of {size} cannot be taken from {items} items")
    if count < 1:
        raise ValueError("there must be at least one set")
    return _versions(items, size, count, derive_seed("best-worst design", *seed))[version % VERSIONS]


def pair_counts(sets: Sequence[Sequence[int]]) -> Counter[tuple[int, int]]:
    """Return how often each pair of items, the smaller number first, appears in one set."""
    return Counter(pair for one in sets for pair in combinations(sorted(one), 2))


@lru_cache(maxsize=128)
def _versions(items: int, size: int, count: int, seed: int) -> tuple[Sets, ...]:
    generator = rng("versions", seed)
    made: list[Sets] = []
    shown = [0] * items
    met = [[0] * items for _ in range(items)]
    for _ in range(VERSIONS):
        blocks = _balanced(items, size, count, shown, met, generator)
        _even_out(blocks, met, generator)
        for block in blocks:
            for item in block:
                shown[item] += 1
        made.append(tuple(tuple(shuffled(block, generator)) for block in shuffled(blocks, generator)))
    return tuple(made)


def _balanced(
    items: int, size: int, count: int, shown: Sequence[int], met: list[list[int]], generator: Random
) -> list[list[int]]:
    """Return sets in which each item appears equally often, or once more; pairs that met seldom go first.

    Those shown least before have the appearance more. The item with most appearances left is always taken, so that
    none is left over that would have to appear twice in the last set.
    """
    each, more = divmod(count * size, items)
    order = sorted(shuffled(range(items), generator), key=lambda item: shown[item])
    left = [each] * items
    for item in order[:more]:
        left[item] += 1
    blocks: list[list[int]] = []
    for _ in range(count):
        block: list[int] = []
        for _ in range(size):
            most = max(left[item] for item in range(items) if item not in block)
            free = [item for item in range(items) if left[item] == most and item not in block]
            seldom = min(sum(met[item][other] for other in block) for item in free)
            best = [item for item in free if sum(met[item][other] for other in block) == seldom]
            chosen = best[int(generator.random() * len(best))]
            for other in block:
                met[chosen][other] += 1
                met[other][chosen] += 1
            block.append(chosen)
            left[chosen] -= 1
        blocks.append(block)
    return blocks


def _even_out(blocks: list[list[int]], met: list[list[int]], generator: Random) -> None:
    """Exchange items between sets as long as that makes the squares of the pair counts smaller; counts stay."""
    if len(blocks) < 2:
        return
    for _ in range(MOST_TRIALS):
        first, other = (blocks[int(generator.random() * len(blocks))] for _ in range(2))
        here, there = int(generator.random() * len(first)), int(generator.random() * len(other))
        out, into = first[here], other[there]
        if first is other or out in other or into in first:
            continue
        # What stands in both sets meets both items before and after.
        stay, others = (
            [x for x in first if x not in other and x != out],
            [x for x in other if x not in first and x != into],
        )
        # One pair less of (out, x) and one more of (into, x): 2·(more - less) + 2 in the sum of squares.
        change = sum(met[into][x] - met[out][x] + 1 for x in stay) + sum(met[out][x] - met[into][x] + 1 for x in others)
        if change > 0 or (change == 0 and generator.random() < 0.5):
            continue
        first[here], other[there] = into, out
        for gone, come, staying in ((out, into, stay), (into, out, others)):
            for x in staying:
                for a, b in ((gone, x), (x, gone)):
                    met[a][b] -= 1
                for a, b in ((come, x), (x, come)):
                    met[a][b] += 1

"""Drawn cells shared out to groups that each have a number to keep, at the least cost to the margins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.stats.sampling import SeedPart, rng, shuffled
from core.stats.targets import Cell, margins_of

Nearest = Callable[[Cell], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Placed:
    """One respondent: an index into the cells, and the group that the cell belongs to."""

    cell: int
    group: int


def fill_quotas(
    cells: Sequence[Cell], drawn: Sequence[int], nearest: Nearest, quotas: Sequence[int], seed: SeedPart
) -> list[Placed]:
    """Return the drawn cells with their groups, so many of each group as `quotas` say, in the order drawn.

    `nearest` names the groups a cell belongs to. A cell of several goes to the one with the most room. Where a group
    still has too many, some of its cells are exchanged for cells of a group with too few, those that bring the
    margins nearest to the targets. Raises ValueError when quotas do not sum to the draw or a group without cells has
    one.
    """
    if sum(quotas) != len(drawn):
        raise ValueError("the quotas must sum to the number drawn")
    groups = [tuple(nearest(cell)) for cell in cells]
    placed = _placed(drawn, groups, quotas, seed)
    _Exchange(cells, groups, placed).run(quotas)
    return placed


def _placed(
    drawn: Sequence[int], groups: Sequence[Sequence[int]], quotas: Sequence[int], seed: SeedPart
) -> list[Placed]:
    room = list(quotas)
    found: dict[int, Placed] = {}
    # A cell of one group has no choice, so it goes first.
    for place in sorted(range(len(drawn)), key=lambda one: len(groups[drawn[one]])):
        cell = drawn[place]
        tied = groups[cell]
        order = shuffled(tied, rng("quotas", seed, place)) if len(tied) > 1 else tied
        group = max(order, key=room.__getitem__)
        room[group] -= 1
        found[place] = Placed(cell, group)
    return [found[place] for place in range(len(drawn))]


class _Exchange:
    """What was placed, and the surplus of each attribute value over its target."""

    def __init__(self, cells: Sequence[Cell], groups: Sequence[Sequence[int]], placed: list[Placed]) -> None:
        self.cells = cells
        self.placed = placed
        self.own: dict[int, list[int]] = {}
        for index, belongs in enumerate(groups):
            for group in belongs:
                self.own.setdefault(group, []).append(index)
        self.surplus = {
            (name, value): -share * len(placed)
            for name, row in margins_of(cells).items()
            for value, share in row.items()
        }
        for one in placed:
            self._count(one.cell, 1)

    def run(self, quotas: Sequence[int]) -> None:
        """Exchange one at a time until each group has its number."""
        have = Counter(one.group for one in self.placed)
        excess = [group for group, quota in enumerate(quotas) for _ in range(have[group] - quota)]
        lacking = [group for group, quota in enumerate(quotas) for _ in range(quota - have[group])]
        for giver, taker in zip(excess, lacking, strict=True):
            if taker not in self.own:
                raise ValueError("a group without cells cannot have a quota")
            places = {one.cell: place for place, one in enumerate(self.placed) if one.group == giver}
            out = min(places, key=lambda cell: self._change(cell, -1))
            self._count(out, -1)
            into = min(self.own[taker], key=lambda cell: (self._change(cell, 1), -self.cells[cell].share))
            self._count(into, 1)
            self.placed[places[out]] = Placed(into, taker)

    def _change(self, cell: int, amount: int) -> float:
        """Return what one more or one less of a cell changes in the summed distance from the targets."""
        items = self.cells[cell].values.items()
        return round(sum(abs(self.surplus[item] + amount) - abs(self.surplus[item]) for item in items), 9)

    def _count(self, cell: int, amount: int) -> None:
        for item in self.cells[cell].values.items():
            self.surplus[item] += amount

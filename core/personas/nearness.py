"""Which personas are nearest to the cells of a population, for many cells at once.

The same figures as `core.stats.nearest`, with each pair of attribute value and persona compared only once.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.stats.nearest import attribute_ranges, distance
from core.stats.sampling import SeedPart, rng, shuffled
from core.stats.targets import Cell, values_key

_TIE = 1e-9


class Nearness:
    """Cells, and personas as rows of attribute values; raises ValueError without personas."""

    def __init__(self, cells: Sequence[Cell], personas: Sequence[Mapping[str, object]]) -> None:
        if not personas:
            raise ValueError("there are no personas to choose from")
        self._cells = cells
        self._count = len(personas)
        distinct = {(name, value) for cell in cells for name, value in cell.values.items()}
        ranges = attribute_ranges([*({name: value} for name, value in sorted(distinct)), *personas])
        self._differences = {
            (name, value): [distance({name: value}, persona, ranges) for persona in personas]
            for name, value in distinct
        }

    def nearest(self, cell: Cell) -> list[int]:
        """Return the indices of all personas at the smallest mean difference from a cell."""
        if not cell.values:
            return list(range(self._count))
        parts = [self._differences[item] for item in sorted(cell.values.items())]
        sums = [math.fsum(column) for column in zip(*parts, strict=True)]
        closest = min(sums) + _TIE * len(parts)
        return [index for index, value in enumerate(sums) if value <= closest]

    def owned(self) -> list[list[Cell]]:
        """Return per persona the cells nearest to it, the share of a cell between several divided equally."""
        owned: list[list[Cell]] = [[] for _ in range(self._count)]
        for cell in self._cells:
            tied = self.nearest(cell)
            for index in tied:
                owned[index].append(Cell(cell.values, cell.share / len(tied)))
        return owned

    def shares(self) -> list[float]:
        """Return the share of the population nearest to each persona; they sum to 1."""
        parts = [math.fsum(cell.share for cell in own) for own in self.owned()]
        total = math.fsum(parts)
        return [part / total for part in parts]

    def assign(self, drawn: Sequence[int], seed: SeedPart) -> list[int]:
        """Return for each respondent (an index into the cells) its persona; equally near ones take turns."""
        turns: dict[int, list[int]] = {}
        counts: defaultdict[int, int] = defaultdict(int)
        result: list[int] = []
        for index in drawn:
            if index not in turns:
                generator = rng("assign", seed, values_key(self._cells[index].values))
                turns[index] = shuffled(self.nearest(self._cells[index]), generator)
            result.append(turns[index][counts[index] % len(turns[index])])
            counts[index] += 1
        return result

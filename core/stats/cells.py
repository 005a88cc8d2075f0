"""Drawing from the cells of a population: many respondents, or a few balanced cells for personas."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from core.stats.sampling import SeedPart, derive_seed, rng, shuffled
from core.stats.targets import Cell, canonical_key, margins_of

MAX_CANDIDATES = 500
MAX_PASSES = 100
_EPSILON = 1e-12


def draw_cells(cells: Sequence[Cell], n: int, seed: SeedPart) -> list[int]:
    """Return n indices into `cells`, drawn in proportion to share, in random order.

    Systematic sampling with probability proportional to size and one random start (Madow, Annals of
    Mathematical Statistics 20 (1949) 333-354): every cell comes floor(n·share) times or once more, so that
    joint cells are closer to target than by independent draws. The cells stand in nested order (all of one
    value of the first attribute together, within it all of one value of the second …, which stratifies),
    the values of each level in an order of their own drawn from the seed, as a fixed order would have a
    period that the step could fall in with. The shuffle afterwards lets any first part of the rows stand
    for all. What is drawn does not depend on the order of `cells`. Raises ValueError for n < 0, bad shares,
    or no cell with a share above 0.
    """
    if n < 0:
        raise ValueError("n must not be negative")
    generator = rng("draw_cells", seed, n)
    order = _nested_order(cells, derive_seed("draw_cells", seed))
    return shuffled(_systematic(cells, order, n, generator.random()), generator)


def balanced_cells(cells: Sequence[Cell], n: int, seed: SeedPart) -> list[int]:
    """Return n (1–50) indices into `cells`, in canonical order, whose margins come close to the targets.

    A systematic draw as in `draw_cells`, repeats replaced while unused cells are left, then improved: one
    cell is replaced by another as long as that lowers the summed total variation ½·Σ|realised - target|
    over the attributes, and two exchange a value where that makes cells distinct. A repeated cell costs a
    quarter of what moving one persona can change in one margin, so that cells are distinct unless the
    margins need a repeat. Above 500 cells the candidates are 500 drawn by share without replacement
    (Efraimidis & Spirakis, Information Processing Letters 97 (2006) 181-185). Raises ValueError for n
    outside 1–50, bad shares, or no cell with a share above 0.
    """
    if not 1 <= n <= 50:
        raise ValueError("from 1 to 50 cells can be balanced")
    generator = rng("balanced_cells", seed, n)
    start = _systematic(cells, _nested_order(cells, derive_seed("balanced_cells", seed)), n, generator.random())
    order = _canonical_order(cells)
    candidates = order
    if len(order) > MAX_CANDIDATES:
        by_key = {index: math.log(1 - generator.random()) / cells[index].share for index in order}
        drawn = {*sorted(order, key=by_key.__getitem__)[-MAX_CANDIDATES:], *start}
        candidates = [index for index in order if index in drawn]
    balance = _Balance(cells, candidates, _spread(start, candidates, cells))
    for _ in range(MAX_PASSES):
        changed = balance.replace(shuffled(range(n), generator))
        if not (balance.exchange() or changed):
            break
    rank = {index: position for position, index in enumerate(order)}
    return sorted(balance.chosen, key=rank.__getitem__)


def total_variation(cells: Sequence[Cell], chosen: Sequence[int]) -> dict[str, float]:
    """Return per attribute ½·Σ|realised - target| (0–1), the chosen cells weighing the same."""
    if not chosen:
        raise ValueError("no cells were chosen")
    realised = margins_of([Cell(cells[index].values, 1 / len(chosen)) for index in chosen])
    return {
        name: math.fsum(abs(realised.get(name, {}).get(value, 0.0) - share) for value, share in row.items()) / 2
        for name, row in margins_of(_normalised(cells)).items()
    }


class _Balance:
    """The chosen cells, the counts of their values, and the swaps that bring these nearer to the targets."""

    def __init__(self, cells: Sequence[Cell], candidates: Sequence[int], chosen: Sequence[int]) -> None:
        self.chosen = list(chosen)
        self.used = Counter(chosen)
        self.candidates = candidates
        self.repeat_cost = 0.25
        self.goal: list[float] = []
        slots: dict[tuple[str, str], int] = {}
        for name, row in margins_of(_normalised(cells)).items():
            for value, share in row.items():
                slots[name, value] = len(self.goal)
                self.goal.append(share * len(chosen))
        self.slots = {
            index: [slots[item] for item in sorted(cells[index].values.items())] for index in {*candidates, *chosen}
        }
        self.by_slots = {tuple(row): index for index, row in self.slots.items()}
        self.share = {index: cells[index].share for index in self.slots}
        self.surplus = [-goal for goal in self.goal]
        for index in chosen:
            self._add(index, 1)

    def replace(self, positions: Sequence[int]) -> bool:
        """Try to put the best candidate in each position once; return whether anything changed."""
        changed = False
        for position in positions:
            old = self.chosen[position]
            self._add(old, -1)
            self.used[old] -= 1
            best = min(self.candidates, key=lambda index: (round(self._cost(index), 9), -self.share[index]))
            new = best if self._cost(best) < self._cost(old) - _EPSILON * 1000 else old
            self.chosen[position] = new
            self._add(new, 1)
            self.used[new] += 1
            changed |= new != old
        return changed

    def exchange(self) -> bool:
        """Let repeated cells swap a value with another, which keeps all margins; return whether any did."""
        changed = False
        for position, old in enumerate(self.chosen):
            if self.used[old] < 2:
                continue
            for other, partner in enumerate(self.chosen):
                made = self._crossed(old, partner)
                if made is None:
                    continue
                self.used.subtract((old, partner))
                self.used.update(made)
                self.chosen[position], self.chosen[other] = made
                changed = True
                break
        return changed

    def _crossed(self, first: int, second: int) -> tuple[int, int] | None:
        """Return two unused candidates that these cells become by swapping one value, or None."""
        for place, (a, b) in enumerate(zip(self.slots[first], self.slots[second], strict=True)):
            if a == b:
                continue
            left, right = list(self.slots[first]), list(self.slots[second])
            left[place], right[place] = b, a
            made = self.by_slots.get(tuple(left)), self.by_slots.get(tuple(right))
            if made[0] is None or made[1] is None:
                continue
            if made[0] != made[1] and not self.used[made[0]] and not self.used[made[1]]:
                return made[0], made[1]
        return None

    def _cost(self, index: int) -> float:
        """Return what adding this cell changes in n · total variation, plus the cost of a repeat."""
        change = sum(abs(self.surplus[slot] + 1) - abs(self.surplus[slot]) for slot in self.slots[index]) / 2
        return change + (self.repeat_cost if self.used[index] > 0 else 0.0)

    def _add(self, index: int, amount: int) -> None:
        for slot in self.slots[index]:
            self.surplus[slot] += amount


def _spread(drawn: Sequence[int], candidates: Sequence[int], cells: Sequence[Cell]) -> list[int]:
    """Return the drawn cells, repeats replaced by the largest unused ones while there are any."""
    taken = set(drawn)
    unused = iter(sorted((index for index in candidates if index not in taken), key=lambda i: -cells[i].share))
    seen: set[int] = set()
    result: list[int] = []
    for index in drawn:
        result.append(next(unused, index) if index in seen else index)
        seen.add(index)
    return result


def _canonical_order(cells: Sequence[Cell]) -> list[int]:
    if any(not math.isfinite(cell.share) or cell.share < 0 for cell in cells):
        raise ValueError("shares must be finite and not negative")
    order = sorted(
        (index for index in range(len(cells)) if cells[index].share > 0),
        key=lambda index: canonical_key(cells[index]),
    )
    if not order:
        raise ValueError("no cell has a share above 0")
    return order


def _nested_order(cells: Sequence[Cell], seed: int) -> list[int]:
    """Return the cells in nested order, each level ordered by a hash of the seed and the values so far."""
    places: dict[tuple[str, ...], int] = {}

    def key(index: int) -> list[int]:
        values = [value for _, value in sorted(cells[index].values.items())]
        prefixes = [tuple(values[: depth + 1]) for depth in range(len(values))]
        for prefix in prefixes:
            if prefix not in places:
                places[prefix] = derive_seed(seed, prefix)
        return [places[prefix] for prefix in prefixes]

    return sorted(_canonical_order(cells), key=key)


def _systematic(cells: Sequence[Cell], order: Sequence[int], n: int, start: float) -> list[int]:
    """Return the cells hit by n equally spaced points, `start` (0–1) being the place in the first step."""
    bounds = list(accumulate(cells[index].share for index in order))
    step = bounds[-1] / n if n else 0.0
    last = len(order) - 1
    return [order[min(last, bisect_right(bounds, (start + i) * step))] for i in range(n)]


def _normalised(cells: Sequence[Cell]) -> list[Cell]:
    total = math.fsum(cell.share for cell in cells)
    return [Cell(cell.values, cell.share / total) for cell in cells]

"""Weights under which the margins of a few rows are those of a population: iterative proportional fitting."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

ROUNDS: Final = 200
TOLERANCE: Final = 1e-6
LARGEST: Final = 5.0
"""How many times the mean weight a row may weigh: beyond that a few rows would speak for everybody."""


def margins_of(cells: Sequence[tuple[Mapping[str, str], float]]) -> dict[str, dict[str, float]]:
    """Return per attribute the shares of its values over cells (values, share)."""
    margins: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for values, share in cells:
        for name, value in values.items():
            margins[name][value] += share
    return {name: dict(shares) for name, shares in margins.items()}


def raked_weights(
    rows: Sequence[Mapping[str, str]], margins: Mapping[str, Mapping[str, float]], *, largest: float = LARGEST
) -> list[float] | None:
    """Return weights of rows that sum to 1 and meet all margins to a millionth; None where there are none.

    Every row starts alike (Deming & Stephan 1940). A value of a positive share that no row has, a row without one of
    the margins' values, margins that contradict each other in these rows, and a weight above `largest` times the mean
    make it None.
    """
    groups: list[tuple[list[int], float]] = []
    for name, shares in margins.items():
        total = math.fsum(shares.values())
        members: defaultdict[str | None, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            members[row.get(name)].append(index)
        if total <= 0 or any(value not in shares for value in members):
            return None
        if any(share > 0 and value not in members for value, share in shares.items()):
            return None
        groups += [(members[value], share / total) for value, share in shares.items() if value in members]
    weights = [1 / len(rows)] * len(rows)
    for _ in range(ROUNDS):
        off = 0.0
        for members_of_value, share in groups:
            held = math.fsum(weights[index] for index in members_of_value)
            off = max(off, abs(held - share))
            if held <= 0 < share:
                return None
            for index in members_of_value:
                weights[index] *= share / held if held > 0 else 0.0
        if off <= TOLERANCE:
            return _within(weights, largest)
    return None


def _within(weights: list[float], largest: float) -> list[float] | None:
    total = math.fsum(weights)
    scaled = [weight / total for weight in weights]
    return scaled if max(scaled) * len(scaled) <= largest else None

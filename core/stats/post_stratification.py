"""Weights under which a sample has the shares of a population: post-stratification to cells, raking to margins."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.stats.targets import Targets, canonical_key, values_key

ROUNDS: Final = 300
TOLERANCE: Final = 1e-6
TRIMS: Final = 100


@dataclass(frozen=True, slots=True)
class Stratum:
    """`count` respondents with these attributes, each of a weight of their own to begin with."""

    values: Mapping[str, str]
    weight: float
    count: int


@dataclass(frozen=True, slots=True)
class Empty:
    """Something the targets give a share (0–1) and no respondent is in."""

    values: Mapping[str, str]
    share: float


@dataclass(frozen=True, slots=True)
class Weighted:
    """The weight of each respondent of each stratum, summing to the number of respondents.

    `trimmed` respondents weigh the cap; `outside` ones are in none of the targets' values and weigh 0.
    """

    weights: tuple[float, ...]
    trimmed: int
    outside: int
    empty: tuple[Empty, ...]


class NotReached(ValueError):
    """No weights were found under which the margin `name` has its shares; `value` is the furthest from its own."""

    def __init__(self, name: str, value: str, wanted: float, reached: float) -> None:
        self.name, self.value, self.wanted, self.reached = name, value, wanted, reached
        super().__init__(f"{name}: {value} reaches {reached:.2%} of {wanted:.2%}")


class NobodyWeighs(ValueError):
    """No respondent of any weight is in what the targets name."""


def post_stratified(strata: Sequence[Stratum], targets: Targets, *, cap: float | None = None) -> Weighted:
    """Return weights under which `strata` have the shares of `targets`, as near as may be to those they begin with.

    Cells: each weight times target share/realised share of its cell (D. Holt, T. M. F. Smith, Journal of the Royal
    Statistical Society A 142 (1979) 33-46). Margins: iterative proportional fitting to all in turn (W. E. Deming,
    F. F. Stephan, Annals of Mathematical Statistics 11 (1940) 427-444) until each share is met to a millionth.
    With `cap`, weights above so many times their mean are cut to it and the others fitted again, up to 100 times;
    shares then may stay off. What nobody is in is left out, and the other shares are scaled to sum to 1.
    Raises NotReached, NobodyWeighs, and ValueError for a cap of 1 or less.
    """
    if cap is not None and cap <= 1:
        raise ValueError("a cap must be above 1 times the mean weight")
    begin = [stratum.weight * stratum.count for stratum in strata]
    groups, empty, inside = _groups(strata, begin, targets)
    if not any(weight > 0 for weight, held in zip(begin, inside, strict=True) if held):
        raise NobodyWeighs("nobody of any weight is in what the targets name")
    start = [weight if held else 0.0 for weight, held in zip(begin, inside, strict=True)]
    n = sum(stratum.count for stratum in strata)
    fitted = _scaled(_fitted(start, groups), n)
    _require_met(fitted, groups)
    if cap is not None:
        fitted = _trimmed(fitted, [cap * stratum.count for stratum in strata], groups, n)
    weights = tuple(total / stratum.count for total, stratum in zip(fitted, strata, strict=True))
    at_cap = cap is not None and [weight >= cap * (1 - 1e-9) for weight in weights]
    return Weighted(
        weights,
        sum(stratum.count for stratum, cut in zip(strata, at_cap, strict=True) if cut) if at_cap else 0,
        sum(stratum.count for stratum, held in zip(strata, inside, strict=True) if not held),
        tuple(empty),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """The strata of one value of a margin, or of one cell, and the share they are to have."""

    name: str
    value: str
    members: tuple[int, ...]
    share: float


def _groups(
    strata: Sequence[Stratum], begin: Sequence[float], targets: Targets
) -> tuple[list[list[_Group]], list[Empty], list[bool]]:
    """Return the groups of each margin (cells are one), what is empty, and which strata are in a group of all."""
    if targets.kind == "cells":
        name = " × ".join(targets.attributes)
        keys = [_cell_of(stratum, targets.attributes) for stratum in strata]
        wanted = {canonical_key(cell): (", ".join(cell.values.values()), cell.share) for cell in targets.cells}
        values = {canonical_key(cell): dict(cell.values) for cell in targets.cells}
        margins = [(name, keys, wanted, values)]
    else:
        margins = [
            (
                name,
                [stratum.values.get(name) for stratum in strata],
                {value: (value, share) for value, share in shares.items()},
                {value: {name: value} for value in shares},
            )
            for name, shares in targets.margins.items()
        ]
    found, empty = [], []
    inside = [all(keys[at] in wanted for _, keys, wanted, _ in margins) for at in range(len(strata))]
    for name, keys, wanted, values in margins:
        members: defaultdict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(keys):
            if inside[at] and begin[at] > 0 and key is not None:
                members[key].append(at)
        there = math.fsum(share for key, (_, share) in wanted.items() if key in members)
        empty += [Empty(values[key], share) for key, (_, share) in wanted.items() if key not in members]
        found.append(
            [
                _Group(name, label, tuple(members[key]), share / there)
                for key, (label, share) in wanted.items()
                if key in members
            ]
        )
    return found, empty, inside


def _cell_of(stratum: Stratum, names: Sequence[str]) -> str | None:
    values = {name: stratum.values[name] for name in names if name in stratum.values}
    return values_key(values) if len(values) == len(names) else None


def _fitted(start: Sequence[float], margins: Sequence[Sequence[_Group]]) -> list[float]:
    """Return totals fitted to all groups in turn, until nothing moves by more than the tolerance."""
    totals = _scaled(start, 1.0)
    for _ in range(ROUNDS):
        off = 0.0
        for groups in margins:
            for group in groups:
                held = math.fsum(totals[at] for at in group.members)
                off = max(off, abs(held - group.share))
                factor = group.share / held if held > 0 else 0.0
                for at in group.members:
                    totals[at] *= factor
        if off <= TOLERANCE / 10:
            break
    return totals


def _require_met(totals: Sequence[float], margins: Sequence[Sequence[_Group]]) -> None:
    whole = math.fsum(totals)
    reached = [
        (abs(held - group.share), group, held)
        for groups in margins
        for group in groups
        for held in [math.fsum(totals[at] for at in group.members) / whole if whole > 0 else 0.0]
    ]
    worst, group, held = max(reached, key=lambda one: one[0])
    if worst > TOLERANCE:
        raise NotReached(group.name, group.value, group.share, held)


def _trimmed(
    totals: Sequence[float], most: Sequence[float], margins: Sequence[Sequence[_Group]], n: float
) -> list[float]:
    """Return totals of which none is above its most: cut, fitted again, and cut at last."""
    found = list(totals)
    for _ in range(TRIMS):
        if all(total <= limit * (1 + 1e-9) for total, limit in zip(found, most, strict=True)):
            break
        cut = [min(total, limit) for total, limit in zip(found, most, strict=True)]
        found = _scaled(_fitted(cut, margins), n)
    return _cut(found, most, n)


def _cut(totals: Sequence[float], most: Sequence[float], n: float) -> list[float]:
    """Return totals cut to their most, what was cut shared out among the others in proportion, as far as that goes."""
    found = [min(total, limit) for total, limit in zip(totals, most, strict=True)]
    for _ in range(TRIMS):
        free = [at for at, (total, limit) in enumerate(zip(found, most, strict=True)) if 0 < total < limit]
        held = math.fsum(found[at] for at in free)
        missing = n - math.fsum(found)
        if missing <= 1e-9 * n or held <= 0:
            break
        for at in free:
            found[at] = min(found[at] * (1 + missing / held), most[at])
    return found


def _scaled(totals: Sequence[float], whole: float) -> list[float]:
    held = math.fsum(totals)
    return [total * whole / held for total in totals] if held > 0 else list(totals)

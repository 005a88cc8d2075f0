"""Gives respondents weights under which they have the shares of targets, and tells what that costs; pure.

Formulas and their sources are in `core.stats.post_stratification` and `core.stats.weights`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import FieldError, Invalid
from core.population.matching import realised_margins
from core.population.schemas import Realised
from core.population.weighing import listed
from core.stats.post_stratification import Empty, NobodyWeighs, NotReached, Stratum, Weighted, post_stratified
from core.stats.rounding import percentage
from core.stats.targets import Targets
from core.stats.weights import PLANNING_ICC, clustered_n_eff, n_eff
from core.surveys.figures import rounded
from core.surveys.samples import Sample
from core.surveys.variables import Loc, attribute_text

EXTREME: Final = 5.0
"""Times the mean beyond which a weight is told of: a few respondents would speak for everybody."""
COSTLY: Final = 2.0
"""Design effect from which on it is told of: half of the respondents' worth is lost."""
OFF: Final = 0.001


@dataclass(frozen=True, slots=True)
class Reweighed:
    """A sample with its new weights, which sum to its number of respondents, and what they are like."""

    sample: Sample
    n_eff_weights: float
    n_eff: float
    design_effect: float
    smallest: float
    largest: float
    trimmed: int
    outside: int
    realised: Realised
    warnings: tuple[str, ...]


def reweighed(sample: Sample, targets: Targets, cap: float | None, loc: Loc) -> Reweighed:
    """Weigh a sample's respondents to targets; raises Invalid at `loc` where that cannot be done."""
    _require_attributes(sample, targets, loc)
    counts = sample.counts()
    keys = [
        (tuple(attribute_text(one.attributes.get(name)) for name in targets.attributes), weight)
        for one, weight in zip(sample.people, sample.weights, strict=True)
    ]
    sizes: Counter[tuple[tuple[str | None, ...], float]] = Counter()
    for key, count in zip(keys, counts, strict=True):
        sizes[key] += count
    strata = {
        key: Stratum(
            {name: value for name, value in zip(targets.attributes, key[0], strict=True) if value is not None},
            key[1],
            count,
        )
        for key, count in sizes.items()
        if count
    }
    try:
        found = post_stratified(list(strata.values()), targets, cap=cap)
    except NotReached as error:
        why = (
            f"no weights of these respondents give {error.name} its shares: {error.value} stays at"
            f" {percentage(error.reached)} instead of {percentage(error.wanted)}"
        )
        where = (*loc, "margins", error.name) if targets.kind == "margins" else (*loc, "cells")
        raise Invalid([FieldError(where, why)]) from None
    except NobodyWeighs:
        raise Invalid([FieldError(loc, "nobody of any weight has the values they name")]) from None
    by_key = dict(zip(strata, found.weights, strict=True))
    return _told(sample.weighing([by_key.get(key, 0.0) for key in keys]), targets, found, cap)


def _require_attributes(sample: Sample, targets: Targets, loc: Loc) -> None:
    there = {name for one in sample.people for name in one.attributes}
    unknown = [name for name in targets.attributes if name not in there]
    if unknown:
        where = (*loc, "margins", unknown[0]) if targets.kind == "margins" else loc
        raise Invalid([FieldError(where, f"these respondents have no attribute {unknown[0]!r}")])


def _told(sample: Sample, targets: Targets, found: Weighted, cap: float | None) -> Reweighed:
    people = sample.alike()
    weights, counts = [one.weight for one in people], [one.count for one in people]
    kish = n_eff(weights, counts)
    deff = sample.n / kish if kish else 0.0
    realised = realised_margins(targets.cells, [(one.attributes, one.weight * one.count) for one in people])
    weighing = [weight for weight in weights if weight > 0]
    largest = max(weighing, default=0.0)
    return Reweighed(
        sample,
        rounded(kish),
        rounded(clustered_n_eff(weights, [one.persona_id for one in people], PLANNING_ICC, counts)),
        rounded(deff),
        rounded(min(weighing, default=0.0)),
        rounded(largest),
        found.trimmed,
        found.outside,
        realised,
        tuple(_warnings(sample.n, found, cap, largest, deff, realised)),
    )


def _warnings(n: int, found: Weighted, cap: float | None, largest: float, deff: float, realised: Realised) -> list[str]:
    told = []
    if found.empty:
        share = math.fsum(one.share for one in found.empty)
        told.append(
            f"Nobody is {_listed(found.empty)}, {percentage(share)} of the targets: nobody can stand for them, and the"
            " other shares are scaled up."
        )
    if found.outside:
        has = "respondent has" if found.outside == 1 else "respondents have"
        told.append(f"{found.outside:,} of {n:,} {has} values that are not among the targets’, and count for nothing.")
    if found.trimmed:
        weighs = "respondent weighs" if found.trimmed == 1 else "respondents weigh"
        told.append(f"{found.trimmed:,} {weighs} no more than {cap:g} times the mean: their weights were cut to that.")
    elif largest > EXTREME:
        told.append(f"A respondent weighs up to {largest:.1f} times the mean: a few of them speak for many.")
    if deff >= COSTLY:
        told.append(
            f"The weights make {n:,} respondents worth {n / deff:,.0f} (design effect {deff:.2f}), before it is counted"
            " that those of a persona are alike."
        )
    off = [name for name, distance in realised.total_variation.items() if distance > OFF]
    if off and not found.empty:
        told.append(f"With weights cut, the shares of {listed(off)} are not those of the targets: see `realised`.")
    return told


def _listed(empty: Sequence[Empty]) -> str:
    names = [f"{', '.join(f'{name} {value}' for name, value in one.values.items())}" for one in empty]
    return listed(names).replace(" and ", " or ") if len(names) > 1 else names[0]

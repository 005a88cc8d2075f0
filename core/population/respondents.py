"""Who answers: individual respondents drawn from a population's cells or around personas. Pure, seeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.personas.cells import checked_cells
from core.personas.schemas import PersonaSnapshot
from core.population.matching import nearness_of, own_attributes
from core.population.schemas import PlanDocument
from core.population.weighing import assumed_weights
from core.stats.cells import draw_cells
from core.stats.sampling import SeedPart, largest_remainder, rng, shuffled
from core.stats.targets import Cell


@dataclass(frozen=True, slots=True)
class DrawnRespondent:
    """One respondent: its number from 1, its persona as an index, its own attributes, its weight (mean 1)."""

    number: int
    persona: int
    attributes: Mapping[str, Any]
    weight: float = 1.0


def draw_respondents(
    cells: Sequence[Cell] | None, personas: Sequence[PersonaSnapshot], n: int, seed: SeedPart
) -> list[DrawnRespondent]:
    """Return n respondents of weight 1.

    With cells: each is drawn from a cell in proportion to its share and assigned to the nearest persona.
    Without: each persona plays its share of n by weight (largest remainder), in random order, with its own
    attributes. Raises ValueError without personas or when all weights are 0.
    """
    if not personas:
        raise ValueError("there are no personas to draw respondents around")
    if not cells:
        counts = largest_remainder(assumed_weights([persona.weight for persona in personas]), n)
        return _around(personas, counts, [1.0] * len(personas), seed)
    drawn = draw_cells(cells, n, ("respondents", seed))
    assigned = nearness_of(cells, personas).assign(drawn, ("respondents", seed))
    return [
        DrawnRespondent(number, index, own_attributes(personas[index], cells[cell].values))
        for number, (cell, index) in enumerate(zip(drawn, assigned, strict=True), start=1)
    ]


def respondent_frame(
    plan: PlanDocument, personas: Sequence[PersonaSnapshot], n: int, seed: SeedPart
) -> list[DrawnRespondent]:
    """Return n respondents of a plan; `personas` are those of its allocation, in its order.

    A proportional plan without a binding minimum is drawn from its joint cells as a whole (the count of a
    persona follows the cells and may differ from the allocation by a few). Any other one gives each persona
    its allocated respondents, drawn from the cells nearest to it, with the weight that restores the persona's
    share. Raises ValueError when the personas are not the plan's.
    """
    if [persona.persona_id for persona in personas] != [row.persona_id for row in plan.allocation]:
        raise ValueError("the personas are not those of the plan, in its order")
    cells = checked_cells(plan.targets) if plan.targets is not None else None
    shares = [row.weight for row in plan.allocation]
    counts = [row.n for row in plan.allocation]
    if n != plan.n:
        counts = largest_remainder(counts, n)
    if follows_shares(plan, shares):
        weighted = [
            persona.model_copy(update={"weight": share}) for persona, share in zip(personas, shares, strict=True)
        ]
        return draw_respondents(cells, weighted, n, seed)
    weights = restoring_weights(shares, counts)
    if cells is None:
        return _around(personas, counts, weights, seed)
    return _stratified(cells, personas, counts, weights, seed)


def follows_shares(plan: PlanDocument, shares: Sequence[float]) -> bool:
    """Return whether a plan's allocation is what its personas' shares alone would give."""
    return [row.n for row in plan.allocation] == largest_remainder(shares, plan.n)


def restoring_weights(shares: Sequence[float], counts: Sequence[int]) -> list[float]:
    """Return per persona the weight of each of its respondents, Wₕ·n/nₕ over ΣWₕ of those asked: mean 1."""
    total = sum(share for share, count in zip(shares, counts, strict=True) if count)
    n = sum(counts)
    return [
        share / total * n / count if count and total > 0 else 0.0 for share, count in zip(shares, counts, strict=True)
    ]


def _around(
    personas: Sequence[PersonaSnapshot], counts: Sequence[int], weights: Sequence[float], seed: SeedPart
) -> list[DrawnRespondent]:
    """Return respondents with their persona's attributes, shuffled so that any first part stands for all."""
    places = [index for index, count in enumerate(counts) for _ in range(count)]
    return [
        DrawnRespondent(number, index, dict(personas[index].attributes), weights[index])
        for number, index in enumerate(shuffled(places, rng("respondents", seed)), start=1)
    ]


def _stratified(
    cells: Sequence[Cell],
    personas: Sequence[PersonaSnapshot],
    counts: Sequence[int],
    weights: Sequence[float],
    seed: SeedPart,
) -> list[DrawnRespondent]:
    """Return each persona's count of respondents, drawn from the cells nearest to it."""
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for index, own in enumerate(nearness_of(cells, personas).owned()):
        if not own:
            rows += [(index, dict(personas[index].attributes))] * counts[index]
            continue
        drawn = draw_cells(own, counts[index], ("respondents", seed, index))
        rows += [(index, own_attributes(personas[index], own[cell].values)) for cell in drawn]
    return [
        DrawnRespondent(number, index, attributes, weights[index])
        for number, (index, attributes) in enumerate(shuffled(rows, rng("respondents", seed)), start=1)
    ]

"""Who answers: individual respondents drawn from a population's cells or around personas. Pure, seeded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.personas.cells import checked_cells
from core.personas.nearness import Nearness
from core.personas.schemas import PersonaSnapshot
from core.population.matching import nearness_of, own_attributes
from core.population.schemas import PlanDocument
from core.population.weighing import assumed_weights
from core.stats.cells import draw_cells
from core.stats.quotas import fill_quotas
from core.stats.sampling import SeedPart, largest_remainder, rng, shuffled
from core.stats.targets import Cell


@dataclass(frozen=True, slots=True)
class DrawnRespondent:
    """One respondent: its number from 1, its persona as an index, its own attributes, its weight (mean 1)."""

    number: int
    persona: int
    attributes: Mapping[str, Any]
    weight: float = 1.0


def drawn_for(
    plan: Mapping[str, Any] | None, personas: Sequence[PersonaSnapshot], n: int, seed: SeedPart
) -> list[DrawnRespondent]:
    """Return n respondents of a plan's document, or around the personas where there is none."""
    if plan is None:
        return draw_respondents(None, personas, n, seed)
    return respondent_frame(PlanDocument.model_validate(plan), personas, n, seed)


def draw_respondents(
    cells: Sequence[Cell] | None, personas: Sequence[PersonaSnapshot], n: int, seed: SeedPart
) -> list[DrawnRespondent]:
    """Return n respondents of weight 1; each persona plays its share of n exactly, by largest remainder.

    With cells, its share is that of the cells nearest to it, and respondents have the attributes of their cells.
    Without, it is that of its weight, and respondents have the attributes of their persona. Raises ValueError
    without personas.
    """
    if not personas:
        raise ValueError("there are no personas to draw respondents around")
    if not cells:
        counts = largest_remainder(assumed_weights([persona.weight for persona in personas]), n)
        return _around(personas, counts, [1.0] * len(personas), seed)
    nearness = nearness_of(cells, personas)
    return _from_all_cells(cells, personas, nearness, largest_remainder(nearness.shares(), n), seed)


def respondent_frame(
    plan: PlanDocument, personas: Sequence[PersonaSnapshot], n: int, seed: SeedPart
) -> list[DrawnRespondent]:
    """Return n respondents of a plan; `personas` are those of its allocation, in its order.

    Each persona has the respondents that the plan allocates to it, or its part of them, by largest remainder, where n
    is not the plan's. Where the allocation follows the shares, respondents are drawn from the joint cells as a whole
    and weigh 1; else from the cells nearest to each persona, with the weight that restores the persona's share.
    Raises ValueError when the personas are not the plan's.
    """
    if [persona.persona_id for persona in personas] != [row.persona_id for row in plan.allocation]:
        raise ValueError("the personas are not those of the plan, in its order")
    cells = checked_cells(plan.targets) if plan.targets is not None else None
    shares = [row.weight for row in plan.allocation]
    planned = [row.n for row in plan.allocation]
    counts = planned if n == plan.n else largest_remainder(shares if follows_shares(plan, shares) else planned, n)
    weights = respondent_weights(shares, counts, plan)
    if cells is None:
        return _around(personas, counts, weights, seed)
    nearness = nearness_of(cells, personas)
    owned = nearness.owned()
    # Personas may have changed since they were planned: one that has lost its cells keeps its respondents.
    if follows_shares(plan, shares) and all(own or not count for own, count in zip(owned, counts, strict=True)):
        return _from_all_cells(cells, personas, nearness, counts, seed)
    return _stratified(owned, personas, counts, weights, seed)


def follows_shares(plan: PlanDocument, shares: Sequence[float]) -> bool:
    """Return whether a plan's allocation is what its personas' shares alone would give."""
    return [row.n for row in plan.allocation] == largest_remainder(shares, plan.n)


def respondent_weights(shares: Sequence[float], counts: Sequence[int], plan: PlanDocument) -> list[float]:
    """Return what each respondent of a persona weighs: 1 where the plan follows the shares, else what restores them."""
    return [1.0] * len(shares) if follows_shares(plan, shares) else restoring_weights(shares, counts)


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


def _from_all_cells(
    cells: Sequence[Cell],
    personas: Sequence[PersonaSnapshot],
    nearness: Nearness,
    counts: Sequence[int],
    seed: SeedPart,
) -> list[DrawnRespondent]:
    """Return respondents drawn from all cells at once, each with a nearest persona, so many of each persona."""
    drawn = draw_cells(cells, sum(counts), ("respondents", seed))
    placed = fill_quotas(cells, drawn, nearness.nearest, counts, seed)
    return [
        DrawnRespondent(number, one.group, own_attributes(personas[one.group], cells[one.cell].values))
        for number, one in enumerate(placed, start=1)
    ]


def _stratified(
    owned: Sequence[Sequence[Cell]],
    personas: Sequence[PersonaSnapshot],
    counts: Sequence[int],
    weights: Sequence[float],
    seed: SeedPart,
) -> list[DrawnRespondent]:
    """Return each persona's count of respondents, drawn from the cells nearest to it."""
    rows: list[tuple[int, Mapping[str, Any]]] = []
    for index, own in enumerate(owned):
        if not own:
            rows += [(index, dict(personas[index].attributes))] * counts[index]
            continue
        drawn = draw_cells(own, counts[index], ("respondents", seed, index))
        rows += [(index, own_attributes(personas[index], own[cell].values)) for cell in drawn]
    return [
        DrawnRespondent(number, index, attributes, weights[index])
        for number, (index, attributes) in enumerate(shuffled(rows, rng("respondents", seed)), start=1)
    ]

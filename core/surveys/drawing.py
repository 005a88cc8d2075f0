"""Draws a simulation's respondents: from its plan or around its personas, part by part where it was extended; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from core.personas.schemas import PersonaSnapshot
from core.population.extension import drawn_in_parts
from core.population.respondents import DrawnRespondent
from core.questionnaires.content import Content
from core.stats.sampling import derive_seed
from core.surveys.arms import arms_for
from core.surveys.models import Simulation


def sizes_of(simulation: Simulation) -> list[int]:
    """Return how many respondents were drawn at first, and how many each extension added."""
    return list(simulation.sizes) or [simulation.sample_size]


def first_number(simulation: Simulation) -> int:
    """Return the number of the first respondent whose answers a row holds: after the others, where it extends them."""
    return sum(sizes_of(simulation)) - simulation.sample_size + 1


def rows_of(simulation: Simulation, personas: Sequence[PersonaSnapshot]) -> list[dict[str, Any]]:
    """Return the respondents of a simulation or of an addition, as they are stored; `personas` are its own, in order.

    What a persona weighs is what it weighed when the simulation was made: a weight may change without a new version.
    Arms are dealt among the respondents of each part by itself, so that nobody changes arms.
    """
    weights = [part["weight"] for part in simulation.personas]
    people = [one.model_copy(update={"weight": weight}) for one, weight in zip(personas, weights, strict=True)]
    sizes, first = sizes_of(simulation), first_number(simulation)
    drawn = drawn_in_parts(simulation.plan, people, sizes, simulation.seed)
    content = Content.model_validate(simulation.content)
    found: list[dict[str, Any]] = []
    for place, (end, size) in enumerate(zip(accumulate(sizes), sizes, strict=True)):
        if end < first:
            continue
        part = drawn[end - size : end]
        dealt = arms_for(content, part, derive_seed(simulation.seed, "part", place) if place else simulation.seed)
        found += [_row(one, people[one.persona], arms) for one, arms in zip(part, dealt, strict=True)]
    return found


def persona_parts(personas: Sequence[PersonaSnapshot]) -> list[dict[str, Any]]:
    """Return personas as a simulation keeps them."""
    return [
        {"persona_id": str(one.persona_id), "version": one.version, "name": one.name, "weight": one.weight}
        for one in personas
    ]


def _row(one: DrawnRespondent, persona: PersonaSnapshot, arms: Mapping[str, str]) -> dict[str, Any]:
    return {
        "number": one.number,
        "persona_id": str(persona.persona_id),
        "persona_version": persona.version,
        "weight": one.weight,
        "attributes": dict(one.attributes),
        "arms": dict(arms),
    }

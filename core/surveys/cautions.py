"""What a reader of a simulation should be warned of; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.jobs.shown import ShownStatus
from core.personas.schemas import PersonaSnapshot
from core.population.matching import EXPECTED, poor_matches
from core.population.weighing import weight_warnings
from core.surveys.models import Simulation
from core.surveys.repository import Alike

PARTIAL: Final = "Incomplete: "
"""Stands before what is told of a run whose answers are not all in."""
WHY_PARTIAL: Final[dict[ShownStatus, str]] = {
    "queued": "the run has not begun",
    "running": "the run has not ended",
    "cancelled": "the run was cancelled",
    "failed": "the run failed",
    "succeeded": "not every question was asked to its end",
}


def partial_warning(status: ShownStatus, answered: int, planned: int) -> str:
    """Tell why a simulation is incomplete, and how many of its respondents answered anything."""
    return (
        f"{PARTIAL}{WHY_PARTIAL[status]}, and {answered:,} of {planned:,} planned respondents answered at least one"
        " question."
    )


def sample_warnings(simulation: Simulation) -> list[str]:
    """Return what is to be told of whom a simulation asks: its plan's warnings, or the weights it assumes."""
    if simulation.plan is not None:
        return [str(warning) for warning in simulation.plan["warnings"]]
    names = [str(part["name"]) for part in simulation.personas]
    return weight_warnings(names, [part["weight"] for part in simulation.personas])


def result_warnings(simulation: Simulation, personas: Sequence[PersonaSnapshot], people: Sequence[Alike]) -> list[str]:
    """Return the same once respondents are drawn: who fits their persona badly is counted, no longer expected."""
    place = {persona.persona_id: index for index, persona in enumerate(personas)}
    each = ((place[alike.persona_id], alike.attributes) for alike in people for _ in range(alike.count))
    found = poor_matches(personas, each)
    planned = [warning for warning in sample_warnings(simulation) if not warning.startswith(EXPECTED)]
    return [*_as_planned(simulation, planned, sum(alike.count for alike in people)), *found.warnings()]


def _as_planned(simulation: Simulation, warnings: Sequence[str], counted: int) -> list[str]:
    """Say of warnings on the plan's number of respondents that it is the plan's, where others are counted."""
    if simulation.plan is None or counted == simulation.plan["n"]:
        return list(warnings)
    number = f"{simulation.plan['n']:,} respondents "
    return [f"As planned: {warning}" if warning.startswith(number) else warning for warning in warnings]

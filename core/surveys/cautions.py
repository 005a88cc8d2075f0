"""What a reader of a simulation should be warned of; pure."""

from __future__ import annotations

from core.population.weighing import weight_warnings
from core.surveys.models import Simulation


def sample_warnings(simulation: Simulation) -> list[str]:
    """Return what is to be told of whom a simulation asks: its plan's warnings, or the weights it assumes."""
    if simulation.plan is not None:
        return [str(warning) for warning in simulation.plan["warnings"]]
    names = [str(part["name"]) for part in simulation.personas]
    return weight_warnings(names, [part["weight"] for part in simulation.personas])

"""Refusals of survey simulations."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class SimulationNotFound(NotFound):
    """There is no such simulation in this exploration."""

    code = "simulation_not_found"


class SimulationNotFinished(Conflict):
    """This simulation is still running."""

    code = "simulation_not_finished"

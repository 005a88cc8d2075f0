"""Refusals of survey simulations."""

from __future__ import annotations

from core.errors import Conflict, NotFound, Unavailable


class SimulationNotFound(NotFound):
    """There is no such simulation in this exploration."""

    code = "simulation_not_found"


class SimulationNotFinished(Conflict):
    """This simulation is still running."""

    code = "simulation_not_finished"


class SimulationStopped(Conflict):
    """This simulation was stopped before its end; retry its job first."""

    code = "simulation_stopped"


class ExportFailed(Unavailable):
    """The file could not be written."""

    code = "export_failed"


class SegmentNotFound(NotFound):
    """There is no such segment in this exploration."""

    code = "segment_not_found"


class WeightingNotFound(NotFound):
    """There is no such weighting of this simulation."""

    code = "weighting_not_found"

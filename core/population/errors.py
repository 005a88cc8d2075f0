"""Errors of population plans."""

from __future__ import annotations

from core.errors import NotFound


class PlanNotFound(NotFound):
    """There is no such population plan here."""

    code = "population_plan_not_found"

"""Refusals of research objectives."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class ObjectiveNotFound(NotFound):
    """There is no such research objective in this workspace."""

    code = "research_objective_not_found"


class NothingToClarify(Conflict):
    """There are no open questions about this research objective; analyze it first."""

    code = "nothing_to_clarify"


class ClarificationsUsedUp(Conflict):
    """Both rounds of clarifying questions are used up; change the objective's text or set components by hand."""

    code = "clarifications_used_up"

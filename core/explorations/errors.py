"""Refusals of explorations."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class ExplorationNotFound(NotFound):
    """There is no such exploration in this workspace."""

    code = "exploration_not_found"


class ExplorationEnded(Conflict):
    """This exploration has ended; nothing new can be added to it."""

    code = "exploration_ended"

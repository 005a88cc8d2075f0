"""Refusals of exports."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class ExportNotFound(NotFound):
    """There is no such export of this workspace, or no longer."""

    code = "export_not_found"


class ExportNotReady(Conflict):
    """This export is not made yet."""

    code = "export_not_ready"

"""Errors of reports.

DomainError
├── NotFound
│   └── ReportNotFound      it is not in this exploration
├── Conflict
│   └── ReportNotReady      its job is not done
└── Unavailable
    └── RenderFailed        the renderer ended without a document
        └── RenderTimeout   it did not end in time
"""

from __future__ import annotations

from core.errors import Conflict, NotFound, Unavailable


class RenderFailed(Unavailable):
    """The report could not be rendered."""

    code = "render_failed"
    title = "Rendering failed"


class RenderTimeout(RenderFailed):
    """The report was not rendered in the time allowed."""

    code = "render_timeout"
    title = "Rendering took too long"


class ReportNotFound(NotFound):
    """There is no such report in this exploration."""

    code = "report_not_found"


class ReportNotReady(Conflict):
    """This report is not built yet."""

    code = "report_not_ready"

"""Errors of reports.

DomainError
└── Unavailable
    └── RenderFailed        the renderer ended without a document
        └── RenderTimeout   it did not end in time
"""

from __future__ import annotations

from core.errors import Unavailable


class RenderFailed(Unavailable):
    """The report could not be rendered."""

    code = "render_failed"
    title = "Rendering failed"


class RenderTimeout(RenderFailed):
    """The report was not rendered in the time allowed."""

    code = "render_timeout"
    title = "Rendering took too long"

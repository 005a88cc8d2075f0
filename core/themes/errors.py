"""Errors of themes."""

from __future__ import annotations

from core.errors import NotFound


class ThemeCodingNotFound(NotFound):
    """There is no such coding of this simulation."""

    code = "theme_coding_not_found"

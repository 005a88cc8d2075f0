"""Explorations as a caller would send them."""

from __future__ import annotations

from typing import Any


def exploration(**members: Any) -> dict[str, Any]:
    """Return an exploration's brief."""
    return {
        "title": "Mood of the country",
        "description": "Who feels better off than a year ago, among adults aged 25 to 50?",
        "country": "United States",
    } | members

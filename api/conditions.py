"""Conditional requests (RFC 9110, 13)."""

from __future__ import annotations


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-None-Match header names the entity tag, by weak comparison; `*` names any."""
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]

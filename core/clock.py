"""The time, asked in one place so that a test can say what it is."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, timezone-aware in UTC."""
    return datetime.now(UTC)

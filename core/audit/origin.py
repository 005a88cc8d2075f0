"""Where the request under way comes from: set by whoever takes it in, read when an entry is written."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Origin:
    """The address a request came from, and the id under which the logs know it."""

    ip: str | None = None
    request_id: str | None = None


NOWHERE: Final = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)
"""The origin of the request under way; nowhere in a worker and on the command line."""

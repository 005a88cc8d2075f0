"""What the parameters are that many operations take: their descriptions in the OpenAPI document.

One that means something of its own says so where it is declared, with `description=`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

NAMED: Final = {
    "limit": "The most items of one answer.",
    "cursor": "`next_cursor` of the page before; the first page without it.",
    "exp": "Id of an exploration of the workspace.",
    "format": "Format of the file.",
    "format_": "Format of the file.",
    "since": "From this moment on, with a time zone.",
    "until": "Before this moment, with a time zone.",
    "token": "The token that the mailed link ends in.",
}
FILTERS: Final = (
    "actor", "alive", "error_code", "exploration_id", "is_active", "is_verified", "kind", "research_objective_id",
    "role", "status", "subject_id", "workspace_id",
)  # fmt: skip


def describe(parameters: Iterable[dict[str, Any]]) -> None:
    """Say of each parameter that says nothing itself what it is."""
    for one in parameters:
        told = one.get("description") or one["schema"].get("description") or _description(one["in"], one["name"])
        if told:
            one["description"] = told


def _description(place: str, name: str) -> str | None:
    if place == "path" and name.endswith("_id"):
        return f"Id of the {name.removesuffix('_id').replace('_', ' ')}."
    if place == "query" and name in FILTERS:
        return f"Only those with this `{name}`."
    return NAMED.get(name)

"""The source of an objective: all that its user has written about it, the answers to questions included."""

from __future__ import annotations

from core.objectives.models import ResearchObjective


def source_of(row: ResearchObjective) -> str:
    """Return title, description, text and answers, in this order, with an empty line between any two."""
    parts = (row.title, row.description, row.text, *(one["answer"] for one in row.clarifications))
    return "\n\n".join(part for part in parts if part)

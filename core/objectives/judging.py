"""What is believed of components: quotes that stand in the source, what the user has set, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.objectives.components import Component, ComponentName, Components, ComponentSet, Span
from core.objectives.spans import Source

RESTING: Final = ("clear", "partial")
"""Statuses that need words of the source to rest on."""


def with_user_values(
    components: Components, set_by_user: Mapping[str, Any], source: Source
) -> dict[ComponentName, Component]:
    """Return components with what the user has set in place of the analysis's; quoted where the source says it, too."""
    merged = dict(components)
    for name in components:
        if name in set_by_user:
            given = ComponentSet.model_validate(set_by_user[name])
            found = source.find(given.value)
            merged[name] = Component(
                value=given.value, status=given.status, origin="user", spans=(found,) if found else ()
            )
    return merged


def moved(components: Components, source: Source) -> dict[ComponentName, Component]:
    """Return components with their spans where the words stand in another source; words that are gone are dropped."""
    return {name: _rested(one, tuple(filter(None, map(_again(source), one.spans)))) for name, one in components.items()}


def _again(source: Source) -> Any:
    def find(span: Span) -> Span | None:
        return span if source.holds(span) else source.find(span.text)

    return find


def _rested(component: Component, spans: tuple[Span, ...]) -> Component:
    """Return a component on these spans; a model's without any is inferred at most."""
    status = component.status
    if not spans and component.origin == "model" and status in RESTING:
        status = "inferred"
    return component.model_copy(update={"spans": spans, "status": status})

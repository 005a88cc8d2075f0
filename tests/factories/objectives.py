"""Replies of a model that takes objectives apart, and what is judged of them."""

from __future__ import annotations

from typing import Any

from core.objectives.components import COMPONENT_NAMES, Component, ComponentName, ComponentStatus
from core.objectives.prompts import ObjectiveReply
from core.objectives.spans import Source

SOURCE = (
    "Oat yoghurt\n\nA dairy cooperative in Wales must decide whether to launch an oat yoghurt under its own name."
    " We expect that the name raises trust among shoppers over 45."
)
MISSING: dict[str, Any] = {"value": None, "status": "missing", "quotes": [], "passages": []}


def component(value: str | None, *quotes: str, status: str = "clear", passages: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a component as a model replies it."""
    return {"value": value, "status": status, "quotes": list(quotes), "passages": list(passages)}


def reply(**components: dict[str, Any]) -> dict[str, Any]:
    """Return a model's reply; components that are not named are missing, questions are none."""
    return {"components": {name: components.get(name, MISSING) for name in COMPONENT_NAMES}, "questions": []}


def parsed(**components: dict[str, Any]) -> ObjectiveReply:
    """Return the same as the product reads it."""
    return ObjectiveReply.model_validate(reply(**components))


def obedient(quote: str) -> dict[str, Any]:
    """Return the reply of a model that an order in the brief has turned: all is clear, and rests on one quote."""
    return reply(**{name: component("Everything is perfectly clear.", quote) for name in COMPONENT_NAMES})


def resting(source: str, quote: str, status: ComponentStatus = "clear") -> Component:
    """Return a component that rests on a quote of the source."""
    found = Source(source).find(quote)
    assert found is not None
    return Component(value=quote, status=status, spans=(found,))


def all_ten(**given: Component) -> dict[ComponentName, Component]:
    """Return ten components; those that are not given are missing."""
    return {name: given.get(name, Component()) for name in COMPONENT_NAMES}

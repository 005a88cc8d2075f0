"""What is believed of components: quotes that stand in the source, what the user has set, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.objectives.components import (
    COMPONENT_NAMES,
    Component,
    ComponentName,
    Components,
    ComponentSet,
    ComponentStatus,
    Span,
)
from core.objectives.orders import orders_in
from core.objectives.prompts import ComponentReply, ObjectiveReply
from core.objectives.scoring import concreteness
from core.objectives.spans import Source

RESTING: Final = ("clear", "partial")
"""Statuses that need words of the source to rest on."""
CLEAR_FROM: Final = 40
"""Points of concreteness from which the words that a component rests on can be called clear."""
MOST_SPANS: Final = 4
MOST_SHARED: Final = 4
"""Components that may rest on the same words: a quote that is said to show everything shows nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The components of an analysis as they are believed, and how many of its quotes were dropped."""

    components: dict[ComponentName, Component]
    dropped: int


def judge(reply: ObjectiveReply, source: Source, passages: Mapping[str, UUID] | None = None) -> Judged:
    """Return what is believed of a model's reply.

    A quote counts where it stands in the source, outside of sentences that give orders to a model, and for at most four
    components. A component without such a quote is inferred at most, one without a value missing; clear needs concrete
    words. `passages` are those the model was shown, by ref: others cannot be cited.
    """
    orders = orders_in(source.text)
    shared: list[Span] = []
    components: dict[ComponentName, Component] = {}
    dropped = 0
    for name in COMPONENT_NAMES:
        given: ComponentReply = getattr(reply.components, name)
        if not given.value or given.status == "missing":
            components[name] = Component()
            continue
        spans: list[Span] = []
        for quote in given.quotes:
            found = source.find(quote)
            if found is None or _within(found, orders) or _times(found, shared) >= MOST_SHARED:
                dropped += 1
            elif len(spans) < MOST_SPANS and not any(_overlap(found, other) for other in spans):
                spans.append(found)
        shared.extend(spans)
        cited = dict.fromkeys((passages or {})[ref] for ref in given.passages if ref in (passages or {}))
        component = Component(value=given.value, status=given.status, spans=tuple(spans), passage_ids=tuple(cited))
        components[name] = component.model_copy(update={"status": _status(name, component, source.text)})
    return Judged(components, dropped)


def with_user_values(
    components: Components, set_by_user: Mapping[str, Any], source: Source
) -> dict[ComponentName, Component]:
    """Return components with what the user has set in place of the analysis's, quoted where the source says it, too."""
    merged = dict(components)
    for name in components:
        if name in set_by_user:
            given = ComponentSet.model_validate(set_by_user[name])
            found = source.find(given.value)
            spans = (found,) if found else ()
            merged[name] = Component(value=given.value, status=given.status, origin="user", spans=spans)
    return merged


def moved(components: Components, source: Source) -> dict[ComponentName, Component]:
    """Return components with their spans where the words stand in another source; words that are gone are dropped."""
    again = _again(source)
    return {
        name: _rested(name, one, tuple(span for span in map(again, one.spans) if span is not None), source.text)
        for name, one in components.items()
    }


def _again(source: Source) -> Callable[[Span], Span | None]:
    def find(span: Span) -> Span | None:
        return span if source.holds(span) else source.find(span.text)

    return find


def _rested(name: ComponentName, component: Component, spans: tuple[Span, ...], source: str) -> Component:
    rested = component.model_copy(update={"spans": spans})
    return rested.model_copy(update={"status": _status(name, rested, source)})


def _status(name: ComponentName, component: Component, source: str) -> ComponentStatus:
    """Return the status that a component's words allow; what a person has set stays as set."""
    if component.origin == "user" or component.status not in RESTING:
        return component.status
    if not component.spans:
        return "inferred"
    if component.status == "clear" and concreteness(name, component, source) < CLEAR_FROM:
        return "partial"
    return component.status


def _within(span: Span, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(span.start < end and start < span.end for start, end in stretches)


def _times(span: Span, others: Sequence[Span]) -> int:
    """Return how many of `others` rest on most of the same words."""
    return sum(1 for other in others if 2 * _common(span, other) > span.end - span.start)


def _overlap(span: Span, other: Span) -> bool:
    return _common(span, other) > 0


def _common(span: Span, other: Span) -> int:
    return max(0, min(span.end, other.end) - max(span.start, other.start))

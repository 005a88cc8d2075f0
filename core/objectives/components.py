"""The ten components of a research objective, each with the stretches of the source that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.db.text import Text

ComponentName = Literal[
    "business_context",
    "decision_problem",
    "information_gap",
    "primary_hypothesis",
    "secondary_hypotheses",
    "target_audience",
    "segmentation_logic",
    "competitive_frame",
    "behaviours_attitudes",
    "geography",
]
COMPONENT_NAMES: Final[tuple[ComponentName, ...]] = (
    "business_context",
    "decision_problem",
    "information_gap",
    "primary_hypothesis",
    "secondary_hypotheses",
    "target_audience",
    "segmentation_logic",
    "competitive_frame",
    "behaviours_attitudes",
    "geography",
)
ComponentStatus = Literal["clear", "partial", "inferred", "missing"]
ObjectiveStatus = Literal["draft", "validated", "needs_review"]


class Span(BaseModel):
    """A stretch of the source: `text` is `source_text[start:end]`, in characters (code points)."""

    model_config = ConfigDict(frozen=True)

    start: int
    end: int
    text: str


class Component(BaseModel):
    """One component: what it says, how sure that is, and the words of the source it rests on.

    `origin` is `user` where a person has set the value, else `model`. `passage_ids` are passages of the exploration's
    evidence that bear on it.
    """

    model_config = ConfigDict(frozen=True)

    value: str | None = None
    status: ComponentStatus = "missing"
    origin: Literal["model", "user"] = "model"
    spans: tuple[Span, ...] = ()
    passage_ids: tuple[UUID, ...] = ()


class ComponentSet(BaseModel):
    """A component's value as a person sets it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Annotated[Text, Field(min_length=1)]
    status: Literal["clear", "partial", "inferred"] = "clear"


Components = Mapping[ComponentName, Component]


def components_of(stored: Mapping[str, Any] | None) -> dict[ComponentName, Component]:
    """Return all ten components, in order, from stored JSON; what is not there is missing."""
    found = stored or {}
    return {name: Component.model_validate(found.get(name) or {}) for name in COMPONENT_NAMES}


def stored_components(components: Components) -> dict[str, Any]:
    """Return components as JSON."""
    return {name: component.model_dump(mode="json") for name, component in components.items()}

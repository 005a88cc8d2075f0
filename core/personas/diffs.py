"""What differs between two versions of a persona."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from core.personas.traits import Profile


class TraitChange(BaseModel):
    """A trait (or `attributes.<name>`) before and after; null or empty is not known."""

    trait: str
    before: Any
    after: Any


class PersonaDiff(BaseModel):
    """Two versions of a persona and the traits in which they differ, in the order of the traits."""

    from_version: int = Field(serialization_alias="from")
    to_version: int = Field(serialization_alias="to")
    changes: list[TraitChange]


def changes_between(before: Profile, after: Profile) -> list[TraitChange]:
    """Return the traits that differ."""
    one, other = before.model_dump(mode="json"), after.model_dump(mode="json")
    old, new = one.pop("attributes"), other.pop("attributes")
    pairs = [(name, one[name], other[name]) for name in one]
    pairs += [(f"attributes.{name}", old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])]
    return [TraitChange(trait=name, before=was, after=now) for name, was, now in pairs if was != now]

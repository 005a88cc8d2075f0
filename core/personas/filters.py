"""Which personas of an exploration a list shows: every condition that is given must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, func
from sqlmodel import col

from core.errors import FieldError, Invalid
from core.personas.check_models import PersonaConfidence
from core.personas.models import Persona, PersonaVersion

MOST_ATTRIBUTES: Final = 10
PREFIX: Final = "a:"
TIERS: Final = ("low", "medium", "high")
Tier = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class PersonaFilter:
    """Conditions on personas; what is None or empty is no condition. Words are compared without case."""

    origin: str | None = None
    q: str | None = None
    attributes: Sequence[tuple[str, str]] = ()
    age: int | None = None
    gender: str | None = None
    country: str | None = None
    min_confidence: Tier | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return them for a query that joins personas with their present versions."""
        found: list[ColumnElement[bool]] = []
        if self.origin is not None:
            found.append(col(Persona.origin) == self.origin)
        if self.q is not None:
            found.append(col(Persona.name).icontains(self.q, autoescape=True))
        if self.gender is not None:
            found.append(_same(_trait("gender"), self.gender))
        if self.country is not None:
            found.append(_same(_trait("location_country"), self.country))
        if self.age is not None:
            lowest, highest = (cast(_trait("age_range", end), Integer) for end in ("min", "max"))
            found.append(and_(lowest <= self.age, highest >= self.age))
        found += [_same(_trait("attributes", name), value) for name, value in self.attributes]
        if self.min_confidence is not None:
            found.append(_confident(TIERS[TIERS.index(self.min_confidence) :]))
        return found


def parse_attributes(given: Sequence[str]) -> list[tuple[str, str]]:
    """Return names and values of texts such as "a:race=Asian" or "race=Asian"; raises Invalid naming each wrong one."""
    if len(given) > MOST_ATTRIBUTES:
        raise Invalid([FieldError(("query", "attribute"), f"may be given {MOST_ATTRIBUTES} times at most")])
    found = [one.removeprefix(PREFIX).partition("=") for one in given]
    wrong = [index for index, (name, sign, value) in enumerate(found) if not (name.strip() and sign and value.strip())]
    if wrong:
        raise Invalid([FieldError(("query", "attribute", index), "must be like a:name=value") for index in wrong])
    return [(name.strip(), value.strip()) for name, _, value in found]


def _trait(*path: str) -> ColumnElement[Any]:
    return func.jsonb_extract_path_text(col(PersonaVersion.profile), *path)


def _same(column: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    return func.lower(column) == func.lower(value)


def _confident(tiers: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        col(PersonaConfidence.persona_id) == col(Persona.id),
        col(PersonaConfidence.version) == col(Persona.version),
        col(PersonaConfidence.tier).in_(tiers),
    )

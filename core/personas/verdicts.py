"""Verdicts on traits: what rules decide, what is left to a model, and which of its words count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import ValidationError

from core.errors import FieldError, Invalid
from core.personas.check_schemas import Verdict
from core.personas.prompts import TraitVerdicts
from core.personas.rules import contradictions, invalid_traits
from core.personas.traits import Profile

UNNAMED: Final = "Somebody"
LONGEST_REASON: Final = 500
NOT_JUDGED: Final = "The model gave no verdict on this trait."
_TRAITS: Final = frozenset(Profile.model_fields)


def profile_with(known: Mapping[str, Any] | None, traits: Mapping[str, Any]) -> Profile:
    """Return a persona with the given traits in place; a name that is no trait's is an attribute's.

    Raises Invalid naming each trait whose value cannot be one.
    """
    base = dict(known or {"name": UNNAMED})
    named = {name: value for name, value in traits.items() if name in _TRAITS}
    free = {name: value for name, value in traits.items() if name not in _TRAITS}
    own = named.get("attributes", base.get("attributes")) or {}
    attributes = {**own, **free} if isinstance(own, Mapping) else own
    absent = [name for name, value in traits.items() if value in (None, "", [], {})]
    if absent:
        raise Invalid([FieldError(("body", "traits", name), "is empty: there is nothing to judge") for name in absent])
    try:
        return Profile.model_validate(base | named | {"attributes": attributes})
    except ValidationError as error:
        raise Invalid([_field_error(one["loc"], one["msg"], free) for one in error.errors()]) from None


def _field_error(loc: tuple[str | int, ...], msg: str, free: Mapping[str, Any]) -> FieldError:
    inner = loc[1:] if len(loc) > 1 and loc[0] == "attributes" and loc[1] in free else loc
    return FieldError(("body", "traits", *inner), msg)


def by_rules(profile: Profile, traits: Mapping[str, Any]) -> dict[str, Verdict]:
    """Return the verdicts that rules give, by trait: only ever that one is invalid."""
    found = invalid_traits(contradictions(profile))
    decided: dict[str, Verdict] = {}
    for name in traits:
        against = [one for key, ones in found.items() if _names(key, name) for one in ones]
        if against:
            reasons = list(dict.fromkeys(_reason(one.reason, one.traits, name) for one in against))
            codes = list(dict.fromkeys(one.code for one in against))
            decided[name] = Verdict(
                trait=name, verdict="invalid", reason=" ".join(reasons), decided_by="rule", codes=codes
            )
    return decided


def _names(key: str, name: str) -> bool:
    return key in (name, f"attributes.{name}") or (name == "attributes" and key.startswith("attributes."))


def _reason(reason: str, traits: Sequence[str], name: str) -> str:
    others = [one.removeprefix("attributes.") for one in traits if not _names(one, name)]
    return f"{reason} (It goes against {', '.join(others)}.)" if others else reason


def by_external(traits: Sequence[str], said: Iterable[tuple[str, bool, str]]) -> dict[str, Verdict]:
    """Return the external co-pilot's verdicts (trait, valid, reason) on traits it was asked about; the first counts."""
    first: dict[str, Verdict] = {}
    for name, valid, reason in said:
        if name in traits and name not in first:
            word: Literal["valid", "invalid"] = "valid" if valid else "invalid"
            why = reason[:LONGEST_REASON] or "The external co-pilot gave no reason."
            first[name] = Verdict(trait=name, verdict=word, reason=why, decided_by="external")
    return first


def by_model(traits: Sequence[str], said: TraitVerdicts) -> dict[str, Verdict]:
    """Return the model's verdicts on the traits it was asked about: others are dropped, missing ones undecided.

    Of two verdicts on one trait the first counts.
    """
    first: dict[str, Verdict] = {}
    for one in said.verdicts:
        if one.trait in traits and one.trait not in first:
            first[one.trait] = Verdict(
                trait=one.trait, verdict=one.verdict, reason=one.reason[:LONGEST_REASON], decided_by="model"
            )
    missing = [name for name in traits if name not in first]
    return first | {
        name: Verdict(trait=name, verdict="undecided", reason=NOT_JUDGED, decided_by=None) for name in missing
    }


def together(traits: Sequence[str], rules: Mapping[str, Verdict], model: Mapping[str, Verdict]) -> list[Verdict]:
    """Return all verdicts in the order of the traits; what a rule decided stands, whatever a model says."""
    return [rules[name] if name in rules else model[name] for name in traits]

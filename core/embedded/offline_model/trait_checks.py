"""Verdicts on a persona's traits: against the audience and place of the research and against the other traits.

What stands in a trait is material: one that gives orders instead of telling of a person is invalid for that.
"""

import re
from collections.abc import Iterator
from typing import Any

from core.embedded.offline_model import places
from core.embedded.offline_model.prompt_data import mapping, text_of
from core.embedded.offline_model.seeding import Draws

_ORDER = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,40}\b(instructions?|rules?|prompt)\b"
    r"|\bmark (this|the|it|me)\b.{0,40}\bvalid\b"
    r"|\b(reply|respond|answer) with\b|\bsystem prompt\b",
    re.IGNORECASE | re.DOTALL,
)
_SPAN = re.compile(
    r"\b(?:aged?|ages|between)\s+(?:from\s+|between\s+)?(\d{1,2})\s*(?:-|–|to|and)\s*(\d{1,2})", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]", re.UNICODE)
_COUNTRY = ("location_country", "country")
_AGE = ("age_range", "age", "age_band", "age_group")
_THRIFTY = re.compile(r"\bcoupons?\b|discount|cheapest|every price|bargain", re.IGNORECASE)
_LAVISH = re.compile(r"without (much )?comparing|never looks at prices|only the best|money no object", re.IGNORECASE)
# What is said in favour of a trait, by a word in its name.
_AGREES = (
    (("age",), "The age fits the audience of the research."),
    (("country", "state", "geography", "region", "location"), "The place lies where the research is done."),
    (("income", "price", "purchase", "brand"), "It fits what is known of the household's means."),
    (("occupation", "professional", "education"), "Work and schooling go together."),
    (("family", "marital", "accommodation", "household"), "It fits the household as it is described."),
    (("digital", "channel", "mobility", "rhythm", "lifestyle"), "It fits the rest of the daily life."),
)
_ANY = (
    "It goes with the other traits.",
    "Nothing in the other traits speaks against it.",
    "It describes such a person well.",
)


def verdicts(data: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a verdict with its reason for each trait in a prompt's data."""
    draws = Draws("trait verdicts", seed, *sorted(mapping(data.get("traits"))))
    return {"verdicts": [_verdict(name, value, data, draws) for name, value in mapping(data.get("traits")).items()]}


def _verdict(name: str, value: object, data: dict[str, Any], draws: Draws) -> dict[str, str]:
    against = next(_objections(name.strip().lower(), value, data), None)
    reason = against or next((why for words, why in _AGREES if any(word in name.lower() for word in words)), None)
    return {
        "trait": name,
        "verdict": "invalid" if against else "valid",
        "reason": reason or draws.pick(_ANY),
    }


def _objections(name: str, value: object, data: dict[str, Any]) -> Iterator[str]:
    told = _told(data)
    text = " ".join(map(str, value)) if isinstance(value, list) else text_of(value)
    if _ORDER.search(text):
        yield "It gives orders instead of telling anything of a person."
    elif isinstance(value, str) and not _LETTERS.search(text) and not re.search(r"\d", text):
        yield "It says nothing about a person."
    if name in _COUNTRY and (country := _country(data, told)) and places.plain(text) != places.plain(country):
        yield f"The research is done in {country}."
    if name in _AGE and (span := _SPAN.search(told)):
        ages = _ages(value)
        if ages and (ages[1] < int(span[1]) or ages[0] > int(span[2])):
            yield f"The audience of the research is aged {span[1]} to {span[2]}."
    others = mapping(data.get("others")) | mapping(data.get("traits"))
    if (
        name == "purchase_patterns"
        and _THRIFTY.search(text)
        and text_of(others.get("price_sensitivity")).startswith("Low")
    ):
        yield "Somebody of low price sensitivity does not hunt for the lowest price."
    if (
        name == "purchase_patterns"
        and _LAVISH.search(text)
        and text_of(others.get("price_sensitivity")).startswith("High")
    ):
        yield "Somebody who checks every price does not buy without comparing."


def _told(data: dict[str, Any]) -> str:
    brief, objective = mapping(data.get("brief")), mapping(data.get("objective"))
    parts = [objective.get("target_audience"), objective.get("geography"), brief.get("title"), brief.get("description")]
    return ". ".join(text_of(part) for part in parts if part)


def _country(data: dict[str, Any], told: str) -> str:
    return text_of(mapping(data.get("brief")).get("country"), 60) or places.country_in(told)


def _ages(value: object) -> tuple[float, float] | None:
    if isinstance(value, dict):
        low, high = value.get("min"), value.get("max")
        return (low, high) if isinstance(low, int | float) and isinstance(high, int | float) else None
    found = [int(one) for one in re.findall(r"\d{1,3}", text_of(value, 60))]
    return (found[0], found[-1]) if found else None

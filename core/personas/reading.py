"""What code reads from traits in words: statements without a "not", ages, money a year, countries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from core.personas.cells import age_limits
from core.personas.traits import Profile
from core.stats.nearest import AGE_NAMES, plain_name

_CLAUSE: Final = re.compile(r"(?:[;!?\n]|\.(?=\s|$))+|,?\s+\b(?:but|although|though|while|whereas|however)\b\s+")
_UNSAID: Final = re.compile(
    r"\b(?:no|not|never|nobody|none|nothing|hardly|rarely|seldom|without|cannot|can't|couldn't|doesn't|don't|didn't|"
    r"won't|isn't|aren't|wasn't|dreams?|dreaming|wish(?:es)?|hopes?|hoping|wants?|would|used to|formerly|once|avoids?|"
    r"dislikes?|hates?|envies|sceptical|skeptical|instead of|rather than|other people|grew up|unlike)\b"
)
_AMOUNT: Final = re.compile(
    r"(?P<sign>us\$|[$€£₹¥]|\b(?:usd|eur|gbp|inr|rs\.?|dollars?|euros?|pounds?|rupees?))?\s*"
    r"(?P<number>\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*(?P<unit>k\b|m\b|lakhs?\b|crores?\b|million\b)?"
    r"(?:\s*(?P<after>dollars?|euros?|pounds?|rupees?|usd|eur|gbp|inr)\b)?"
)
_UNITS: Final = {"k": 1e3, "m": 1e6, "million": 1e6, "lakh": 1e5, "lakhs": 1e5, "crore": 1e7, "crores": 1e7}
_CURRENCIES: Final = {
    "$": ("$", "us$", "usd", "dollar", "dollars"),
    "€": ("€", "eur", "euro", "euros"),
    "£": ("£", "gbp", "pound", "pounds"),
    "₹": ("₹", "inr", "rs", "rs.", "rupee", "rupees"),
    "¥": ("¥",),
}
_CURRENCY_OF: Final = {word: currency for currency, words in _CURRENCIES.items() for word in words}
_PERIODS: Final = (
    (re.compile(r"\b(?:(?:a|per|each|every)\s+month|monthly|pcm|p\.m\.)|/\s*mo(?:nth)?\b"), 12.0),
    (re.compile(r"\b(?:(?:a|per|each|every)\s+(?:week)|weekly)\b|/\s*w(?:ee)?k\b"), 52.0),
    (re.compile(r"\b(?:(?:a|per|each|every)\s+year|yearly|annual(?:ly)?|p\.a\.)|/\s*y(?:ea)?r\b"), 1.0),
)
_LEAST: Final = 100
_COUNTRIES: Final = {
    "us": ("united states", "united states of america", "usa", "us", "u.s.", "u.s.a.", "america"),
    "uk": ("united kingdom", "uk", "u.k.", "great britain", "britain", "england", "scotland", "wales"),
    "india": ("india", "bharat"),
    "germany": ("germany", "deutschland"),
    "france": ("france",),
    "canada": ("canada",),
    "australia": ("australia",),
}
_COUNTRY_OF: Final = {name: country for country, names in _COUNTRIES.items() for name in names}


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages a persona may have, both ends included, and the trait that says so."""

    low: int
    high: int
    trait: str


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts of a year; the currency is None where no sign names it."""

    low: float
    high: float
    currency: str | None


def text_of(profile: Profile, *traits: str) -> str:
    """Return traits as one text in lower case, a list's entries and the traits apart like sentences."""
    parts: list[str] = []
    for trait in traits:
        value = getattr(profile, trait)
        parts += value if isinstance(value, list) else [value] if value else []
    return ". ".join(parts).casefold().replace("’", "'")


def clauses(text: str) -> Iterator[str]:
    """Yield the parts of a text that state something on their own."""
    yield from (clause.strip() for clause in _CLAUSE.split(text) if clause and clause.strip())


def says(text: str, pattern: re.Pattern[str]) -> bool:
    """Tell whether a clause matches in which nothing is denied, wished for, or of another time."""
    return any(pattern.search(clause) and not _UNSAID.search(clause) for clause in clauses(text))


def ages_of(profile: Profile) -> Ages | None:
    """Return the persona's ages: the trait's, else those of an attribute that is an age band or a number."""
    if profile.age_range is not None:
        return Ages(profile.age_range.min, profile.age_range.max, "age_range")
    found = attribute_ages(profile)
    return Ages(found[1], found[2], f"attributes.{found[0]}") if found else None


def attribute_ages(profile: Profile) -> tuple[str, int, int] | None:
    """Return an attribute's name and ages; None where none names ages."""
    for name, value in profile.attributes.items():
        if plain_name(name) in AGE_NAMES and not isinstance(value, bool):
            limits = age_limits(str(int(value)) if isinstance(value, float) else str(value))
            if limits is not None:
                return name, *limits
    return None


def attribute(profile: Profile, *names: str) -> tuple[str, Any] | None:
    """Return the first attribute of one of these plain names, as (its name, its value)."""
    return next(((name, value) for name, value in profile.attributes.items() if plain_name(name) in names), None)


def yearly(text: str, *, months: bool = False, signed: bool = False) -> Money | None:
    """Return the one or two amounts of a text as money a year; None where there is none, or no telling which.

    Amounts are by the year unless the text says the month or week, or `months` says so. Where `signed`, a number
    without a currency is none.
    """
    plain = text.casefold()
    found = [
        match
        for match in _AMOUNT.finditer(plain)
        if match["sign"] or match["after"] or (not signed and _number(match) >= _LEAST)
    ]
    if not 1 <= len(found) <= 2:
        return None
    times = next((times for pattern, times in _PERIODS if pattern.search(plain)), 12.0 if months else 1.0)
    numbers = [_number(match) for match in found]
    if len(numbers) == 2 and found[0]["unit"] is None and found[1]["unit"] and numbers[0] < 1000:
        numbers[0] *= _UNITS[found[1]["unit"]]  # "20-25k"
    signs = {_CURRENCY_OF[sign] for match in found for sign in (match["sign"], match["after"]) if sign}
    if len(signs) > 1 or numbers[0] > numbers[-1]:
        return None
    return Money(numbers[0] * times, numbers[-1] * times, signs.pop() if signs else None)


def _number(match: re.Match[str]) -> float:
    return float(match["number"].replace(",", "")) * _UNITS.get(match["unit"] or "", 1.0)


def country_of(name: str | None) -> str | None:
    """Return the code of a country that rules know by name, else None."""
    return _COUNTRY_OF.get(" ".join((name or "").casefold().split()))

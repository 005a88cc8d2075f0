"""Which people a panel is made of: the cells of a population, and the balanced few that are drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.errors import FieldError, Invalid
from core.stats.bands import parse_band
from core.stats.cells import balanced_cells
from core.stats.nearest import AGE_NAMES, plain_name
from core.stats.sampling import derive_seed
from core.stats.targets import Cell, TargetsInvalid, cells_from_margins, parse_targets

Loc = tuple[str | int, ...]
ADULT: Final = 18
OLDEST: Final = 99
OLDEST_KNOWN: Final = 120
YOUNGEST: Final = 13
YOUNGEST_ASKED: Final = 5
MAX_ERRORS: Final = 50
AGE_BANDS: Final = ((YOUNGEST, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, OLDEST))
DEFAULT_VALUES: Final = {
    "gender": ("Female", "Male"),
    "geography": ("Urban", "Suburban", "Rural"),
    "income": ("Low", "Middle", "High"),
    "education": ("High school or less", "Some college", "College degree"),
}
DEFAULT_COUNTRY: Final = "united states"
# Schooling by its names in the country; elsewhere than in those listed, by names that are understood anywhere.
EDUCATION_IN: Final = {
    DEFAULT_COUNTRY: DEFAULT_VALUES["education"],
    "united kingdom": ("GCSEs or less", "A levels or further education", "University degree"),
}
EDUCATION_ELSEWHERE: Final = ("Secondary school or less", "Vocational or some higher education", "University degree")
_SPAN: Final = r"(\d{1,2})\s*(?:-|–|—|to|and|until)\s*(\d{1,2})"
_AGES: Final = (
    re.compile(rf"\bage[ds]?\s+(?:between\s+|from\s+|of\s+)?{_SPAN}\b", re.IGNORECASE),
    re.compile(rf"\b{_SPAN}[\s-]*(?:years?[\s-]*olds?|yrs)\b", re.IGNORECASE),
    re.compile(rf"\bbetween\s+{_SPAN}\s+years\b", re.IGNORECASE),
)
_BELOW: Final = re.compile(
    r"\s*(?:(?P<strictly>under|below|less than|younger than|<(?!=))|up to|<=|≤)\s*(?=\d)", re.IGNORECASE
)
_ABOVE: Final = re.compile(r"\s*(?:over|above|more than|older than|>(?!=))\s*(?=\d)", re.IGNORECASE)
_NEGATIVE: Final = re.compile(
    r"\s*(?:under|below|over|above|(?:less|more|younger|older) than|up to|at least|[<>=≤≥]+)?\s*[-−–—]\s*\d",
    re.IGNORECASE,
)
_REVERSED: Final = re.compile(r"\d+(?:\.\d+)?\s*(?:-|–|—|to)\s*\d+(?:\.\d+)?\s*(?:years|yrs)?", re.IGNORECASE)
_OLDER: Final = re.compile(r"\bage[ds]?\s+(\d{1,2})\s*(?:\+|(?:and|or)\s+(?:over|older|above|more))", re.IGNORECASE)


def checked_cells(targets: Mapping[str, Any], loc: Loc = ("body", "targets")) -> tuple[Cell, ...]:
    """Return the cells of a caller's targets; raises Invalid naming each wrong place below `loc`."""
    try:
        return parse_targets(targets, loc).cells
    except TargetsInvalid as invalid:
        raise Invalid([FieldError(error.loc, error.msg) for error in invalid.errors]) from invalid


def accepted_cells(targets: Mapping[str, Any], loc: Loc = ("body", "targets")) -> tuple[Cell, ...]:
    """Return the same, and refuse ages that nobody has; what was accepted once is not refused again by a job."""
    cells = checked_cells(targets, loc)
    errors = [FieldError(place, told) for place, value in _ages_in(targets, loc) if (told := age_problem(value))]
    if errors:
        raise Invalid(errors[:MAX_ERRORS])
    return cells


def _ages_in(targets: Mapping[str, Any], loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Yield each age that checked targets name, with its place."""
    for name, shares in (targets.get("margins") or {}).items():
        if plain_name(name) in AGE_NAMES:
            yield from (((*loc, "margins", name, value), value) for value in shares)
    for index, cell in enumerate(targets.get("cells") or ()):
        for name, value in cell["values"].items():
            if plain_name(name) in AGE_NAMES:
                yield (*loc, "cells", index, "values", name), value


def age_problem(value: str) -> str | None:
    """Say what is wrong with an age, None when nothing is: words such as "Boomer" are nobody's to judge."""
    if _NEGATIVE.match(value) or (parse_band(value) is None and _REVERSED.fullmatch(value.strip())):
        return "is no age; write it like 18-29, 65+ or under 18"
    if parse_band(value) is not None and age_limits(value) is None:
        return f"is no age; people are 0 to {OLDEST_KNOWN} years old"
    return None


def candidate_cells(
    targets: Mapping[str, Any] | None,
    brief: str,
    country: str | None = None,
    narrowed: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Cell, ...]:
    """Return the population's cells: those of the targets, else every default combination at equal shares.

    The default attributes are age band, gender, geography, income and education, the last as it is called in the
    country; the bands keep to an age range that the brief's text names ("aged 25 to 50"), else to adults. `narrowed`
    names the values of those attributes that the population is limited to. Raises Invalid for targets that cannot be
    used.
    """
    if targets is not None:
        return checked_cells(targets)
    low, high = age_range_in(brief) or (ADULT, OLDEST)
    values = {"age": age_bands(low, high), **DEFAULT_VALUES, "education": education_of(country), **(narrowed or {})}
    return cells_from_margins({name: dict.fromkeys(choices, 1 / len(choices)) for name, choices in values.items()})


def education_of(country: str | None) -> tuple[str, ...]:
    """Return the names of schooling in a country, least first."""
    return EDUCATION_IN.get((country or DEFAULT_COUNTRY).strip().lower(), EDUCATION_ELSEWHERE)


def plan_cells(cells: tuple[Cell, ...], count: int, seed: int) -> list[Cell]:
    """Return `count` cells (1–50) whose margins come close to the population's, the same for a seed."""
    return [cells[index] for index in balanced_cells(cells, count, derive_seed(seed, "persona cells"))]


def age_range_in(text: str) -> tuple[int, int] | None:
    """Return the first age range that a text names ("aged 25 to 50", "ages 18+"); None without one."""
    found: list[tuple[int, int, int]] = []
    for pattern in _AGES:
        for match in pattern.finditer(text):
            low, high = int(match[1]), int(match[2])
            if YOUNGEST_ASKED <= low <= high:
                found.append((match.start(), low, high))
    found += [
        (match.start(), int(match[1]), OLDEST) for match in _OLDER.finditer(text) if int(match[1]) >= YOUNGEST_ASKED
    ]
    return min(found)[1:] if found else None


def age_bands(low: int, high: int) -> tuple[str, ...]:
    """Return the usual age bands cut to a range of ages; one band when none of them overlaps it."""
    bands = [(max(low, first), min(high, last)) for first, last in AGE_BANDS if first <= high and last >= low]
    named = [f"{first}+" if last == OLDEST else f"{first}-{last}" for first, last in bands]
    return tuple(named) or (f"{low}-{high}",)


def age_limits(value: str) -> tuple[int, int] | None:
    """Return the whole years of an age band, both included; None when it names no ages of 0 to 120.

    "Under 18" ends at 17, "over 65" begins at 66. A band that is open above ends at 99, or at 120 where it begins
    later; one that is open below begins at 13 where it reaches so far.
    """
    band = parse_band(value)
    if band is None:
        return None
    low = math.floor(band.lo) + bool(_ABOVE.match(value))
    high = math.floor(min(band.hi, OLDEST if low <= OLDEST else OLDEST_KNOWN))
    if below := _BELOW.match(value):
        high = min(high, math.ceil(band.hi) - 1) if below["strictly"] else high
        low = YOUNGEST if high >= YOUNGEST else 0
    return (low, high) if low <= high else None

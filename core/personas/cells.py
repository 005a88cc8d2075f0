"""Which people a panel is made of: the cells of a population, and the balanced few that are drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from core.errors import FieldError, Invalid
from core.stats.bands import parse_band
from core.stats.cells import balanced_cells
from core.stats.sampling import derive_seed
from core.stats.targets import Cell, TargetsInvalid, cells_from_margins, parse_targets

Loc = tuple[str | int, ...]
ADULT: Final = 18
OLDEST: Final = 99
YOUNGEST_ASKED: Final = 5
AGE_BANDS: Final = ((13, 17), (18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, OLDEST))
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
_OLDER: Final = re.compile(r"\bage[ds]?\s+(\d{1,2})\s*(?:\+|(?:and|or)\s+(?:over|older|above|more))", re.IGNORECASE)


def checked_cells(targets: Mapping[str, Any], loc: Loc = ("body", "targets")) -> tuple[Cell, ...]:
    """Return the cells of a caller's targets; raises Invalid naming each wrong place below `loc`."""
    try:
        return parse_targets(targets, loc).cells
    except TargetsInvalid as invalid:
        raise Invalid([FieldError(error.loc, error.msg) for error in invalid.errors]) from invalid


def candidate_cells(targets: Mapping[str, Any] | None, brief: str, country: str | None = None) -> tuple[Cell, ...]:
    """Return the population's cells: those of the targets, else every default combination at equal shares.

    The default attributes are age band, gender, geography, income and education, the last as it is called in the
    country; the bands keep to an age range that the brief's text names ("aged 25 to 50"), else to adults. Raises
    Invalid for targets that cannot be used.
    """
    if targets is not None:
        return checked_cells(targets)
    low, high = age_range_in(brief) or (ADULT, OLDEST)
    education = EDUCATION_IN.get((country or DEFAULT_COUNTRY).strip().lower(), EDUCATION_ELSEWHERE)
    values = {"age": age_bands(low, high), **DEFAULT_VALUES, "education": education}
    return cells_from_margins({name: dict.fromkeys(choices, 1 / len(choices)) for name, choices in values.items()})


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
    """Return the whole years of an age band, an open one ending at 99; None when it names no ages."""
    band = parse_band(value)
    if band is None or band.lo > OLDEST:
        return None
    return int(band.lo), int(min(band.hi, OLDEST))

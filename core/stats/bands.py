"""Values that are ranges of numbers: "18-29", "65+", "$30k-50k"; and how many years lie between two ages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBER = r"[$€£]?\s*(\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*([km]?)"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}")
_LOW = re.compile(rf"(?:under|below|less than|up to|younger than|<=?|≤)\s*{_NUMBER}")
_HIGH = re.compile(rf"(?:over|above|more than|older than|at least|>=?|≥)\s*{_NUMBER}")
_PLUS = re.compile(rf"{_NUMBER}\s*(?:\+|(?:and|or)\s+(?:over|older|above|more))")
_SINGLE = re.compile(_NUMBER)
_UNIT = re.compile(r"\s*(?:years old|years|yrs|year|yo|usd|eur|gbp|%)$")
_OPEN_YEARS = 20.0
_ADULT = 18.0
_FACTORS = {"": 1.0, "k": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True)
class Band:
    """A range of numbers; `hi` is infinite for "65+", `lo` 0 for "under 30"."""

    lo: float
    hi: float

    @property
    def middle(self) -> float:
        """Return the midpoint; for an open band a quarter above its lower end."""
        return (self.lo + self.hi) / 2 if math.isfinite(self.hi) else self.lo * 1.25

    def contains(self, other: Band) -> bool:
        """Return whether the other band lies within this one."""
        return self.lo <= other.lo and other.hi <= self.hi


def parse_band(value: object) -> Band | None:
    """Return the band that a value stands for, None when it is no number.

    Understands numbers, {min, max}, "18-29", "18 to 29", "65+", "65 and over", "under 30", "<30", "over 65",
    "$30,000-$50,000", "30k-50k" and "25 years".
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Band(float(value), float(value)) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        lo, hi = value.get("min"), value.get("max")
        if isinstance(lo, int | float) and isinstance(hi, int | float) and lo <= hi:
            return Band(float(lo), float(hi))
        return None
    return _parse_text(value) if isinstance(value, str) else None


def years_apart(value: object, other: object) -> float | None:
    """Return the years between two ages or age bands: 0 where one lies within the other, else between midpoints.

    None where one of them is no number. An open band of the old ends after 20 years, one of the young begins at 18.
    """
    first, second = parse_band(value), parse_band(other)
    if first is None or second is None:
        return None
    if first.contains(second) or second.contains(first):
        return 0.0
    return abs(_usual_age(first) - _usual_age(second))


def _usual_age(band: Band) -> float:
    if math.isinf(band.hi):
        return band.lo + _OPEN_YEARS / 2
    return (_ADULT + band.hi) / 2 if band.lo == 0 and band.hi > _ADULT else band.middle


def _parse_text(text: str) -> Band | None:
    plain = _UNIT.sub("", text.strip().casefold())
    if match := _RANGE.fullmatch(plain):
        low_unit = match[2] or (match[4] if _number(match[1], "") < _number(match[3], "") else "")
        lo, hi = _number(match[1], low_unit), _number(match[3], match[4])
        return Band(lo, hi) if lo <= hi else None
    if match := _LOW.fullmatch(plain):
        return Band(0.0, _number(match[1], match[2]))
    if match := _HIGH.fullmatch(plain) or _PLUS.fullmatch(plain):
        return Band(_number(match[1], match[2]), math.inf)
    if match := _SINGLE.fullmatch(plain):
        return Band(_number(match[1], match[2]), _number(match[1], match[2]))
    return None


def _number(digits: str, unit: str) -> float:
    return float(digits.replace(",", "")) * _FACTORS[unit]

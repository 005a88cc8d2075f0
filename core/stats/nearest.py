"""Which persona a respondent's cell is nearest to, and the share of the population each stands for."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.stats.sampling import SeedPart, derive_seed, rng, shuffled
from core.stats.targets import Cell, values_key

_TIE = 1e-9
_NUMBER = r"[$€£]?\s*(\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*([km]?)"
_RANGE = re.compile(rf"{_NUMBER}\s*(?:-|–|—|to)\s*{_NUMBER}")
_LOW = re.compile(rf"(?:under|below|less than|up to|younger than|<=?|≤)\s*{_NUMBER}")
_HIGH = re.compile(rf"(?:over|above|more than|older than|at least|>=?|≥)\s*{_NUMBER}")
_PLUS = re.compile(rf"{_NUMBER}\s*(?:\+|(?:and|or)\s+(?:over|older|above|more))")
_SINGLE = re.compile(_NUMBER)
_UNIT = re.compile(r"\s*(?:years old|years|yrs|year|yo|usd|eur|gbp|%)$")
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


Ranges = Mapping[str, float]


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


def attribute_ranges(rows: Iterable[Mapping[str, object]]) -> dict[str, float]:
    """Return, per ordinal attribute, the distance between its lowest and highest midpoint (Gower's range).

    An attribute is ordinal when each of its values in the rows (cells and personas) is a number or band.
    Build it once from all cells and personas.
    """
    middles: defaultdict[str, list[float]] = defaultdict(list)
    nominal: set[str] = set()
    for row in rows:
        for name, value in row.items():
            band = parse_band(value)
            if band is not None:
                middles[name].append(band.middle)
            elif not _missing(value):
                nominal.add(name)
    return {name: max(values) - min(values) for name, values in sorted(middles.items()) if name not in nominal}


def distance(cell_values: Mapping[str, object], attributes: Mapping[str, object], ranges: Ranges) -> float:
    """Return the mean difference (0–1) over the cell's attributes between a cell and a persona.

    After J. C. Gower, Biometrics 27 (1971) 857-871. Nominal: 0 when equal ignoring case and outer blanks,
    else 1; a persona's list matches when it holds the value. Ordinal (in `ranges`): 0 when one band lies
    within the other, else the distance of midpoints over the range, at most 1. An attribute the persona
    lacks counts 1. A cell without attributes is 0.
    """
    if not cell_values:
        return 0.0
    parts = [_difference(value, attributes.get(name), ranges.get(name)) for name, value in sorted(cell_values.items())]
    return math.fsum(parts) / len(parts)


def nearest_all(
    cell_values: Mapping[str, object], personas: Sequence[Mapping[str, object]], ranges: Ranges | None = None
) -> list[int]:
    """Return the indices of all personas at the smallest distance. `ranges` default to those of these rows.

    Raises ValueError when there are no personas.
    """
    if not personas:
        raise ValueError("there are no personas to choose from")
    used = attribute_ranges([cell_values, *personas]) if ranges is None else ranges
    distances = [distance(cell_values, persona, used) for persona in personas]
    closest = min(distances)
    return [index for index, value in enumerate(distances) if value <= closest + _TIE]


def nearest(
    cell_values: Mapping[str, object],
    personas: Sequence[Mapping[str, object]],
    ranges: Ranges | None = None,
    tie_seed: SeedPart = 0,
) -> int:
    """Return the index of the nearest persona; a hash of `tie_seed` and index decides between equals.

    Put the respondent's number into `tie_seed` to spread respondents of one cell over equally near
    personas, or use `assign`, which spreads them evenly. Raises ValueError when there are no personas.
    """
    return min(nearest_all(cell_values, personas, ranges), key=lambda index: derive_seed("nearest", tie_seed, index))


def assign(
    drawn: Sequence[int], cells: Sequence[Cell], personas: Sequence[Mapping[str, object]], seed: SeedPart
) -> list[int]:
    """Return for each respondent (an index into `cells`, as drawn) the index of its persona.

    Each goes to the nearest; respondents of one cell take turns among equally near personas, in an order
    and from a start shuffled by the seed. Raises ValueError when there are no personas.
    """
    ranges = attribute_ranges([*(cell.values for cell in cells), *personas])
    turns: dict[int, list[int]] = {}
    counts: defaultdict[int, int] = defaultdict(int)
    result: list[int] = []
    for index in drawn:
        if index not in turns:
            tied = nearest_all(cells[index].values, personas, ranges)
            turns[index] = shuffled(tied, rng("assign", seed, values_key(cells[index].values)))
        result.append(turns[index][counts[index] % len(turns[index])])
        counts[index] += 1
    return result


def persona_weights(cells: Sequence[Cell], personas: Sequence[Mapping[str, object]]) -> list[float]:
    """Return the share of the population nearest to each persona, ties split equally; they sum to 1.

    Raises ValueError when there are no personas or no share is above 0.
    """
    total = math.fsum(cell.share for cell in cells)
    if total <= 0:
        raise ValueError("no cell has a share above 0")
    ranges = attribute_ranges([*(cell.values for cell in cells), *personas])
    parts: list[list[float]] = [[] for _ in personas]
    for cell in cells:
        tied = nearest_all(cell.values, personas, ranges)
        for index in tied:
            parts[index].append(cell.share / total / len(tied))
    return [math.fsum(shares) for shares in parts]


def _difference(value: object, other: object, extent: float | None) -> float:
    if _missing(other):
        return 0.0 if _missing(value) else 1.0
    if extent is not None:
        first, second = parse_band(value), parse_band(other)
        if first is not None and second is not None:
            if first.contains(second) or second.contains(first):
                return 0.0
            return min(1.0, abs(first.middle - second.middle) / extent) if extent > 0 else 1.0
    if isinstance(other, list | tuple | set | frozenset):
        return 0.0 if _text(value) in {_text(item) for item in other} else 1.0
    return 0.0 if _text(value) == _text(other) else 1.0


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and len(value) == 0)


def _text(value: object) -> str:
    return str(value).strip().casefold()


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

"""Which persona a respondent's cell is nearest to, and the share of the population each stands for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.stats.bands import parse_band, years_apart
from core.stats.sampling import SeedPart, derive_seed, rng, shuffled
from core.stats.targets import Cell, values_key

_TIE = 1e-9
AGE_NAMES: Final = frozenset({"age", "age_band", "age_group", "age_range", "age_bracket"})
GENDER_NAMES: Final = frozenset({"gender", "sex"})
YEARS_LIKE_ANOTHER: Final = 10.0
"""So many years between two people weigh as much as another attribute in which they differ."""
OTHER_AGE: Final = 2.0
"""What two ages weigh that differ but are no numbers."""
OTHER_GENDER: Final = 1.5
_GENDERS: Final = {
    word: name
    for name, words in {"female": ("f", "w", "woman", "women", "females"), "male": ("m", "man", "men", "males")}.items()
    for word in words
}

Ranges = Mapping[str, float]


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
    """Return the mean difference over the cell's attributes between a cell and a persona, 0 where they agree.

    After J. C. Gower, Biometrics 27 (1971) 857-871. Nominal: 0 when equal ignoring case and outer blanks,
    else 1; a persona's list matches when it holds the value. Ordinal (in `ranges`): 0 when one band lies
    within the other, else the distance of midpoints over the range, at most 1. An attribute the persona
    lacks counts 1. A cell without attributes is 0.

    A persona's story hangs on its age and gender more than on anything else, so these weigh more: ages count the
    square of the tens of years between them (5 years 0.25, 10 years 1, 20 years 4), another gender counts 1.5.
    """
    if not cell_values:
        return 0.0
    parts = [
        _difference(name, value, attributes.get(name), ranges.get(name)) for name, value in sorted(cell_values.items())
    ]
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


def plain_name(name: str) -> str:
    """Return an attribute's name in lower case with underscores."""
    return "_".join(name.strip().casefold().replace("-", " ").split())


def _difference(name: str, value: object, other: object, extent: float | None) -> float:
    if _missing(other):
        return 0.0 if _missing(value) else 1.0
    plain = plain_name(name)
    if plain in AGE_NAMES and (years := years_apart(value, other)) is not None:
        return (years / YEARS_LIKE_ANOTHER) ** 2
    if extent is not None:
        first, second = parse_band(value), parse_band(other)
        if first is not None and second is not None:
            if first.contains(second) or second.contains(first):
                return 0.0
            return min(1.0, abs(first.middle - second.middle) / extent) if extent > 0 else 1.0
    if plain in GENDER_NAMES:
        return 0.0 if same_gender(value, other) else OTHER_GENDER
    if _same(value, other):
        return 0.0
    return OTHER_AGE if plain in AGE_NAMES else 1.0


def same_gender(value: object, other: object) -> bool:
    """Return whether two genders are the same, in whichever of the usual words."""
    first, second = (_GENDERS.get(_text(one), _text(one)) for one in (value, other))
    return first == second or _same(value, other)


def _same(value: object, other: object) -> bool:
    if isinstance(other, list | tuple | set | frozenset):
        return _text(value) in {_text(item) for item in other}
    return _text(value) == _text(other)


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and len(value) == 0)


def _text(value: object) -> str:
    return str(value).strip().casefold()

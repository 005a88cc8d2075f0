"""A population as shares of cells: what a caller gives, checked in full, and its margins."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

MAX_CELLS = 5_000
MAX_ATTRIBUTES = 20
MAX_TEXT = 200
MAX_ERRORS = 50
SUM_TOLERANCE = 1e-6

Loc = tuple[str | int, ...]
Margins = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A combination of attribute values and its share of the population (0–1)."""

    values: Mapping[str, str]
    share: float


@dataclass(frozen=True, slots=True)
class Targets:
    """Checked targets: cells in canonical order with shares that sum to 1, and how they were given."""

    kind: Literal["cells", "margins"]
    attributes: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def margins(self) -> Margins:
        """Return the share of each value of each attribute."""
        return margins_of(self.cells)


@dataclass(frozen=True, slots=True)
class TargetError:
    """One thing wrong with targets: where, as a path into the input, and what, in words."""

    loc: Loc
    msg: str


class TargetsInvalid(ValueError):
    """The targets cannot be used; `errors` says where and why, at most 50 of them."""

    def __init__(self, errors: Sequence[TargetError]) -> None:
        self.errors = tuple(errors[:MAX_ERRORS])
        super().__init__("; ".join(f"{'.'.join(map(str, error.loc))}: {error.msg}" for error in self.errors))


def parse_targets(raw: object, loc: Loc = ()) -> Targets:
    """Return checked targets from `{cells: [{values, share}]}` or `{margins: {attribute: {value: share}}}`.

    Margins become cells by independence. Cells of share 0 are dropped, the rest scaled to sum to 1 exactly.
    `loc` is put before each error's path. Raises TargetsInvalid, never anything else, whatever `raw` is.
    """
    errors: list[TargetError] = []
    if not isinstance(raw, Mapping):
        raise TargetsInvalid([TargetError(loc, "must be an object with either cells or margins")])
    given = [name for name in ("cells", "margins") if raw.get(name) is not None]
    errors += [
        TargetError((*loc, str(name)), "unknown member; use cells or margins")
        for name in raw
        if name not in ("cells", "margins")
    ]
    if len(given) != 1:
        errors.append(TargetError(loc, "give either cells or margins, not both and not neither"))
    if errors:
        raise TargetsInvalid(errors)
    if given[0] == "cells":
        cells = _checked_cells(raw["cells"], (*loc, "cells"), errors)
    else:
        cells = cells_from_margins(_checked_margins(raw["margins"], (*loc, "margins"), errors))
    if errors:
        raise TargetsInvalid(errors)
    total = math.fsum(cell.share for cell in cells)
    kept = [Cell(cell.values, cell.share / total) for cell in cells if cell.share > 0]
    kind: Literal["cells", "margins"] = "cells" if given[0] == "cells" else "margins"
    return Targets(kind, tuple(sorted(kept[0].values)), tuple(sorted(kept, key=canonical_key)))


def cells_from_margins(margins: Mapping[str, Mapping[str, float]]) -> tuple[Cell, ...]:
    """Return every combination of values with the product of their shares (independence), in canonical order.

    No margins, no cells. Shares are taken as they are.
    """
    if not margins:
        return ()
    names = sorted(margins)
    columns = [sorted(margins[name].items()) for name in names]
    return tuple(
        Cell(
            dict(zip(names, (value for value, _ in row), strict=True)),
            math.prod(share for _, share in row),
        )
        for row in product(*columns)
    )


def margins_of(cells: Sequence[Cell]) -> Margins:
    """Return the share of each value of each attribute, both in sorted order; {} without cells."""
    parts: dict[str, dict[str, list[float]]] = {}
    for cell in cells:
        for name, value in cell.values.items():
            parts.setdefault(name, {}).setdefault(value, []).append(cell.share)
    return {
        name: {value: math.fsum(shares) for value, shares in sorted(values.items())}
        for name, values in sorted(parts.items())
    }


def canonical_key(cell: Cell) -> str:
    """Return a text that is equal exactly for cells with equal values and sorts them."""
    return values_key(cell.values)


def values_key(values: Mapping[str, str]) -> str:
    """Return attribute values as canonical JSON."""
    return json.dumps(sorted(values.items()), separators=(",", ":"), ensure_ascii=False)


def _checked_cells(raw: object, loc: Loc, errors: list[TargetError]) -> tuple[Cell, ...]:
    if not isinstance(raw, list | tuple) or not raw:
        errors.append(TargetError(loc, "must be a list of at least one cell"))
        return ()
    if len(raw) > MAX_CELLS:
        errors.append(TargetError(loc, f"{len(raw):,} cells are more than the {MAX_CELLS:,} allowed"))
        return ()
    cells: list[Cell] = []
    seen: dict[str, int] = {}
    names: set[str] | None = None
    for index, item in enumerate(raw):
        cell = _checked_cell(item, (*loc, index), errors)
        if cell is None:
            continue
        if names is None:
            names = set(cell.values)
        elif set(cell.values) != names:
            errors.append(TargetError((*loc, index, "values"), f"must name {_listed(names)} like the first cell"))
            continue
        first = seen.setdefault(canonical_key(cell), index)
        if first != index:
            errors.append(TargetError((*loc, index, "values"), f"is the same cell as number {first}"))
        cells.append(cell)
    if not errors:
        _check_sum([cell.share for cell in cells], loc, errors)
    return tuple(cells)


def _checked_cell(raw: object, loc: Loc, errors: list[TargetError]) -> Cell | None:
    if not isinstance(raw, Mapping) or set(raw) != {"values", "share"}:
        errors.append(TargetError(loc, "must be an object with values and share and nothing else"))
        return None
    before = len(errors)
    share = _checked_share(raw["share"], (*loc, "share"), errors)
    values = raw["values"]
    if not isinstance(values, Mapping) or not values:
        errors.append(TargetError((*loc, "values"), "must be an object of at least one attribute"))
        return None
    _check_attributes(list(values), (*loc, "values"), errors)
    for name, value in values.items():
        _check_text(value, (*loc, "values", str(name)), "a value", errors)
    return Cell(dict(values), share) if len(errors) == before else None


def _checked_margins(raw: object, loc: Loc, errors: list[TargetError]) -> Margins:
    if not isinstance(raw, Mapping) or not raw:
        errors.append(TargetError(loc, "must be an object of at least one attribute"))
        return {}
    _check_attributes(list(raw), loc, errors)
    before = len(errors)
    margins: Margins = {}
    for name, values in raw.items():
        place = (*loc, str(name))
        if not isinstance(values, Mapping) or not values:
            errors.append(TargetError(place, "must be an object of value: share with at least one value"))
            continue
        if len(values) > MAX_CELLS:
            errors.append(TargetError(place, f"has more than {MAX_CELLS:,} values"))
            continue
        for value in values:
            _check_text(value, (*place, str(value)), "a value", errors)
        shares = {value: _checked_share(share, (*place, str(value)), errors) for value, share in values.items()}
        if len(errors) == before:
            _check_sum(list(shares.values()), place, errors)
        before = len(errors)
        margins[name] = shares
    size = math.prod(sum(share > 0 for share in shares.values()) for shares in margins.values())
    if size > MAX_CELLS:
        errors.append(TargetError(loc, f"make {size:,} cells together, more than the {MAX_CELLS:,} allowed"))
    if errors:
        return {}
    return {name: {value: share for value, share in row.items() if share > 0} for name, row in margins.items()}


def _check_attributes(names: list[object], loc: Loc, errors: list[TargetError]) -> None:
    if len(names) > MAX_ATTRIBUTES:
        errors.append(TargetError(loc, f"{len(names)} attributes are more than the {MAX_ATTRIBUTES} allowed"))
    for name in names:
        _check_text(name, (*loc, str(name)), "an attribute name", errors)


def _check_text(value: object, loc: Loc, what: str, errors: list[TargetError]) -> None:
    usable = isinstance(value, str) and value.strip() and len(value) <= MAX_TEXT and "\x00" not in value
    if not usable or any("\ud800" <= letter <= "\udfff" for letter in str(value)):
        errors.append(TargetError(loc, f"{what} must be a text of 1 to {MAX_TEXT} characters"))


def _checked_share(raw: object, loc: Loc, errors: list[TargetError]) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= 1 + SUM_TOLERANCE:
        errors.append(TargetError(loc, "a share must be a number from 0 to 1"))
        return 0.0
    return float(raw)


def _check_sum(shares: Sequence[float], loc: Loc, errors: list[TargetError]) -> None:
    total = math.fsum(shares)
    if abs(total - 1) > SUM_TOLERANCE * (1 + 1e-6):
        errors.append(TargetError(loc, f"shares must sum to 1, they sum to {total:.6g}"))


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))

"""Personas as files: JSON and CSV, written so that a file read again makes the same personas.

CSV has a column per trait; lists are joined by "; ", attributes are columns a:<name>, ages age_min and age_max, scores
ocean_<name>. Cells that a spreadsheet would run begin with an apostrophe, which is taken off again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from core.errors import FieldError, Invalid
from core.personas.schemas import PersonaCreate, PersonaRead
from core.personas.traits import Ocean, Profile

MAX_PERSONAS: Final = 500
MAX_ERRORS: Final = 50
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
LISTS: Final = ("values", "personality", "interests", "motivations", "hobbies")
OCEANS: Final = tuple(f"ocean_{name}" for name in Ocean.model_fields)
NESTED: Final = ("age_range", "attributes", "ocean")
SCALARS: Final = tuple(name for name in Profile.model_fields if name not in (*NESTED, *LISTS, "name"))
COLUMNS: Final = ("name", "age_min", "age_max", *SCALARS, *LISTS, *OCEANS, "population_weight")
TOLD: Final = ("id", "version", "origin")
"""Members of an export that an import does not take: a persona that is read in is a new one, made by hand."""
READ_ONLY: Final = frozenset(PersonaRead.model_fields) - frozenset(PersonaCreate.model_fields)
WHOLE: Final = ("age_min", "age_max", "family_size")
ATTRIBUTE: Final = "a:"


def as_json(found: Sequence[PersonaRead]) -> str:
    """Return personas as a JSON document."""
    wanted = {*PersonaCreate.model_fields, *TOLD}
    rows = [one.model_dump(mode="json", include=wanted) for one in found]
    return json.dumps({"personas": rows}, ensure_ascii=False, indent=1)


def as_csv(found: Sequence[PersonaRead]) -> str:
    """Return personas as CSV, a row each."""
    names = sorted({name for one in found for name in one.attributes})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*TOLD, *COLUMNS, *(_safe(f"{ATTRIBUTE}{name}") for name in names)])
    for one in found:
        cells = [_safe(_flat(one, column)) for column in (*TOLD, *COLUMNS)]
        cells += [_safe(_attribute(one.attributes[name])) if name in one.attributes else "" for name in names]
        writer.writerow(cells)
    return out.getvalue()


def from_json(text: bytes) -> list[PersonaCreate]:
    """Return the personas of a JSON document: {"personas": [...]} or the list alone.

    Raises Invalid naming the persona's index and its field for whatever does not fit.
    """
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Invalid([FieldError(("body",), "is no JSON in UTF-8")]) from None
    rows = document.get("personas") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid([FieldError(("body", "personas"), "must be a list of objects")])
    rows = [{name: value for name, value in row.items() if name not in READ_ONLY} for row in rows]
    return _checked([(("body", "personas", index), row, {}) for index, row in enumerate(rows)])


def from_csv(text: bytes) -> list[PersonaCreate]:
    """Return the personas of a CSV file with a header; its rows are counted as in a spreadsheet, the header is row 1.

    Raises Invalid naming row and column for whatever does not fit.
    """
    try:
        decoded = text.decode("utf-8-sig")
        first = decoded.partition("\n")[0]
        rows = list(csv.reader(io.StringIO(decoded), delimiter=";" if first.count(";") > first.count(",") else ","))
    except (UnicodeDecodeError, csv.Error):
        raise Invalid([FieldError(("body",), "is no CSV in UTF-8")]) from None
    if not rows:
        raise Invalid([FieldError(("body", "rows"), "has no header")])
    header = [_plain(cell.strip()) for cell in rows[0]]
    _check_header(header)
    errors: list[FieldError] = []
    parsed = [
        ((loc := ("body", "rows", number)), *_traits(header, row, loc, errors))
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    ]
    return _checked(parsed, errors)


def _check_header(header: Sequence[str]) -> None:
    known = (*COLUMNS, *TOLD)
    wrong = [
        FieldError(("body", "header", name), "is no column of personas; attributes are called a:<name>")
        for name in header
        if name not in known and not (name.startswith(ATTRIBUTE) and name.removeprefix(ATTRIBUTE).strip())
    ]
    wrong += [FieldError(("body", "header", name), "is there twice") for name in set(header) if header.count(name) > 1]
    if "name" not in header:
        wrong.append(FieldError(("body", "header", "name"), "is missing"))
    if wrong:
        raise Invalid(wrong[:MAX_ERRORS])


Parsed = tuple[tuple[str | int, ...], dict[str, Any], Mapping[str, str]]


def _traits(
    header: Sequence[str], row: Sequence[str], loc: tuple[str | int, ...], errors: list[FieldError]
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """Return a row's traits, and the columns that they are called by."""
    if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
        errors.append(FieldError(loc, "has more cells than the header"))
    cells = {name: _plain(cell.strip()) for name, cell in zip(header, row, strict=False) if cell.strip()}
    traits: dict[str, Any] = {}
    for name, cell in cells.items():
        if name in (*WHOLE, *OCEANS, "population_weight"):
            number = _number(cell, whole=name in WHOLE)
            if number is None:
                errors.append(FieldError((*loc, name), f"must be a {'whole ' if name in WHOLE else ''}number"))
            traits[name] = number or 0
        elif name in LISTS:
            traits[name] = _entries(cell)
        elif name.startswith(ATTRIBUTE):
            traits.setdefault("attributes", {})[name.removeprefix(ATTRIBUTE).strip()] = _value(cell)
        elif name not in TOLD:
            traits[name] = cell
    ages = {end: traits.pop(f"age_{end}") for end in ("min", "max") if f"age_{end}" in traits}
    scores = {name: traits.pop(f"ocean_{name}") for name in Ocean.model_fields if f"ocean_{name}" in traits}
    nested = {"age_range": ages, "ocean": scores}
    return traits | {name: value for name, value in nested.items() if value}, {"age_range": "age_", "ocean": "ocean_"}


def _checked(parsed: Sequence[Parsed], errors: Sequence[FieldError] = ()) -> list[PersonaCreate]:
    """Return all rows as personas, or raise Invalid for the whole file."""
    found = list(errors)
    made: list[PersonaCreate] = []
    if not parsed:
        found.append(FieldError(("body", "personas"), "has no persona"))
    if len(parsed) > MAX_PERSONAS:
        raise Invalid([FieldError(("body", "personas"), f"has more than {MAX_PERSONAS} personas")])
    named = {one.loc for one in found}
    for loc, traits, columns in parsed:
        try:
            made.append(PersonaCreate.model_validate(traits))
        except ValidationError as error:
            told = [FieldError(_loc(loc, one["loc"], columns), one["msg"]) for one in error.errors()]
            found += [one for one in told if one.loc not in named]
    if found:
        raise Invalid(found[:MAX_ERRORS])
    return made


def _loc(loc: tuple[str | int, ...], inner: tuple[str | int, ...], columns: Mapping[str, str]) -> tuple[str | int, ...]:
    if not columns or not inner:
        return (*loc, *inner)
    first = str(inner[0])
    if first in columns:
        return (*loc, f"{columns[first]}{inner[1]}" if len(inner) > 1 else f"{columns[first]}min")
    return (*loc, f"{ATTRIBUTE}{inner[1]}") if first == "attributes" and len(inner) > 1 else (*loc, first)


def _flat(one: PersonaRead, column: str) -> str:
    """Return a trait as the text of a cell, before it is made safe."""
    if column.startswith("age_"):
        return "" if one.age_range is None else str(getattr(one.age_range, column.removeprefix("age_")))
    if column in OCEANS:
        return "" if one.ocean is None else f"{getattr(one.ocean, column.removeprefix('ocean_')):g}"
    value = getattr(one, column)
    if isinstance(value, list):
        split = any(";" in entry or entry.startswith("[") for entry in value)
        return json.dumps(value, ensure_ascii=False) if split else "; ".join(value)
    return "" if value is None else repr(value) if isinstance(value, float) else str(value)


def _attribute(value: Any) -> str:
    """Return an attribute's value; a text that reads like a number or a truth value is quoted."""
    if isinstance(value, str):
        return value if _value(value) == value else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _value(cell: str) -> Any:
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return cell
    return value if isinstance(value, str | bool | int | float) else cell


def _entries(cell: str) -> list[Any]:
    if cell.startswith("["):
        try:
            value = json.loads(cell)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, list):
            return value
    return [entry.strip() for entry in cell.split(";") if entry.strip()]


def _number(cell: str, *, whole: bool) -> float | int | None:
    try:
        return int(cell) if whole else float(cell)
    except ValueError:
        return None


def _safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) or _is_quoted(cell) else cell


def _plain(cell: str) -> str:
    return cell[1:] if _is_quoted(cell) else cell


def _is_quoted(cell: str) -> bool:
    stripped = cell.lstrip("'")
    return cell.startswith("'") and stripped.startswith(FORMULA_STARTS)

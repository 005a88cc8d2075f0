"""Questionnaires in tables: a row for each question, or for each option, below a row that names the columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.questionnaires.content import QUESTION_TYPES
from core.questionnaires.uploads import kinds
from core.questionnaires.uploads.drafts import Draft, DraftQuestion, Row

HEADER_WITHIN: Final = 20
NPS_POINTS: Final = 11
_COLUMNS: Final[Mapping[str, str]] = {
    name: column
    for column, names in {
        "section": "section, block, page, part, group, section title",
        "key": "key, id, variable, variable name, name, question id, question key, qid",
        "type": "type, question type, kind, format, answer type, response type",
        "text": "text, question, question text, wording, item, question wording, title, label, prompt",
        "options": "options, answers, choices, responses, option, answer, choice, answer options, response options",
        "scale": "scale, range, scale range",
        "rows": "rows, items, statements, row",
        "required": "required, mandatory",
        "randomise": "randomise, randomize, random, shuffle",
        "show_if": "show_if, show if, condition, logic, display logic, routing",
        "component": "component",
        "hypothesis": "hypothesis",
        "theme": "theme",
    }.items()
    for name in names.split(", ")
}
_NUMBERING: Final = frozenset({"no", "no.", "number", "nr", "nr.", "#", "order", "position", "q", "q#"})
_ONE_OPTION: Final = re.compile(r"(?:option|answer|choice|response|opt|ans)?[ _.#-]*(\d{1,3}|[a-z])")
_TRUE, _FALSE = (
    frozenset(("yes", "y", "true", "1", "x", "required", "ja", "oui")),
    frozenset(("no", "n", "false", "0", "optional", "-", "nein", "non")),
)
KEPT_COLUMNS: Final = ("section", "key", "type", "text", "options", "scale", "rows", "required", "randomise", "show_if")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column stands; `single` are columns that hold one option each."""

    at: Mapping[str, int]
    single: Sequence[int]


def read_table(rows: Sequence[Row]) -> Draft:
    """Return the questionnaire of a table; what cannot be read are problems of the draft."""
    draft = Draft()
    start = _header(rows)
    if start is None:
        place = _place(rows[0]) if rows else "whole file"
        draft.problem(place, f"no column holds the questions; name the columns: {', '.join(KEPT_COLUMNS)}")
        return draft
    header = rows[start]
    columns = _columns(header.cells)
    _tell_unknown(draft, header, columns)
    if start:
        draft.note(_place(rows[0]), "rows above the names of the columns are passed over")
    reader = _Reader(draft, columns)
    for row in rows[start + 1 :]:
        if row.sheet != header.sheet:
            draft.note(row.sheet, "only one sheet is read; this one is passed over")
            break
        reader.read(row)
    reader.end()
    return draft


def names_questions(rows: Sequence[Row]) -> bool:
    """Tell whether a row near the top names a column of questions."""
    return _header(rows) is not None


def _header(rows: Sequence[Row]) -> int | None:
    """Return the first row that names the column of questions and another, or else that column only."""
    named = [(at, _columns(row.cells)) for at, row in enumerate(rows[:HEADER_WITHIN])]
    several = (at for at, one in named if "text" in one.at and len(one.at) + len(one.single) > 1)
    alone = (at for at, one in named if "text" in one.at)
    return next(several, next(alone, None))


@dataclass(slots=True)
class _Reader:
    """Reads row by row; a row without a question's text adds options to the question above."""

    draft: Draft
    columns: Columns
    section: str = "Questions"
    open: tuple[Row, list[tuple[str, str]]] | None = None

    def read(self, row: Row) -> None:
        if not any(cell.strip() for cell in row.cells):
            return
        options = self.options(row)
        if self.cell(row, "text"):
            self.end()
            self.open = (row, options)
        elif options and self.open is not None:
            self.open[1].extend(options)
        elif (section := self.cell(row, "section")) or (section := self.alone(row)):
            self.end()
            self.section = section
        else:
            self.draft.problem(_place(row, self.columns, "text"), "has no text of a question")

    def alone(self, row: Row) -> str:
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        return filled[0] if len(filled) == 1 and not options_in(filled[0])[1:] and row.cells[0].strip() else ""

    def options(self, row: Row) -> list[tuple[str, str]]:
        """Return options with their places."""
        found = [(_place(row, self.columns, "options"), one) for one in options_in(self.cell(row, "options"))]
        single = [(at, row.cells[at].strip()) for at in self.columns.single if at < len(row.cells)]
        return found + [(_place_at(row, at), text) for at, text in single if text]

    def cell(self, row: Row, column: str) -> str:
        at = self.columns.at.get(column)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def end(self) -> None:
        """Put the open question into the draft."""
        if self.open is None:
            return
        row, options = self.open
        self.open = None
        self.section = self.cell(row, "section") or self.section
        body: dict[str, Any] = {"text": self.cell(row, "text")}
        for name in ("key", "show_if"):
            if given := self.cell(row, name):
                body[name] = given
        body |= {name: flag for name in ("required", "randomise") if (flag := self.flag(row, name)) is not None}
        if serves := {name: given for name in ("component", "hypothesis", "theme") if (given := self.cell(row, name))}:
            body["serves"] = serves
        self.type(row, body, options)
        if rows := options_in(self.cell(row, "rows")):
            body["rows"] = [kinds.option(one) for one in rows]
        question = DraftQuestion(_place(row), body, [place for place, _ in options])
        self.draft.section(self.section[:200]).questions.append(question)

    def flag(self, row: Row, column: str) -> bool | None:
        given = self.cell(row, column).lower()
        if given and given not in _TRUE | _FALSE:
            self.draft.problem(_place(row, self.columns, column), f"“{given[:60]}” is neither yes nor no")
        return given in _TRUE if given else None

    def type(self, row: Row, body: dict[str, Any], options: Sequence[tuple[str, str]]) -> None:
        given, labels = self.cell(row, "type"), [kinds.option(text) for _, text in options]
        said = self.cell(row, "scale")
        scale = kinds.scale(said) if said else None
        if said and scale is None:
            self.draft.problem(_place(row, self.columns, "scale"), f"“{said[:60]}” is no scale; write it like 1-5")
        kind = kinds.named(given) if given else None
        if given and kind is None:
            message = f"“{given[:60]}” is no type that is known; there are {', '.join(QUESTION_TYPES)}"
            self.draft.problem(_place(row, self.columns, "type"), message)
        if given and kinds.is_ambiguous(given):
            self.draft.note(_place(row, self.columns, "type"), "“multiple choice” is read as several answers allowed")
        if kind is None:
            bounds = (scale["min"], scale["max"]) if scale else None
            kind, why = kinds.guess(body["text"], [one["label"] for one in labels], bounds)
            if not given:
                self.draft.note(_place(row), f"read as {kind}: {why}")
        settle(self.draft, _place(row), body, kind, labels, scale)


def settle(
    draft: Draft,
    place: str,
    body: dict[str, Any],
    kind: str,
    options: list[dict[str, Any]],
    scale: dict[str, Any] | None,
) -> None:
    """Give a question its type, options and scale, and tell what the file left open."""
    body["type"] = kind
    if kind not in QUESTION_TYPES:
        draft.problem(place, f"a {kind} question cannot be read here; there are {', '.join(QUESTION_TYPES)}")
        body["type"] = "open_ended"
        return
    if kind == "likert" and not options and scale is None:
        scale = {"min": 1, "max": 5}
        draft.note(place, "no scale is given; read as 1 to 5")
    if kind == "nps":
        scale = {"labels": scale["labels"]} if scale and "labels" in scale else None
        ends = [one["label"] for one in options if not one["label"].isdigit()]
        if len(options) - len(ends) in (0, NPS_POINTS) and len(ends) in (0, 2):
            scale = {"labels": ends} if ends else scale
            options = []
    if kind == "multiple_choice":
        for one in options:
            if "exclusive" not in one and kinds.excludes(one["label"]):
                one["exclusive"] = True
                draft.note(place, f"“{one['label'][:60]}” is read as excluding the others")
    if options:
        body["options"] = options
    if scale is not None:
        body["scale"] = scale


def options_in(cell: str) -> list[str]:
    """Return the options of a cell: one to a line, or parted by ; or | or, where there is none of these, by commas."""
    for mark in ("\n", ";", "|"):
        if mark in cell:
            return [one.strip() for one in cell.split(mark) if one.strip()]
    parts = [one.strip() for one in cell.split(",") if one.strip()]
    return parts if len(parts) > 1 and all(len(one) <= 40 for one in parts) else [cell.strip()] if cell.strip() else []


def _columns(cells: Sequence[str]) -> Columns:
    at: dict[str, int] = {}
    single: list[int] = []
    for place, cell in enumerate(cells):
        name = " ".join(cell.lower().replace("_", " ").strip(" :*").split())
        column = _COLUMNS.get(name)
        if column is not None and column not in at:
            at[column] = place
        elif name in _NUMBERING:
            continue
        elif _ONE_OPTION.fullmatch(name) or column == "options":
            single.append(place)
    return Columns(at, single)


def _tell_unknown(draft: Draft, header: Row, columns: Columns) -> None:
    known = {*columns.at.values(), *columns.single}
    for at, cell in enumerate(header.cells):
        if cell.strip() and at not in known and cell.strip().lower() not in _NUMBERING:
            draft.note(_place_at(header, at), f"the column “{cell.strip()[:60]}” is not known and passed over")


def _place(row: Row, columns: Columns | None = None, column: str = "") -> str:
    at = columns.at.get(column) if columns is not None else None
    if at is not None:
        return _place_at(row, at)
    return f"{row.sheet}!{row.number}" if row.sheet else f"row {row.number}"


def _place_at(row: Row, at: int) -> str:
    letters, left = "", at + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{row.sheet}!{letters}{row.number}" if row.sheet else f"row {row.number}, column {at + 1}"

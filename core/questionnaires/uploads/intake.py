"""From the bytes of a file to the questionnaire they hold, or to everything in them that cannot be read."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from core.bounded import running
from core.bounded.running import Bounds, ProcessFailed, ProcessTimeout, TooMuchOutput
from core.errors import FieldError, Invalid, TooLarge
from core.evidence.extract.reading import Unreadable, decoded
from core.evidence.files import recognise, safe_name
from core.questionnaires.building import build_content
from core.questionnaires.schemas import QuestionnaireCreate
from core.questionnaires.uploads.drafts import FILE, MOST_PROBLEMS, Draft, Kind, Line, Note, Row
from core.questionnaires.uploads.prose import lines_of, read_prose
from core.questionnaires.uploads.table import names_questions, read_table

ROOT: Final = Path(__file__).resolve().parents[3]
MODULE: Final = "core.questionnaires.uploads"
BOUNDS: Final = Bounds(timeout_s=20.0, cpu_s=15, memory_mb=512, max_bytes=16 * 1024 * 1024)
LARGEST_FILE: Final = 5_000_000
MOST_ROWS: Final = 20_000
LONGEST_TITLE: Final = 200
ENDS: Final = {
    "docx": "docx",
    "xlsx": "xlsx",
    "csv": "csv",
    "tsv": "csv",
    "json": "json",
    "txt": "txt",
    "text": "txt",
    "md": "txt",
}
AT_ONCE: Final = 2
_places: Final = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A questionnaire as it would be sent, and what was guessed in reading it."""

    body: QuestionnaireCreate
    notes: Sequence[Note]


class _Reply(BaseModel):
    """What the bounded process writes."""

    lines: list[tuple[str, str, Kind, int]] = []
    rows: list[tuple[int, list[str], str]] | None = None
    formulas: list[tuple[str, bool]] = []
    failed: str | None = None


async def read(name: str, data: bytes, *, title: str | None = None, language: str | None = None) -> Taken:
    """Return the questionnaire of a file; `title` and `language` come before what the file says.

    Raises Invalid naming everything that cannot be read by its place in the file, TooLarge. No session may be held.
    """
    if len(data) > LARGEST_FILE:
        raise TooLarge(f"The file is larger than {LARGEST_FILE:,} bytes.")
    safe = safe_name(name)
    stem, dot, end = safe.rpartition(".")
    kind = ENDS.get(end.lower()) if dot and stem else None
    if kind is None:
        raise _wrong(f"has no end that is known; there are {', '.join(f'.{one}' for one in ENDS)}")
    recognise(f"{stem}.txt" if kind == "json" else safe, data)
    if kind == "json":
        return await asyncio.to_thread(_json, data, title, language)
    draft = await _office(kind, data) if kind in ("docx", "xlsx") else await asyncio.to_thread(_text, kind, data)
    named = (title or draft.title or stem.replace("_", " ")).strip()[:LONGEST_TITLE]
    body = await asyncio.to_thread(draft.built, named, language or "en")
    return Taken(body, draft.notes)


def _json(data: bytes, title: str | None, language: str | None) -> Taken:
    text = _decoded(data)
    try:
        made = QuestionnaireCreate.model_validate_json(text)
        build_content(made.sections, made.splits, loc=(*FILE, "sections"))
    except ValidationError as error:
        found = error.errors(include_url=False)[:MOST_PROBLEMS]
        raise Invalid([FieldError((*FILE, *one["loc"]), one["msg"]) for one in found]) from None
    said = {"title": title, "language": language}
    return Taken(made.model_copy(update={name: value for name, value in said.items() if value}), ())


def _text(kind: str, data: bytes) -> Draft:
    text = _decoded(data)
    if kind == "txt":
        return read_prose(list(lines_of(text)))
    rows: list[Row] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            rows.append(Row(len(rows) + 1, cells))
            if len(rows) > MOST_ROWS:
                raise _wrong(f"has more than {MOST_ROWS:,} rows")
    except csv.Error as error:
        raise Invalid([FieldError((*FILE, f"row {len(rows) + 1}"), f"cannot be read: {error}")]) from None
    return read_table(rows)


def _delimiter(text: str) -> str:
    """Return the delimiter that parts the first row into the most columns."""

    def columns(mark: str) -> tuple[bool, int]:
        first = next(csv.reader(io.StringIO(text[:16384], newline=""), delimiter=mark), [])
        return len(first) > 1, len(first)

    try:
        return max(",;\t|", key=columns)
    except csv.Error:
        return ","


async def _office(kind: str, data: bytes) -> Draft:
    request = json.dumps({"kind": kind}).encode() + b"\n" + data
    async with _places:
        try:
            made = await running.run(MODULE, request, BOUNDS, root=ROOT, environment={})
        except (ProcessTimeout, TooMuchOutput):
            raise _wrong("takes too long to read, or has too much in it") from None
        except ProcessFailed:
            raise _wrong("cannot be read: it is broken, too large, or not what its name says") from None
    return await asyncio.to_thread(_draft, made)


def _draft(made: bytes) -> Draft:
    try:
        reply = _Reply.model_validate_json(made)
    except ValidationError:
        raise _wrong("cannot be read") from None
    if reply.failed is not None:
        raise _wrong(f"cannot be read: {reply.failed}")
    if reply.rows is None:
        return read_prose([Line(place, text, kind, indent=indent) for place, text, kind, indent in reply.lines])
    draft = read_table(_from_questions([Row(number, cells, sheet) for number, cells, sheet in reply.rows]))
    for place, stored in reply.formulas:
        if stored:
            draft.note(place, "is a formula; the value stored with it is read")
        else:
            draft.problem(place, "is a formula without a stored value; put the text itself there")
    return draft


def _from_questions(rows: list[Row]) -> list[Row]:
    """Return rows beginning with the first sheet that has a column of questions."""
    for sheet in dict.fromkeys(row.sheet for row in rows):
        own = [row for row in rows if row.sheet == sheet]
        if names_questions(own):
            return own + [row for row in rows if row.sheet != sheet]
    return rows


def _decoded(data: bytes) -> str:
    try:
        return decoded(data).lstrip("\ufeff")
    except Unreadable as error:
        raise _wrong(f"cannot be read: {error}") from None


def _wrong(message: str) -> Invalid:
    return Invalid([FieldError(FILE, message)])

"""Writes responses as CSV or JSON lines; pure, row by row, the same bytes for the same dataset."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from core.questionnaires.content import Question
from core.surveys.responses import ExportFormat, ResponseRead

# Line ends of Unicode, which JSON lets stand in texts and line readers break at.
_LINE_ENDS: Final = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
SET_PARTS: Final = ("items", "best", "worst")
# A spreadsheet would run a cell that starts with one of these as a formula.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
MEDIA_TYPES: Final[dict[ExportFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "csv-long": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "sav": "application/x-spss-sav",
}
SUFFIXES: Final[dict[ExportFormat, str]] = {"csv-long": "long.csv"}
"""How the name of a file ends where it is not its format."""


def csv_columns(questions: Iterable[Question]) -> list[str]:
    """Return the columns of questions: a key each, of a matrix `<key>:<row>`.

    Of a max_diff `<key>:<set>:items`, `…:best` and `…:worst`.
    """
    return [name for question in questions for name in _columns(question)]


def _columns(question: Question) -> list[str]:
    if question.sets is not None:
        return [f"{question.key}:{at}:{part}" for at in range(1, question.sets.count + 1) for part in SET_PARTS]
    return [f"{question.key}:{row.code}" for row in question.rows] or [question.key]


def csv_header(attributes: Sequence[str], keys: Sequence[str], splits: Sequence[str] = ()) -> str:
    """Return the header line of the wide format: one row per respondent, one column per question."""
    names = ["respondent_number", "persona", "persona_version", "weight", "model", "demonstration"]
    return csv_line([*names, *(f"a:{name}" for name in attributes), *(f"arm:{key}" for key in splits), *keys])


def csv_rows(
    responses: Iterable[ResponseRead],
    attributes: Sequence[str],
    keys: Sequence[str],
    names: Mapping[Any, str],
    splits: Sequence[str] = (),
    *,
    model: str,
    demonstration: bool,
) -> Iterator[str]:
    """Yield a line per respondent; answers are codes, several codes joined by ';', missing ones empty."""
    for response in responses:
        given = [
            names.get(response.persona_id, ""),
            response.persona_version,
            response.weight,
            model,
            str(demonstration).lower(),
        ]
        own = [response.attributes.get(name, "") for name in attributes]
        own += [response.arms.get(key, "") for key in splits]
        answers = [_cell(_part(response, key)) for key in keys]
        yield csv_line([response.respondent_number, *given, *own, *answers])


def jsonl_rows(responses: Iterable[ResponseRead], *, model: str, demonstration: bool) -> Iterator[str]:
    """Yield a JSON object per respondent, in the shape of responses, on what any reader takes for one line."""
    for response in responses:
        row = {**response.model_dump(mode="json"), "model": model, "demonstration": demonstration}
        line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        yield line.translate(_LINE_ENDS) + "\n"


def safe(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def _part(response: ResponseRead, name: str) -> Any:
    """Return what stands in a column: an answer's value, or a part of it."""
    key, _, part = name.partition(":")
    value = response.answers[key].value if key in response.answers else None
    if not part or value is None:
        return value
    if isinstance(value, Mapping):
        return value.get(part)
    number, _, member = part.partition(":")
    return next((one[member] for one in value if one["set"] == int(number)), None)


def _cell(value: Any) -> Any:
    return ";".join(str(code) for code in value) if isinstance(value, list) else "" if value is None else value


def csv_line(cells: Sequence[Any]) -> str:
    """Return one line; no cell of it is a formula."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return buffer.getvalue()

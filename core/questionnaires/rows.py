"""What matrices and rankings have besides options: rows, and how many options are ranked. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from core.db.text import look_of
from core.questionnaires.content import Row
from core.questionnaires.schemas import QuestionInput

Report = Callable[[tuple[str | int, ...], str], None]
MOST_CELLS: Final = 500
"""Rows times points of a matrix: one reply must be able to hold an answer to each row."""


def rows_of(question: QuestionInput, report: Report) -> tuple[Row, ...]:
    """Return the rows of a matrix, those without a code numbered from 1; what is wrong is reported with its place."""
    if question.type != "matrix":
        if question.rows:
            report(("rows",), f"a {question.type} question has no rows")
        return ()
    if not question.rows:
        report(("rows",), "a matrix question needs at least one row")
    points = len(question.options) or 1
    if len(question.rows) * points > MOST_CELLS:
        report(("rows",), f"{len(question.rows)} rows of {points} points are more than {MOST_CELLS} cells")
    rows = tuple(
        Row(code=row.code or str(number), label=row.label, pinned=row.pinned)
        for number, row in enumerate(question.rows, start=1)
    )
    _no_two_alike([row.code for row in rows], "code", report)
    _no_two_alike([look_of(row.label) for row in rows], "label", report)
    return rows


def check_ranks(question: QuestionInput, report: Report) -> None:
    """Report how many options are ranked where it cannot be."""
    if question.rank_top is None:
        return
    if question.type != "ranking":
        report(("rank_top",), f"a {question.type} question has no ranks")
    elif question.rank_top > len(question.options):
        report(("rank_top",), f"is more than the {len(question.options)} options")


def _no_two_alike(values: list[str], field: str, report: Report) -> None:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(value, index)
        if first != index:
            report(("rows", index, field), f"is the {field} of row {first} already")

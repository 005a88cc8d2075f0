"""Writes responses as CSV with a line per respondent, question and part of it; pure, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from core.questionnaires.content import Question
from core.surveys.export import csv_line
from core.surveys.responses import AnswerRead, ResponseRead

COLUMNS: Final = (
    "respondent_number", "persona", "persona_version", "weight", "question", "type", "part", "part_label", "value",
    "label", "method", "missing_reason", "model", "demonstration",
)  # fmt: skip
Part = tuple[str, str, Any]
"""A part of a question, its label, and its value."""


def long_header(attributes: Sequence[str], splits: Sequence[str] = ()) -> str:
    """Return the header line."""
    return csv_line([*COLUMNS, *(f"a:{name}" for name in attributes), *(f"arm:{key}" for key in splits)])


def long_rows(
    responses: Iterable[ResponseRead],
    attributes: Sequence[str],
    questions: Sequence[Question],
    names: Mapping[UUID, str],
    splits: Sequence[str] = (),
    *,
    model: str,
    demonstration: bool,
) -> Iterator[str]:
    """Yield a line per respondent and answer, of a matrix one per row, of a max_diff three per set.

    `value` holds codes as recorded, several joined by ';', `label` what they are called. A missing answer has its
    lines too, with a reason and no value; what has not been asked so far has none.
    """
    for response in responses:
        person = [
            response.respondent_number,
            names.get(response.persona_id, ""),
            response.persona_version,
            response.weight,
        ]
        made = [model, str(demonstration).lower(), *(response.attributes.get(name, "") for name in attributes)]
        made += [response.arms.get(key, "") for key in splits]
        for question in questions:
            answer = response.answers.get(question.key)
            if answer is None:
                continue
            for part, part_label, value in _parts(question, answer):
                told = [question.key, question.type, part, part_label, _joined(value), _labelled(question, value)]
                yield csv_line([*person, *told, answer.method, answer.missing_reason or "", *made])


def _parts(question: Question, answer: AnswerRead) -> list[Part]:
    if question.type == "max_diff":
        return _sets(question, answer.value or [])
    if question.type == "matrix":
        given = answer.value or {}
        return [(row.code, row.label, given.get(row.code)) for row in question.rows]
    return [("", "", answer.value)]


def _sets(question: Question, given: Sequence[Mapping[str, Any]]) -> list[Part]:
    judged = {one["set"]: one for one in given}
    return [
        (f"{number}:{member}", f"Set {number}, {named}", judged.get(number, {}).get(member))
        for number in range(1, (question.sets.count if question.sets else 0) + 1)
        for member, named in (("items", "shown"), ("best", "best"), ("worst", "worst"))
    ]


def _joined(value: Any) -> Any:
    if isinstance(value, list):
        return ";".join(str(code) for code in value)
    return "" if value is None else value


def _labelled(question: Question, value: Any) -> str:
    """Return the labels of codes; nothing of an answer that is no code."""
    if isinstance(value, list):
        return "; ".join(_labelled(question, code) for code in value)
    option = None if value is None else question.option(str(value))
    return "" if option is None else option.label

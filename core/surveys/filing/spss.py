"""Writes responses as an SPSS system file: labelled numbers, the weight, why answers are missing as missing values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from core.questionnaires.content import Question
from core.surveys.fields import REASONS, Field, cells_of, fields_of, is_whole
from core.surveys.filing.request import FileRequest
from core.surveys.filing.sav import LONGEST_TEXT, Variable, Writer
from core.surveys.responses import ResponseRead

NEAR: Final = -99.0
"""The first missing value, the others next to it; where answers may be as low, `FAR`."""
FAR: Final = -9_999_999_999_999.0
DECIMALS: Final = {"weight": 6, "number": 2}


def write_sav(target: IO[bytes], request: FileRequest, responses: Iterable[ResponseRead]) -> None:
    """Write the file; `responses` are read once."""
    questions = {question.key: question for question in request.content.questions()}
    fields = fields_of(request.content, request.frame())
    columns = [_column(field, questions.get(field.key or ""), request.text_bytes) for field in fields]
    writer = Writer(
        target,
        [column.variable for column in columns],
        title=request.title,
        made_at=request.made_at,
        weight=next(field.name for field in fields if field.weight),
    )
    for response in responses:
        cells = cells_of(fields, response)
        writer.row([column.value(cell, response) for column, cell in zip(columns, cells, strict=True)])
    writer.close()


@dataclass(frozen=True, slots=True)
class _Column:
    """A variable, the numbers its codes stand for, and those of reasons for no answer."""

    field: Field
    variable: Variable
    numbers: Mapping[str, float]
    reasons: Mapping[str, float]

    def value(self, cell: Any, response: ResponseRead) -> Any:
        """Return what is written of a cell."""
        if cell is not None:
            return self.numbers.get(str(cell)) if self.field.kind == "coded" else cell
        answer = response.answers.get(self.field.key or "")
        return self.reasons.get((answer and answer.missing_reason) or "") if self.reasons else None


def _column(field: Field, question: Question | None, text_bytes: Mapping[str, int]) -> _Column:
    if field.kind == "text":
        place = f"a:{field.attribute}" if field.attribute is not None else field.key or field.name
        width = min(max(1, text_bytes.get(place, 1)), LONGEST_TEXT)
        return _Column(field, Variable(field.name, field.label, width), {}, {})
    numbers = _numbers(field, question)
    reasons: dict[str, float] = {}
    if field.key is not None:
        lowest = min(numbers.values(), default=0.0) if field.kind == "coded" else field.lowest
        first = NEAR if lowest is not None and lowest > NEAR + len(REASONS) - 1 else FAR
        reasons = {reason: first + at for at, reason in enumerate(REASONS)}
    labels = [*((numbers[code], label) for code, label in field.codes)]
    labels += [(number, REASONS[reason]) for reason, number in reasons.items()]
    variable = Variable(
        field.name,
        field.label,
        decimals=DECIMALS.get("weight" if field.weight else field.kind, 0) if field.name != "respondent_number" else 0,
        labels=tuple(labels),
        missing=(min(reasons.values()), max(reasons.values())) if reasons else None,
        measure="scale" if field.kind == "number" else "ordinal" if field.ordinal else "nominal",
    )
    return _Column(field, variable, numbers, reasons)


def _numbers(field: Field, question: Question | None) -> dict[str, float]:
    """Return the number each code is written as: itself, else its score on a scale, else its place from 1."""
    codes = [code for code, _ in field.codes]
    if all(is_whole(code) for code in codes):
        return {code: float(code) for code in codes}
    if question is not None and field.ordinal:
        scores = {option.code: option.score for option in question.options}
        told = [scores.get(code) for code in codes]
        if len(set(told)) == len(codes) and None not in told:
            return {code: float(score or 0) for code, score in zip(codes, told, strict=True)}
    return {code: float(place) for place, code in enumerate(codes, start=1)}

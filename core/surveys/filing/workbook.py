"""Writes responses as a workbook: codes, labels, codebook; row by row, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.surveys.export import safe
from core.surveys.fields import REASONS, Field, cells_of, fields_of, is_whole
from core.surveys.filing.request import FileRequest
from core.surveys.responses import ResponseRead

LONGEST_CELL: Final = 32_767
MOST_COLUMNS: Final = 16_384
CODEBOOK: Final = ("variable", "question", "type", "label", "code", "code_label")
WIDTHS: Final = {"codes": 14, "labels": 22}


def write_workbook(target: IO[bytes], request: FileRequest, responses: Iterable[ResponseRead]) -> None:
    """Write the workbook; `responses` are read once."""
    fields = fields_of(request.content, request.frame())
    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"title": request.title, "created": request.made_at.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1})
    sheets = {name: book.add_worksheet(name) for name in ("codes", "labels")}
    for name, sheet in sheets.items():
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(fields) - 1, WIDTHS[name])
        _row(sheet, 0, [field.name for field in fields], bold)
    number = 0
    for number, response in enumerate(responses, start=1):
        cells = cells_of(fields, response)
        _row(sheets["codes"], number, [_code(field, cell) for field, cell in zip(fields, cells, strict=True)])
        told = [_told(field, cell, response) for field, cell in zip(fields, cells, strict=True)]
        _row(sheets["labels"], number, told)
    if number:
        for sheet in sheets.values():
            sheet.autofilter(0, 0, number, len(fields) - 1)
    _codebook(book.add_worksheet("codebook"), request, fields, bold)
    book.close()


def _codebook(sheet: Worksheet, request: FileRequest, fields: Sequence[Field], bold: Format) -> None:
    types: dict[str, str] = {question.key: question.type for question in request.content.questions()}
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 2, 22)
    sheet.set_column(3, 3, 60)
    sheet.set_column(4, 4, 12)
    sheet.set_column(5, 5, 40)
    _row(sheet, 0, CODEBOOK, bold)
    at = 0
    for field in fields:
        kind = types.get(field.key or "", "attribute" if field.attribute is not None else "respondent")
        about = [field.name, field.key or "", kind, field.label]
        for code, label in field.codes or [("", "")]:
            at += 1
            _row(sheet, at, [*about, _number_of(code), label])
    for note in request.notes:
        at += 1
        _row(sheet, at, ["note", "", "", note])


def _row(sheet: Worksheet, number: int, cells: Sequence[Any], form: Format | None = None) -> None:
    """Write a row; no text of it is a formula, and none longer than a cell may be."""
    for column, cell in enumerate(cells):
        if cell is None or cell == "":
            continue
        if isinstance(cell, str):
            sheet.write_string(number, column, safe(cell)[:LONGEST_CELL], form)
        else:
            sheet.write_number(number, column, cell, form)


def _code(field: Field, cell: Any) -> Any:
    return _number_of(cell) if field.kind == "coded" and cell is not None else cell


def _told(field: Field, cell: Any, response: ResponseRead) -> Any:
    """Return what a value is called, or why there is none."""
    if cell is not None:
        return field.named(cell)
    answer = response.answers.get(field.key or "")
    return None if answer is None or answer.missing_reason is None else f"({REASONS[answer.missing_reason]})"


def _number_of(code: str) -> Any:
    return int(code) if is_whole(code) else code

"""The bounded process that reads Office files: a line of JSON {kind} and a file's bytes on stdin.

It writes {"lines": [[place, text, kind, indent], …]}, {"rows": [[number, [cell, …], sheet], …], "formulas": […]}, or
{"failed": reason}.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any, Final

from core.bounded.inside import Refused, serve
from core.evidence.extract.office import cell_text, inspect, table_rows, text_of
from core.evidence.extract.reading import Unreadable

MOST_LINES: Final = 20_000
MOST_CELLS: Final = 200_000
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BOXES: Final = re.compile(r"^[☐□○❏_\s]*$")


def extract(document: bytes) -> bytes:
    """Return what stands in a file as JSON; raises Refused where the request is none."""
    head, _, data = document.partition(b"\n")
    kind = json.loads(head).get("kind")
    if kind not in ("docx", "xlsx"):
        raise Refused("no request")
    try:
        inspect(data)
        made = {"lines": list(_docx(data))} if kind == "docx" else _xlsx(data)
    except Unreadable as error:
        made = {"failed": str(error)}
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        made = {"failed": f"It cannot be read as a .{kind} file."}
    return json.dumps(made, ensure_ascii=False).encode(errors="replace")


def _docx(data: bytes) -> Iterator[tuple[str, str, str, int]]:
    import docx

    document = docx.Document(io.BytesIO(data))
    formats = _formats(document)
    names = {style.style_id: (style.name or "").lower() for style in document.styles}
    number = tables = 0
    for element in document.element.body.iter(f"{_W}p", f"{_W}tbl"):
        if number + tables > MOST_LINES:
            raise Unreadable("file_too_large", f"It has more than {MOST_LINES:,} paragraphs.")
        if element.tag == f"{_W}tbl":
            tables += 1
            for row, cells in enumerate(table_rows(element), start=1):
                filled = [cell for cell in cells if not _BOXES.match(cell)]
                if filled:
                    yield f"table {tables}, row {row}", " / ".join(filled), "plain", 0
        elif next(element.iterancestors(f"{_W}tbl"), None) is None:
            number += 1
            kind, indent = _kind(element, names, formats)
            for text in text_of(element).split("\n"):
                if text.strip():
                    yield f"paragraph {number}", text.strip(), kind, indent


def _formats(document: Any) -> dict[tuple[str, str], str]:
    """Return how each level of each list is numbered."""
    part = next((one.target_part for one in document.part.rels.values() if one.reltype.endswith("/numbering")), None)
    if part is None:
        return {}
    root = part.element
    lists = {one.get(f"{_W}abstractNumId"): one for one in root.iter(f"{_W}abstractNum")}
    found: dict[tuple[str, str], str] = {}
    for num in root.iter(f"{_W}num"):
        abstract = lists.get(next((one.get(f"{_W}val") for one in num.iter(f"{_W}abstractNumId")), None))
        for level in abstract.iter(f"{_W}lvl") if abstract is not None else ():
            shown = next((one.get(f"{_W}val") for one in level.iter(f"{_W}numFmt")), "")
            found[num.get(f"{_W}numId"), level.get(f"{_W}ilvl")] = shown
    return found


def _kind(element: Any, names: dict[str, str], formats: dict[tuple[str, str], str]) -> tuple[str, int]:
    style = next((one.get(f"{_W}val") for one in element.iter(f"{_W}pStyle")), "")
    name = names.get(style, "")
    if name == "title":
        return "title", 0
    if name.startswith("heading"):
        return "heading", 0
    number = next((one.get(f"{_W}val") for one in element.iter(f"{_W}numId")), None)
    level = next((one.get(f"{_W}val") for one in element.iter(f"{_W}ilvl")), "0")
    if number is not None and number != "0":
        shown = formats.get((number, level), "bullet")
        return ("number" if shown == "decimal" else "bullet"), int(level)
    if name.startswith("list number"):
        return "number", 0 if name == "list number" else 1
    return ("bullet", 0) if name.startswith("list bullet") else ("plain", 0)


def _xlsx(data: bytes) -> dict[str, Any]:
    import openpyxl

    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    rows: list[tuple[int, list[str], str]] = []
    count = 0
    for sheet in values.worksheets:
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            count += len(cells)
            if count > MOST_CELLS:
                raise Unreadable("file_too_large", f"It has more than {MOST_CELLS:,} cells.")
            said = [cell_text(cell).strip() for cell in cells]
            if any(said):
                rows.append((number, said, sheet.title[:60]))
    return {"rows": rows, "formulas": _formulas(data)}


def _formulas(data: bytes) -> list[tuple[str, bool]]:
    """Return the cells with formulas, and whether a value is stored with each."""
    import openpyxl

    made = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    kept = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    found: list[tuple[str, bool]] = []
    for sheet, stored in zip(made.worksheets, kept.worksheets, strict=True):
        sheet.reset_dimensions()
        stored.reset_dimensions()
        for row, values in zip(sheet.iter_rows(), stored.iter_rows(values_only=True), strict=False):
            found += [
                (f"{sheet.title[:60]}!{cell.coordinate}", value is not None)
                for cell, value in zip(row, values, strict=False)
                if getattr(cell, "data_type", "") == "f"
            ]
    return found


if __name__ == "__main__":
    sys.modules["numpy"] = None  # type: ignore[assignment]
    sys.exit(serve(extract, shut=True))

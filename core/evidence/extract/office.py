"""DOCX and XLSX: archives of XML, looked through before anything is made of them. Macros are never run."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, Final
from xml.parsers import expat

from core.evidence.extract.reading import Broken, Document, Rows, TooLarge, Unreadable
from core.evidence.passages import Block, clean

MOST_PARTS: Final = 5000
LARGEST_UNPACKED: Final = 100 * 1024 * 1024
MOST_PACKED: Final = 200
"""A part may be this many times as large as it is packed, once it is larger than a megabyte."""
RATIO_MATTERS: Final = 1024 * 1024
CHUNK: Final = 65536
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(data: bytes) -> Document:
    """Read a DOCX by its paragraphs and the rows of its tables."""
    inspect(data)
    import docx

    try:
        body = docx.Document(io.BytesIO(data)).element.body
    except (KeyError, ValueError, AttributeError, IndexError):
        raise Broken("It cannot be read as a DOCX.") from None
    return Document(_paragraphs(body))


def _paragraphs(body: Any) -> Iterator[Block]:
    number = tables = 0
    for element in _parts(body):
        if element.tag == f"{_W}p":
            text = clean(text_of(element))
            if text:
                number += 1
                yield Block(text, "paragraph", number)
        else:
            tables += 1
            rows = Rows((("table", tables),))
            for row, values in enumerate(table_rows(element), start=1):
                if (block := rows.block(row, values)) is not None:
                    yield block


def _parts(element: Any) -> Iterator[Any]:
    """Yield paragraphs and tables in order, also those inside of controls."""
    for child in element.iterchildren():
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml", f"{_W}ins"):
            yield from _parts(child)


def table_rows(table: Any) -> Iterator[list[str]]:
    """Yield the texts of a table's cells, row by row."""
    for row in table.iterchildren(f"{_W}tr"):
        yield [" ".join(text_of(cell).split()) for cell in row.iterchildren(f"{_W}tc")]


def text_of(element: Any) -> str:
    """Return what is written in an element: no deleted text, and of two versions of a part the first."""
    parts: list[str] = []
    skipped: Any = None
    for node in element.iter():
        if skipped is not None and skipped in node.iterancestors():
            continue
        skipped = None
        if node.tag == _FALLBACK:
            skipped = node
        elif node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}tab":
            parts.append("\t")
        elif node.tag in (f"{_W}br", f"{_W}cr") or (node.tag == f"{_W}p" and parts):
            parts.append("\n")
    return "".join(parts)


def read_xlsx(data: bytes) -> Document:
    """Read an XLSX by the rows of its sheets: values, not formulas; what lies outside of it is not followed."""
    inspect(data)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        raise Broken("It cannot be read as an XLSX.") from None
    return Document(_sheets(book))


def _sheets(book: Any) -> Iterator[Block]:
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # how large a sheet says it is, is no more than a claim
        rows = Rows((("sheet", clean(sheet.title)[:100]),))
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            if (block := rows.block(number, _said(values))) is not None:
                yield block


def _said(values: Iterable[object]) -> list[str]:
    return [cell_text(value) for value in values]


def cell_text(value: object) -> str:
    """Return a cell's value as one would write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def inspect(data: bytes) -> None:
    """Refuse an archive that is too large unpacked, encrypted, or whose XML declares entities; raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            for part in parts:
                _check_xml(archive, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError):
        raise Broken("Its archive cannot be read.") from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS:
        raise TooLarge(f"Its archive has {len(parts):,} parts; up to {MOST_PARTS:,} are read.")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("file_encrypted", "It is protected by a password; upload it without one.")
    whole = sum(part.file_size for part in parts)
    if whole > LARGEST_UNPACKED:
        raise TooLarge(f"It is {whole / 2**20:,.0f} MB unpacked; up to {LARGEST_UNPACKED // 2**20} MB are read.")
    for part in parts:
        if part.file_size > RATIO_MATTERS and part.file_size > MOST_PACKED * max(part.compress_size, 1):
            ratio = part.file_size // max(part.compress_size, 1)
            raise TooLarge(f"A part of it is packed {ratio:,} times smaller than it is; no document is.")
    if len({part.filename for part in parts}) < len(parts):
        raise Broken("Its archive has two parts of one name.")


class _Begun(Exception):
    """The document element has begun: no declaration can come any more."""


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse a document type: Office writes none, and only one can declare entities."""
    parser = expat.ParserCreate()

    def declared(*_: object) -> None:
        raise Unreadable("file_unsafe", "Its XML declares a document type, which could draw in other files.")

    def begun(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = begun
    with archive.open(part) as stream:
        try:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
        except _Begun:
            return
        except expat.ExpatError:
            return  # a picture; of what should be XML its reader will say what is wrong

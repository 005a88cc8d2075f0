"""Files as people upload them, and as nobody should."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

import docx
import openpyxl
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def pdf(*pages: str) -> bytes:
    """Return a PDF with a paragraph on each page."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for text in pages:
        lines = canvas.beginText(72, 720)
        for line in text.split("\n"):
            lines.textLine(line)
        canvas.drawText(lines)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def many_pages(count: int) -> bytes:
    """Return a PDF of this many pages, made of one of them."""
    writer = PdfWriter()
    page = PdfReader(io.BytesIO(pdf("A page"))).pages[0]
    for _ in range(count):
        writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def encrypted_pdf(password: str) -> bytes:
    """Return a PDF that only this password opens; none is needed for an empty one."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Secret fees"))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*paragraphs: str, table: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a DOCX with paragraphs, and a table behind them."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, values in enumerate(table):
            for column, value in enumerate(values):
                made.cell(row, column).text = value
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def sheets(**rows: Iterable[Iterable[object]]) -> bytes:
    """Return an XLSX with sheets of these names and rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, values in rows.items():
        sheet = book.create_sheet(title)
        for row in values:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(archive: bytes, name: str, content: bytes | Iterable[bytes]) -> bytes:
    """Return an archive with one part in place of another, or more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in given.infolist():
            if part.filename != name:
                made.writestr(part.filename, given.read(part))
        with made.open(name, "w") as target:
            for chunk in [content] if isinstance(content, bytes) else content:
                target.write(chunk)
    return out.getvalue()


def sheet_xml(dimension: str, *cells: str) -> bytes:
    """Return a worksheet that says it is as large as `dimension`, with one row for each cell."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(f'<row r="{"".join(filter(str.isdigit, cell))}"><c r="{cell}"><v>1</v></c></row>' for cell in cells)
    return (
        f'{XML}<worksheet xmlns="{space}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    ).encode()

"""PDF: the text of each page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Final

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PdfReadError

from core.evidence.extract.reading import Broken, Document, TooLarge, Unreadable
from core.evidence.passages import Block, paragraphs

MOST_PAGES: Final = 1000
_HYPHENATED: Final = re.compile(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])")
_LINE_END: Final = re.compile(r"(?<!\n)\n(?!\s*\n)")
NO_TEXT: Final = "has no text of its own: pages that are pictures have to be recognised as text first"


def read_pdf(data: bytes) -> Document:
    """Read a PDF page by page; one that is encrypted is read where no password is needed to open it."""
    document = Document(())
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        _open(reader)
        count = _count(reader)
    except (PdfReadError, FileNotDecryptedError):
        raise Broken("It cannot be read as a PDF.") from None
    if count > MOST_PAGES:
        raise TooLarge(f"It has {count:,} pages; up to {MOST_PAGES:,} are read.")
    document.blocks = _blocks(reader, document)
    return document


def _open(reader: PdfReader) -> None:
    if not reader.is_encrypted:
        return
    try:
        opened = bool(reader.decrypt(""))
    except (DependencyError, RuntimeError, ValueError):
        opened = False
    if not opened:
        raise Unreadable("file_encrypted", "It is protected by a password; upload it without one.")


def _count(reader: PdfReader) -> int:
    """Return the number of pages, as the document says it or as there are, whichever is more."""
    pages = reader.root_object.get("/Pages")
    told = pages.get_object().get("/Count") if pages is not None else 0
    if isinstance(told, int) and told > MOST_PAGES:
        return told
    return len(reader.pages)


def _blocks(reader: PdfReader, document: Document) -> Iterator[Block]:
    unread: list[int] = []
    for number, page in enumerate(reader.pages, start=1):
        text = _text(page)
        if text is None:
            unread.append(number)
        else:
            yield from paragraphs(_joined(text), (("page", number),))
    if unread:
        shown = ", ".join(map(str, unread[:20])) + (" …" if len(unread) > 20 else "")
        document.left_out.append(f"{'Page' if len(unread) == 1 else 'Pages'} {shown} could not be read.")


def _text(page: PageObject) -> str | None:
    try:
        return page.extract_text()
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - whatever is wrong with one page, the others may be read
        return None


def _joined(text: str) -> str:
    """Return a page's text with lines of one paragraph in one line: where they broke says nothing."""
    return _LINE_END.sub(" ", _HYPHENATED.sub("", text))

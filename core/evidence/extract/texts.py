"""Plain text, Markdown, CSV and HTML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from core.evidence.extract.reading import LONGEST_CELL, Document, Rows, TooLarge, decoded
from core.evidence.passages import Block, paragraphs

SNIFFED: Final = 16384
_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_BLOCKS: Final = re.compile(
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|h[1-6]|header|hr|html|legend|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead"
    "|title|tr|ul"
)
_ENDED: Final = (
    (re.compile("<!--"), re.compile(r"--(?:!|\s*)>")),
    (re.compile(r"<!\[cdata\b", re.IGNORECASE), re.compile(r"\]\s*\]\s*>")),
    (re.compile(r"<!\["), re.compile(r"\]\s*>")),
    (re.compile("<(?=[a-zA-Z/!?])"), re.compile(">")),
)
"""How markup begins and how it ends, the narrowest first."""
_UNKNOWN_SECTION: Final = re.compile(r"<!\[(?!(?:if|else|endif|cdata|temp|ignore|include|rcdata)\b)", re.IGNORECASE)
_ROW_BEGINS: Final = re.compile(r"\n[ ]*\| ")
_CELLS: Final = frozenset(("td", "th"))
_UNSEEN: Final = frozenset(("script", "style", "noscript", "template", "svg", "math"))
_BREAKS_LITTLE: Final = frozenset(("br", "tr", "li", "dt", "dd", "option"))


def read_text(data: bytes) -> Document:
    """Read a plain text or a Markdown document by its paragraphs."""
    return Document(paragraphs(decoded(data)))


def read_csv(data: bytes) -> Document:
    """Read a CSV file by its records, however they are delimited: comma, semicolon, tab or bar."""
    return Document(_records(decoded(data)))


def _records(text: str) -> Iterator[Block]:
    csv.field_size_limit(LONGEST_CELL)
    rows = Rows()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text[:SNIFFED]))
    number = 0
    while True:
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                raise TooLarge(f"Record {number + 1} has a cell of more than {LONGEST_CELL:,} characters.") from None
            raise
        number += 1
        if (block := rows.block(number, values)) is not None:
            yield block


def _delimiter(head: str) -> str:
    """Return the delimiter that most of the first lines have as often as each other, and most often."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]
    best, most = ",", 0
    for one in ",;\t|":
        counts = [line.count(one) for line in lines]
        common = max(set(counts), key=counts.count, default=0)
        score = common * counts.count(common)
        if score > most:
            best, most = one, score
    return best


def read_html(data: bytes) -> Document:
    """Read an HTML page by what it shows: no script, no style, nothing fetched."""
    declared = _CHARSET.search(data[:4096])
    page = _Page()
    page.feed(_closable(decoded(data, declared[1].decode() if declared else None)))
    page.close()
    return Document(paragraphs(_ROW_BEGINS.sub("\n", "".join(page.parts))))


def _closable(text: str) -> str:
    """Return a page without the beginnings of markup behind the last end of its kind.

    The parser looks for the end of each from there to the end of the page: a few hundred kilobytes of them would take
    it minutes. Marked sections of names that it does not know stop it; they go as well.
    """
    for begins, ends in _ENDED:
        last = max((found.end() for found in ends.finditer(text)), default=0)
        text = text[:last] + begins.sub(" ", text[last:])
    return _UNKNOWN_SECTION.sub(" ", text)


class _Page(HTMLParser):
    """Gathers the text of a page, with blank lines between its blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base class asks so
        """Begin a block, or something that is not shown."""
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _CELLS:
            self.parts.append(" | ")
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n" if tag in _BREAKS_LITTLE else "\n\n")

    def handle_endtag(self, tag: str) -> None:
        """End a block, or what is not shown."""
        if self._unseen and tag == self._unseen[-1]:
            self._unseen.pop()
        elif _BLOCKS.fullmatch(tag) and tag not in _BREAKS_LITTLE:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Keep what is shown; a line end in the source is a space."""
        if not self._unseen:
            self.parts.append(re.sub(r"\s+", " ", data))

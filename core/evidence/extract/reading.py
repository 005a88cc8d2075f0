"""What readers of all kinds of files share: what they give back, and how they say that a file cannot be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.evidence.passages import Block

MOST_CELLS: Final = 1_000_000
LONGEST_CELL: Final = 131_072
HEADER_CELLS: Final = 200
_BYTE_ORDERS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(Exception):
    """A file cannot be extracted; `code` is stable, the message is for its owner."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class Broken(Unreadable):
    """A file is not what it should be."""

    def __init__(self, message: str) -> None:
        super().__init__("file_broken", message)


class TooLarge(Unreadable):
    """A file has more in it than is read of one."""

    def __init__(self, message: str) -> None:
        super().__init__("file_too_large", message)


@dataclass(slots=True)
class Document:
    """A file being read: its blocks, one after the other, and what was passed over (known once they are read)."""

    blocks: Iterable[Block]
    left_out: list[str] = field(default_factory=list)


def decoded(data: bytes, declared: str | None = None) -> str:
    """Return the text of a file: by its byte order mark, as UTF-8, as what it declares, else as Windows-1252."""
    for mark, name in _BYTE_ORDERS:
        if data.startswith(mark):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                raise Broken(f"It is no {name.upper()} text, although it begins like one.") from None
    for guess in ("utf-8", declared):
        try:
            if guess:
                return data.decode(guess)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", errors="replace")


@dataclass(slots=True)
class Rows:
    """The rows of one table as blocks: each row says which column a value is of, where the first row names them."""

    place: tuple[tuple[str, int | str], ...] = ()
    header: Sequence[str] | None = None
    begun: bool = False
    cells: int = 0

    def block(self, number: int, values: Sequence[str]) -> Block | None:
        """Return a row as a block; None for an empty one. Raises TooLarge."""
        self.cells += len(values)
        if self.cells > MOST_CELLS:
            raise TooLarge(f"It has more than {MOST_CELLS:,} cells.")
        if not any(value.strip() for value in values):
            return None
        if not self.begun:
            self.begun = True
            if _names_columns(values):
                self.header = [value.strip() for value in values]
                return Block(" | ".join(self.header), "row", number, self.place)
        return Block("; ".join(self._said(values)), "row", number, self.place)

    def _said(self, values: Sequence[str]) -> Iterable[str]:
        header = self.header or ()
        for place, value in enumerate(values):
            plain = " ".join(value.split())
            if plain:
                yield f"{header[place]}: {plain}" if place < len(header) else plain


def _names_columns(values: Sequence[str]) -> bool:
    names = [value.strip() for value in values]
    if not 1 < len(names) <= HEADER_CELLS or len(set(names)) < len(names):
        return False
    return all(name and len(name) <= 100 and not _is_number(name) for name in names)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").replace("%", "").strip().isdecimal()

"""Split a document into passages: pieces short enough to be quoted, each with its place in the document."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

TARGET: Final = 900
LONGEST: Final = 1600
"""Characters of a passage: blocks are put together up to TARGET, one block is cut at LONGEST."""
MOST_PASSAGES: Final = 5000
MOST_CHARACTERS: Final = 5_000_000

Position = dict[str, int | str]
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\ufeff\ud800-\udfff\ufffe\uffff]")
_SPACES: Final = re.compile(r"[^\S\n]+")
_AROUND_NEWLINE: Final = re.compile(r" ?\n ?")
_BLANK_LINES: Final = re.compile(r"\n\s*\n")
_SENTENCE_END: Final = re.compile(r"[.!?…。！？]['\")\]”’]*\s|[。！？]|\n")


class TooMuchText(Exception):
    """A document has more text than is kept of one."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or a row as it stands in a document.

    `place` is where it is (page, sheet), `unit` what it is ("paragraph", "row") and `number` which one there, from 1.
    """

    text: str
    unit: str
    number: int
    place: tuple[tuple[str, int | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage before it is stored."""

    text: str
    position: Position


def clean(text: str) -> str:
    """Return a text that can be stored and read: composed, without control characters, spaces in a row made one."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\n"))
    return _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", _CONTROL.sub("", text))).strip()


def paragraphs(text: str, place: tuple[tuple[str, int | str], ...] = ()) -> Iterator[Block]:
    """Yield the paragraphs of a text: what blank lines stand between."""
    number = 0
    for part in _BLANK_LINES.split(clean(text)):
        if part.strip():
            number += 1
            yield Block(part.strip(), "paragraph", number, place)


@dataclass(slots=True)
class _Gathering:
    """Neighbouring blocks of one place on their way to become a passage."""

    blocks: list[Block] = field(default_factory=list)
    length: int = 0

    def takes(self, block: Block) -> bool:
        """Tell whether a block may go on from those that are here."""
        last = self.blocks[-1]
        same = (last.place, last.unit) == (block.place, block.unit)
        return same and self.length + len(block.text) < TARGET

    def add(self, block: Block) -> None:
        """Take a block."""
        self.blocks.append(block)
        self.length += len(block.text) + 1

    def pieces(self) -> Iterator[Piece]:
        """Yield what is here as one passage, or as several where it is a block that is too long."""
        first, last = self.blocks[0], self.blocks[-1]
        position: Position = {**dict(first.place), first.unit: first.number}
        if last.number != first.number:
            position[f"to_{first.unit}"] = last.number
        between = "\n" if first.unit == "row" else "\n\n"
        parts = cut(between.join(block.text for block in self.blocks))
        for number, part in enumerate(parts, start=1):
            yield Piece(part, position | {"part": number} if len(parts) > 1 else position)


def split(blocks: Iterable[Block]) -> list[Piece]:
    """Return the passages of a document in order; raises TooMuchText."""
    made: list[Piece] = []
    characters = 0
    gathering = _Gathering()

    def flush() -> None:
        if gathering.blocks:
            made.extend(gathering.pieces())
            if len(made) > MOST_PASSAGES:
                raise TooMuchText(f"It has more than {MOST_PASSAGES:,} passages.")

    for block in blocks:
        characters += len(block.text)
        if characters > MOST_CHARACTERS:
            raise TooMuchText(f"It has more than {MOST_CHARACTERS:,} characters of text.")
        if gathering.blocks and not gathering.takes(block):
            flush()
            gathering = _Gathering()
        gathering.add(block)
    flush()
    return made


def cut(text: str) -> list[str]:
    """Cut a text into pieces of at most LONGEST characters, at ends of sentences where there are any, else of words."""
    parts: list[str] = []
    start = 0
    while len(text) - start > LONGEST:
        window = text[start : start + LONGEST]
        ends = [match.end() for match in _SENTENCE_END.finditer(window, TARGET // 2)]
        end = ends[-1] if ends else window.rfind(" ", TARGET // 2) + 1
        if end <= 0:
            end = LONGEST
        parts.append(window[:end].strip())
        start += end
    parts.append(text[start:].strip())
    return [part for part in parts if part]

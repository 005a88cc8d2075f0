"""What is sent, made ready to be stored: named safely, hashed, split. No session is open meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.errors import FieldError, Invalid
from core.evidence.passages import Piece, TooMuchText, clean, paragraphs, split
from core.evidence.schemas import EvidenceText

TITLE_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class TakenText:
    """A pasted text in passages. `sha256` and `size` are of its UTF-8 bytes as it was sent."""

    title: str
    source: str | None
    published_at: datetime | None
    sha256: str
    size: int
    pieces: Sequence[Piece]


def take_text(body: EvidenceText) -> TakenText:
    """Return a text ready to be stored; raises Invalid where there is too much of it."""
    data = body.text.encode()
    try:
        pieces = split(paragraphs(body.text))
    except TooMuchText as error:
        raise Invalid([FieldError(("body", "text"), str(error))]) from None
    return TakenText(
        title=body.title or beginning_of(body.text),
        source=body.source,
        published_at=body.published_at,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        pieces=pieces,
    )


def beginning_of(text: str) -> str:
    """Return the first words of a text, as a title."""
    words = " ".join(clean(text).split())
    if len(words) <= TITLE_CHARACTERS:
        return words
    whole = words[:TITLE_CHARACTERS].rpartition(" ")[0] or words[:TITLE_CHARACTERS]
    return f"{whole}…"

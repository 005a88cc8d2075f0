"""What is sent, made ready to be stored: named safely, recognised, hashed, redacted, sealed. No session is open
meanwhile.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.crypto import service as crypto
from core.errors import FieldError, Invalid
from core.evidence.files import MEDIA_TYPES, NamedFile, recognise
from core.evidence.passages import Piece, TooMuchText, clean, paragraphs, split
from core.evidence.redaction import redact
from core.evidence.schemas import EvidenceDetails, EvidenceText
from core.settings import Settings

TITLE_CHARACTERS: Final = 80
LONGEST_TITLE: Final = 200
UNTITLED: Final = "Untitled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A document ready to be stored. `sha256` and `size` are of the bytes as they were sent."""

    title: str
    source: str | None
    published_at: datetime | None
    filename: str | None
    media_type: str
    sha256: str
    size: int
    redacted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenText(Taken):
    """A pasted text in passages, redacted where that was asked for."""

    pieces: Sequence[Piece]
    redactions: dict[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile(Taken):
    """A file: its bytes, or those sealed where it is to be redacted."""

    data: bytes


def take_text(body: EvidenceText) -> TakenText:
    """Return a text ready to be stored; raises Invalid where there is too much of it."""
    data = body.text.encode()
    text, found = redact(body.text) if body.redact else (body.text, Counter[str]())
    try:
        pieces = split(paragraphs(text))
    except TooMuchText as error:
        raise Invalid([FieldError(("body", "text"), str(error))]) from None
    if not pieces:
        raise Invalid([FieldError(("body", "text"), "has nothing to read in it")])
    return TakenText(
        title=_said(body.title or beginning_of(text), body) or UNTITLED,
        source=_said(body.source, body),
        published_at=body.published_at,
        filename=None,
        media_type=MEDIA_TYPES["txt"],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        redacted=body.redact,
        pieces=pieces,
        redactions=dict(found) if body.redact else None,
    )


def take_file(settings: Settings, name: str, data: bytes, details: EvidenceDetails) -> TakenFile:
    """Return a file ready to be stored; raises Invalid naming `file` where it is none that can be read."""
    named = recognise(name, data)
    return TakenFile(
        title=_said(details.title or named.stem.replace("_", " "), details) or UNTITLED,
        source=_said(details.source, details),
        published_at=details.published_at,
        filename=_named(named, details),
        media_type=named.media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        redacted=details.redact,
        data=crypto.encrypt(settings, data) if details.redact else data,
    )


def _said(text: str | None, details: EvidenceDetails) -> str | None:
    """Return what is told of a document, redacted like the document itself."""
    return redact(text)[0][:LONGEST_TITLE] if text is not None and details.redact else text


def _named(file: NamedFile, details: EvidenceDetails) -> str:
    """Return a file's name; of one that is redacted the title says what it is, and only the end is kept."""
    return f"redacted.{file.name.rpartition('.')[2]}" if details.redact else file.name


def beginning_of(text: str) -> str:
    """Return the first words of a text, as a title."""
    words = " ".join(clean(text).split())
    if len(words) <= TITLE_CHARACTERS:
        return words
    whole = words[:TITLE_CHARACTERS].rpartition(" ")[0] or words[:TITLE_CHARACTERS]
    return f"{whole}…"

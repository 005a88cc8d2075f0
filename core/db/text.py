"""Bounded text types for input: what Postgres cannot store is refused at the door, naming the field."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

# NUL and lone surrogates cannot be stored as text.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

# Characters without a mark that Unicode counts as letters, marks or symbols: fillers, joiners, variation selectors.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
# Kinds of characters that are another one in another dress.
_DRAWN_ALIKE: Final = frozenset({"<compat>", "<wide>", "<narrow>", "<noBreak>", "<font>"})


def storable(value: str) -> str:
    """Return `value`; raises ValueError when it holds NUL or a lone surrogate."""
    if _UNSTORABLE.search(value):
        raise ValueError("must not contain NUL characters or lone surrogates")
    return value


def look_of(value: str) -> str:
    """Return a text so that two which a reader cannot tell apart are equal, to be compared and never shown.

    Case, spacing, invisible characters, full and half width, ligatures, and accents put together or apart make no
    difference. Superscripts and fractions stay themselves: m² is not m2. Letters of two scripts stay apart.
    """
    plain = " ".join(value.casefold().split())
    if plain.isascii() and plain.isprintable():
        return plain
    plain = "".join(map(_undressed, filter(_leaves_a_mark, unicodedata.normalize("NFC", plain))))
    return " ".join(unicodedata.normalize("NFC", plain.casefold()).split())


def readable(value: str) -> str:
    """Return `value`; raises ValueError when there is something in it but nothing to see."""
    if value and not any(_leaves_a_mark(char) for char in value if not char.isspace()):
        raise ValueError("must not be empty; it has only characters that cannot be seen")
    return value


def _leaves_a_mark(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf") and not _UNSEEN.match(char)


def _undressed(char: str) -> str:
    kind = unicodedata.decomposition(char).partition(" ")[0]
    return unicodedata.normalize("NFKC", char) if kind in _DRAWN_ALIKE else char


ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(storable)
]
# For what a person is to read; what was stored earlier is not judged by it.
VisibleText = Annotated[ShortText, AfterValidator(readable)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(storable)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20000), AfterValidator(storable)]

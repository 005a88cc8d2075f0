"""Text of others as text: nothing in it moves a cursor, forges a line or turns what stands behind it around."""

from __future__ import annotations

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNING: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(value: str, *, lines: bool = False) -> str:
    r"""Return a text with its control characters spelled out (`\x1b`); `lines` leaves ends of lines."""
    if value.isascii() and value.isprintable():
        return value
    return "".join(one if _is_plain(one) or (lines and one == "\n") else _spelled(one) for one in value)


def _is_plain(one: str) -> bool:
    return unicodedata.category(one) not in _UNSEEN and one not in _TURNING


def _spelled(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")

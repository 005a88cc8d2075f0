"""Which passwords are refused: what many people use, what is no secret of the one who chose it. No rule of composition.

The length is checked by the shapes (`schemas.NewPassword`). What is added to a common password (digits and signs around
it, digits in place of letters) makes no other password of it, nor does saying it several times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

from core.errors import FieldError, Invalid

COMMON: Final = Path(__file__).parent / "data" / "common_passwords.txt"
FEWEST_CHARACTERS: Final = 5
"""So many different ones a password has at least."""
SHORTEST_WORD: Final = 4
"""Shorter parts of a name or an address say nothing of whose they are."""
_LOOKALIKES: Final = str.maketrans("4@8301!$5+7", "aabeoiisstt")
_BEHIND: Final = "0123456789!?.$*#-_ "
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_PART: Final = re.compile(r"[^\W_]+")

Field = Literal["password", "new_password"]


def require(password: str, *, email: str, full_name: str, field: Field) -> None:
    """Refuse a password that is easy to guess; raises Invalid naming `field`."""
    reason = _weakness(password, email, full_name)
    if reason is not None:
        raise Invalid([FieldError(("body", field), reason)])


def _weakness(password: str, email: str, full_name: str) -> str | None:
    plain = password.casefold()
    unit = _unit(plain)
    if len(set(plain)) < FEWEST_CHARACTERS or _is_sequence(unit):
        return "is easy to guess: it repeats or counts"
    dressed = _forms(plain) | _forms(unit)
    if dressed & _common():
        return "is easy to guess: many people use it, or one that is almost the same"
    if dressed & _own(email, full_name):
        return "is easy to guess: it is your name or your e-mail address"
    return None


def _forms(plain: str) -> set[str]:
    """Return a password as it is, and what is left without what people add to it; whole words only."""
    bare = _AROUND.sub("", plain)
    # Digits and signs at the ends may stand for letters or be added: both readings count.
    readings = {plain, bare, bare.translate(_LOOKALIKES), plain.rstrip(_BEHIND).translate(_LOOKALIKES)}
    readings |= {_AROUND.sub("", plain.translate(_LOOKALIKES))} | {_joined(one) for one in readings}
    return {one for form in _bare(readings) for one in (form, _unit(form)) if len(one) >= SHORTEST_WORD}


def _unit(text: str) -> str:
    """Return what a text repeats: `abc` of `abcabcab`; a text that repeats nothing is its own."""
    lengths = range(1, len(text) // 2 + 1)
    return next((text[:length] for length in lengths if text[length:] == text[:-length]), text)


def _is_sequence(text: str) -> bool:
    """Tell whether nearly each character follows the one before, up or down, as in `abcdefgh` or `87654321`."""
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    following = max((steps.count(step) for step in (1, -1)), default=0)
    return len(text) < SHORTEST_WORD or following >= 0.7 * len(steps)


def _own(email: str, full_name: str) -> set[str]:
    """Return the words that anyone who knows the person would try first."""
    local, _, domain = email.casefold().partition("@")
    name = full_name.casefold()
    parts = _PART.findall(name)
    wholes = {email.casefold(), local, domain, name, "".join(parts), "".join(reversed(parts)), ".".join(parts)}
    wholes |= {_joined(local), _joined(domain), *parts, *_PART.findall(local), *_PART.findall(domain)}
    spelled = {one.translate(_LOOKALIKES) for one in wholes}
    return {one for one in _bare(wholes | spelled) if len(one) >= SHORTEST_WORD} | {email.casefold(), name}


def _joined(text: str) -> str:
    return "".join(_PART.findall(text))


def _bare(texts: Iterable[str]) -> set[str]:
    return {form for text in texts for form in (text, _AROUND.sub("", text))}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Return the common passwords and what is left of them without digits and signs around; read on first use."""
    listed = COMMON.read_text(encoding="utf-8").split()
    return frozenset(one for one in _bare(listed) if len(one) >= SHORTEST_WORD)

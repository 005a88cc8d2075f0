"""Bounded text types for input: what Postgres cannot store is refused at the door, naming the field."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

# NUL and lone surrogates cannot be stored as text.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(value: str) -> str:
    """Return `value`; raises ValueError when it holds NUL or a lone surrogate."""
    if _UNSTORABLE.search(value):
        raise ValueError("must not contain NUL characters or lone surrogates")
    return value


ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(storable)
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(storable)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20000), AfterValidator(storable)]

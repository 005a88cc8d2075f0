"""Numbers for input: a text or a truth value is none, though Python would take it for one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError


def number_only(value: Any) -> Any:
    """Return `value`; raises for texts and truth values."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "must be a number, not true or false")
    if isinstance(value, str | bytes):
        raise PydanticCustomError("number", "must be a number, not a text")
    return value


_Only = BeforeValidator(number_only)
Whole = Annotated[int, _Only]
Real = Annotated[float, _Only]

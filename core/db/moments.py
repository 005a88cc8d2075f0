"""Moments for input: with an offset, and told in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def in_utc(value: datetime) -> datetime:
    """Return the same moment in UTC; raises ValueError where the calendar ends before that."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a moment of the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(in_utc)]

"""The refusal of who tries too often."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import TooMany
from core.rates.policies import Standing


class TooManyAttempts(TooMany):
    """Too many attempts of this kind; try again after the seconds of `Retry-After`."""

    code = "too_many_attempts"

    def __init__(self, *, retry_after_s: int, standings: Sequence[Standing] = ()) -> None:
        self.standings = tuple(standings)
        super().__init__(retry_after_s=retry_after_s)

"""How figures of results and tables are told: six decimals, intervals in per cent."""

from __future__ import annotations

from typing import Final

from core.stats.intervals import wilson

DECIMALS: Final = 6


def interval(p: float, n_eff: float) -> tuple[float, float]:
    """Return Wilson's interval of a proportion (0–1) on so many effective answers, in per cent."""
    found = wilson(p, n_eff).scaled(100)
    return rounded(found.lo), rounded(found.hi)


def rounded(value: float) -> float:
    """Return a figure with the decimals that are told."""
    return round(value, DECIMALS)


def maybe(value: float | None) -> float | None:
    """Return the same of a figure that may not be there."""
    return None if value is None else rounded(value)

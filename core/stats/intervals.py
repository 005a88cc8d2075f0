"""Simulation intervals for proportions, means and the net promoter score, all on an effective sample size.

They describe what another run with other personas and draws might give; they are never a margin of error
against people.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.stats.distributions import t_value, z_value

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper end, in the unit of the estimate."""

    lo: float
    hi: float

    def scaled(self, factor: float) -> Interval:
        """Return the interval in another unit, such as factor 100 for per cent."""
        return Interval(self.lo * factor, self.hi * factor)


@dataclass(frozen=True, slots=True)
class Nps:
    """Net promoter score (-100 to 100) with its interval, and the three groups in per cent."""

    value: float
    ci: Interval
    promoters: float
    passives: float
    detractors: float


def wilson(p: float, n_eff: float, confidence: float = 0.95) -> Interval:
    """Return the Wilson score interval of a proportion p (0–1) on n_eff answers, n_eff any real >= 0.

    (p·n + z²/2 ± z·√(n·p(1-p) + z²/4)) / (n + z²): E. B. Wilson, JASA 22 (1927) 209-212. With n_eff = 0
    nothing is known and the result is (0, 1). Raises ValueError for p outside [0, 1] or a negative or
    infinite n_eff.
    """
    p = _proportion(p)
    _check_n_eff(n_eff)
    z = z_value(confidence)
    centre = (p * n_eff + z * z / 2) / (n_eff + z * z)
    half = z * math.sqrt(n_eff * p * (1 - p) + z * z / 4) / (n_eff + z * z)
    lo = 0.0 if p == 0 else max(0.0, centre - half)
    hi = 1.0 if p == 1 else min(1.0, centre + half)
    return Interval(min(lo, p), max(hi, p))


def mean_interval(
    mean: float,
    sd: float,
    n_eff: float,
    confidence: float = 0.95,
    *,
    df: float | None = None,
    bounds: tuple[float, float] | None = None,
) -> Interval | None:
    """Return mean ± t·sd/√n_eff, cut to `bounds` (the ends of the scale) when given; None for n_eff <= 1.

    Student's t with `df` degrees of freedom, n_eff - 1 unless given. Unit: that of the mean.
    Raises ValueError for a negative or non-finite sd or n_eff.
    """
    _check_n_eff(n_eff)
    if not (math.isfinite(mean) and math.isfinite(sd) and sd >= 0):
        raise ValueError("mean and sd must be finite and sd must not be negative")
    if n_eff <= 1:
        return None
    half = t_value(confidence, n_eff - 1 if df is None else df) * sd / math.sqrt(n_eff)
    lo, hi = mean - half, mean + half
    if bounds is not None:
        lo, hi = max(lo, bounds[0]), min(hi, bounds[1])
    return Interval(lo, hi)


def nps(
    counts: Mapping[str, float] | Mapping[int, float],
    n_eff: float | None = None,
    confidence: float = 0.95,
) -> Nps | None:
    """Return the net promoter score from (weighted) counts per answer 0–10; None without answers.

    value = 100·(P - D), P = share of 9-10, D = share of 0-6. The interval is the score interval of θ = P -
    D, whose variance on n_eff answers is (P + D - θ²)/n_eff: the θ with (P - D - θ)² = z²·(P + D -
    θ²)/n_eff (Quesenberry & Hurst, Technometrics 6 (1964) 191-195, applied to a difference by May &
    Johnson, Statistics in Medicine 16 (1997) 2127-2136). Without passives it is Wilson's; for large n_eff
    it is the usual θ ± z·√var; it does not collapse when everyone promotes. When everyone is passive, P + D
    takes Wilson's upper end for 0. `n_eff` defaults to the sum of the counts. Raises ValueError for an
    answer outside 0-10 or a negative count.
    """
    promoters, passives, detractors = _nps_groups(counts)
    total = math.fsum((promoters, passives, detractors))
    if total <= 0:
        return None
    p, d = promoters / total, detractors / total
    n = total if n_eff is None else n_eff
    _check_n_eff(n)
    ci = difference_interval(p, d, n, confidence).scaled(100)
    return Nps(100 * (p - d), ci, 100 * p, 100 * passives / total, 100 * d)


def difference_interval(p: float, d: float, n: float, confidence: float = 0.95) -> Interval:
    """Return the score interval of p - d, two shares (0–1) of one whole on n answers: that of `nps`, in -1…1."""
    z2 = z_value(confidence) ** 2
    theta = p - d
    spread = p + d if p + d > 0 else wilson(0.0, n, confidence).hi
    root = math.sqrt(max(0.0, z2 * (n * (spread - theta * theta) + z2 * spread)))
    lo, hi = (n * theta - root) / (n + z2), (n * theta + root) / (n + z2)
    return Interval(max(-1.0, min(lo, theta)), min(1.0, max(hi, theta)))


def _nps_groups(counts: Mapping[str, float] | Mapping[int, float]) -> tuple[float, float, float]:
    promoters = passives = detractors = 0.0
    for answer, count in counts.items():
        try:
            score = int(answer)
        except (TypeError, ValueError):
            raise ValueError(f"{answer!r} is not an answer from 0 to 10") from None
        if not 0 <= score <= 10:
            raise ValueError(f"{answer!r} is not an answer from 0 to 10")
        if not (math.isfinite(count) and count >= 0):
            raise ValueError("counts must be finite and not negative")
        if score >= 9:
            promoters += count
        elif score >= 7:
            passives += count
        else:
            detractors += count
    return promoters, passives, detractors


def _proportion(p: float) -> float:
    if not -_ROUNDING <= p <= 1 + _ROUNDING:
        raise ValueError("a proportion must lie between 0 and 1")
    return min(1.0, max(0.0, p))


def _check_n_eff(n_eff: float) -> None:
    if not (math.isfinite(n_eff) and n_eff >= 0):
        raise ValueError("n_eff must be finite and not negative")

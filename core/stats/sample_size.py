"""Arithmetic of a population plan: how many respondents, what they are worth, how many per persona."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.stats.distributions import z_value
from core.stats.sampling import largest_remainder
from core.stats.weights import design_effect

Allocation = Literal["proportional", "equal", "neyman"]

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Factor:
    """One step of the recommended sample size: its name, its value and why it is there."""

    name: str
    value: float
    why: str


@dataclass(frozen=True, slots=True)
class SampleSize:
    """The recommended number of respondents and the factors it is made of, in order."""

    n: int
    factors: tuple[Factor, ...]


def base_n(margin_of_error: float, confidence: float = 0.95, p: float = 0.5) -> int:
    """Return ⌈z²·p(1-p)/e²⌉, the simple random sample for a margin e (0.05 = ±5 points): 385 at 0.05.

    W. G. Cochran, Sampling Techniques, 3rd ed. (1977), 4.4. Raises ValueError unless 0 < e < 1 and 0 < p < 1.
    """
    if not (0 < margin_of_error < 1 and 0 < p < 1):
        raise ValueError("margin of error and p must lie between 0 and 1, both excluded")
    if margin_of_error < 1e-6:
        raise ValueError("the margin of error is too small to plan for")
    return math.ceil(z_value(confidence) ** 2 * p * (1 - p) / margin_of_error**2 - _ROUNDING)


def with_population(n: float, population: int) -> int:
    """Return ⌈n/(1 + (n - 1)/N)⌉, the finite population correction (Cochran 1977, 4.4); never above N.

    Raises ValueError for n or N below 1.
    """
    if n < 1 or population < 1:
        raise ValueError("n and the population size must be at least 1")
    return min(population, math.ceil(n / (1 + (n - 1) / population) - _ROUNDING))


def recommended_n(
    margin_of_error: float,
    *,
    confidence: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
    subgroups: int = 1,
    minimum_per_subgroup: int = 0,
) -> SampleSize:
    """Return base × design effect × subgroups, at least the minimum for each, with every factor named.

    `subgroups` is the number of groups each to be read at the margin. The finite population correction
    comes before the design effect. Raises ValueError for a design effect below 1, subgroups below 1 or a
    negative minimum.
    """
    if not (math.isfinite(design_effect) and design_effect >= 1) or subgroups < 1 or minimum_per_subgroup < 0:
        raise ValueError("design effect and subgroups must be at least 1 and the minimum not negative")
    base = base_n(margin_of_error, confidence)
    points = f"±{100 * margin_of_error:g} points at {100 * confidence:g} % confidence, p = 0.5"
    factors = [Factor("base", base, f"simple random sample for {points}")]
    corrected = base
    if population is not None:
        corrected = with_population(base, population)
        why = f"finite population correction: {base:,} of a population of {population:,} become {corrected:,}"
        factors.append(Factor("finite_population", corrected / base, why))
    factors.append(Factor("design_effect", design_effect, _design_effect_reason(design_effect)))
    factors.append(Factor("subgroups", subgroups, _subgroups_reason(subgroups)))
    n = math.ceil(corrected * design_effect * subgroups - _ROUNDING)
    if minimum_per_subgroup:
        least = minimum_per_subgroup * subgroups
        effect = f"raises {n:,} to {least:,}" if least > n else "already met"
        why = f"at least {minimum_per_subgroup:,} in each of {subgroups:,} analysed groups: {effect}"
        factors.append(Factor("minimum_per_subgroup", minimum_per_subgroup, why))
        n = max(n, least)
    return SampleSize(n, tuple(factors))


def planned_n_eff(n: int, personas: int, icc: float) -> float:
    """Return what n respondents, equally spread over the personas, are worth: n/(1 + (n/personas - 1)·icc).

    Never more than personas/icc however large n is. Raises ValueError for n < 0, personas < 1 or icc
    outside 0–1.
    """
    if n < 0 or personas < 1 or not 0 <= icc <= 1:
        raise ValueError("n must not be negative, personas at least 1 and icc from 0 to 1")
    return n / design_effect(n / personas, icc)


def effective_margin_of_error(
    n_eff: float, confidence: float = 0.95, p: float = 0.5, population: int | None = None
) -> float | None:
    """Return z·√(p(1-p)/n_eff), as a share (0.05 = ±5 points); None for n_eff <= 0.

    With a population N of more than one, times √((N - n)/(N - 1)) (Cochran 1977, 2.6), 0 from n_eff = N on.
    """
    if not n_eff > 0:
        return None
    margin = z_value(confidence) * math.sqrt(p * (1 - p) / n_eff)
    if population is not None and population > 1:
        margin *= math.sqrt(max(0.0, (population - n_eff) / (population - 1)))
    return margin


def allocate(
    n: int,
    weights: Sequence[float],
    method: Allocation = "proportional",
    sds: Sequence[float] | None = None,
    minimum: int = 0,
) -> list[int]:
    """Return the respondents of each persona by largest remainder: n in all, none below `minimum`.

    proportional nₕ ∝ Wₕ, equal nₕ ∝ 1, neyman nₕ ∝ Wₕ·σₕ (J. Neyman, JRSS 97 (1934) 558-625); `weights` are
    shares of the population and need not sum to 1. Raises ValueError for an unknown method, neyman without
    as many sds as weights, or what `largest_remainder` refuses (n below minimum · personas, all products
    0).
    """
    if method == "equal":
        return largest_remainder([1.0] * len(weights), n, minimum)
    if method == "proportional":
        return largest_remainder(weights, n, minimum)
    if method != "neyman":
        raise ValueError(f"{method!r} is not a way to allocate")
    if sds is None or len(sds) != len(weights):
        raise ValueError("neyman needs as many standard deviations as weights")
    return largest_remainder([w * sd for w, sd in zip(weights, sds, strict=True)], n, minimum)


def _design_effect_reason(value: float) -> str:
    if value == 1:
        return "no allowance for weights or for respondents of one persona resembling each other"
    return f"weights and the clustering of respondents in personas make {value:g} respondents worth one"


def _subgroups_reason(subgroups: int) -> str:
    if subgroups == 1:
        return "only the total is read at this margin"
    return f"{subgroups:,} subgroups are each read at this margin"

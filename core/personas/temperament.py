"""Which five scores a made-up persona is to show: drawn in code, spread as the norms say."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

from core.personas.mini_ipip import TRAITS, Norm, instrument
from core.personas.traits import Ocean
from core.stats.sampling import SeedPart, rng, shuffled

LOWEST_SCORE: Final = 0.0
HIGHEST_SCORE: Final = 100.0


def draw_targets(count: int, seed: SeedPart) -> list[Ocean]:
    """Return the target scores (0–100, whole) of `count` personas, the same for a seed.

    Each trait is drawn by itself from a normal distribution of the norm's mean and SD, truncated to 0–100: one draw
    from each of `count` equally likely slices, in random order (Latin hypercube sampling; McKay, Beckman & Conover,
    Technometrics 21 (1979) 239-245), so that a small panel, too, is spread as the norms are.
    """
    norms = instrument().norms
    columns = {trait: _column(norms[trait], count, (seed, trait)) for trait in TRAITS}
    return [Ocean(**{trait: columns[trait][index] for trait in TRAITS}) for index in range(count)]


def _column(norm: Norm, count: int, seed: Sequence[SeedPart]) -> list[float]:
    generator = rng("ocean", *seed)
    slices = shuffled(range(count), generator)
    return [quantile(norm, (piece + generator.random()) / count) for piece in slices]


def quantile(norm: Norm, share: float) -> float:
    """Return the score, rounded to a whole one, below which `share` (0–1) of the truncated distribution lies."""
    normal = NormalDist(norm.mean_100, norm.sd_100)
    below, within = normal.cdf(LOWEST_SCORE), normal.cdf(HIGHEST_SCORE) - normal.cdf(LOWEST_SCORE)
    probability = min(max(below + share * within, 1e-12), 1 - 1e-12)
    return float(round(min(HIGHEST_SCORE, max(LOWEST_SCORE, normal.inv_cdf(probability)))))

"""Signs that answers are not those of people: too little variance, agreement, straight lines, order. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

_TINY: Final = 1e-12


def normalised_entropy(weighted_counts: Sequence[float]) -> float | None:
    """Return Shannon's entropy of a distribution over k categories as a part of ln k, 0 (all alike) to 1 (uniform).

    -Σ p·ln p / ln k: C. E. Shannon, Bell System Technical Journal 27 (1948) 379-423; over ln k it is Pielou's
    evenness. None without answers or with fewer than two categories. Raises ValueError for a negative count.
    """
    if any(not math.isfinite(count) or count < 0 for count in weighted_counts):
        raise ValueError("counts must be finite and not negative")
    total = math.fsum(weighted_counts)
    if total <= 0 or len(weighted_counts) < 2:
        return None
    entropy = -math.fsum(p * math.log(p) for count in weighted_counts if (p := count / total) > _TINY)
    return min(1.0, max(0.0, entropy / math.log(len(weighted_counts))))


def net_acquiescence(items: Sequence[tuple[float, float]]) -> float | None:
    """Return the mean over statements of agreement less disagreement, -1 to 1; None without statements.

    `items` are (share that agrees, share that disagrees), each 0–1. NARS, the net acquiescence response style, of
    H. Baumgartner and J.-B. Steenkamp, Journal of Marketing Research 38 (2001) 143-156: over statements on different
    matters, or worded both ways, it is near 0. Raises ValueError for shares that are none.
    """
    for agree, disagree in items:
        if not (0 <= agree <= 1 and 0 <= disagree <= 1 and agree + disagree <= 1 + 1e-9):
            raise ValueError("agreement and disagreement are shares of one whole")
    if not items:
        return None
    return math.fsum(agree - disagree for agree, disagree in items) / len(items)


def chance_of_straight_lines(margins: Sequence[Mapping[str, float]]) -> float:
    """Return how many (0–1) would give one answer to all items if their answers had nothing to do with each other.

    Σ_c Π_j p_jc over the shares of each code in each item; it is taken off what is observed, as a block whose items
    everybody answers alike has straight lines without anybody's carelessness. 0 without items.
    """
    if not margins:
        return 0.0
    codes = set.intersection(*(set(margin) for margin in margins))
    return math.fsum(math.prod(margin[code] for margin in margins) for code in codes)


def within_share(icc: float | None) -> float | None:
    """Return the part (0–1) of the variance that lies within clusters, 1 - ICC; None where it is not known."""
    return None if icc is None else min(1.0, max(0.0, 1 - icc))

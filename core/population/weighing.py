"""What a persona weighs where no targets say so: its own population weight, or a rule that is told. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from core.stats.rounding import percentage

UNKNOWN_WEIGHT: Final = 1.0
NAMES_TOLD: Final = 5


def assumed_weights(known: Sequence[float | None]) -> list[float]:
    """Return population weights with the unknown ones filled in: the mean of the known, or 1.

    Equal weights where all are 0, as somebody must answer.
    """
    given = [weight for weight in known if weight is not None]
    mean = math.fsum(given) / len(given) if given else UNKNOWN_WEIGHT
    weights = [mean if weight is None else weight for weight in known]
    return weights if any(weights) else [UNKNOWN_WEIGHT] * len(weights)


def weight_warnings(names: Sequence[str], known: Sequence[float | None]) -> list[str]:
    """Tell, for personas in order, which weights are assumed: none where all are given or none is."""
    if any(weight == 0 for weight in known) and not any(known):
        return ["Each persona with a population weight has the weight 0: all count the same."]
    without = [name for name, weight in zip(names, known, strict=True) if weight is None]
    if not without or len(without) == len(names):
        return []
    weights = assumed_weights(known)
    mean = next(one for one, weight in zip(weights, known, strict=True) if weight is None)
    share = percentage(mean / math.fsum(weights))
    has, each = ("has", "") if len(without) == 1 else ("have", " each")
    rule = f"{listed(without)} {has} no population weight: the mean of the others’ ({mean:.3g}) is used"
    return [
        f"{rule}, which makes {share} of the respondents{each}. A population_weight or a plan with targets decides it."
    ]


def listed(names: Sequence[str]) -> str:
    """Join names to “Ada, Ben and Cora”, a long list cut short."""
    shown = [*names[:NAMES_TOLD], f"{len(names) - NAMES_TOLD} more"] if len(names) > NAMES_TOLD else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"

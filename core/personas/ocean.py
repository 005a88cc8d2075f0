"""What is pure in administering the Mini-IPIP: the order of items, what replies say, scores, agreement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.personas.mini_ipip import TRAITS, Item, instrument, to_100
from core.personas.traits import Ocean
from core.stats.psychometrics import (
    HIGHEST,
    LOWEST,
    acquiescence,
    percentile,
    scale_scores,
    straight_lined,
)
from core.stats.sampling import derive_seed31, rng, shuffled

MissingReason = Literal["refused", "invalid"]
CLOSE: Final = 12.0
LOOSE: Final = 25.0
"""Mean absolute differences of target and expressed scores, in points of 100. A score of four items has a standard
error of about ten points by itself."""


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """What one reply says: raw answers (1–5) by item number, and why the other items have none."""

    answers: dict[int, int]
    missing: dict[int, MissingReason]


@dataclass(frozen=True, slots=True)
class Draw:
    """One administration: its number, its seed, the order in which items were shown, and what came of it."""

    number: int
    seed: int
    order: tuple[int, ...]
    said: ItemAnswers
    lineage_id: str | None = None


def draw_seed(seed: int, number: int) -> int:
    """Return the seed of one administration."""
    return derive_seed31(seed, "mini-ipip", number)


def item_order(seed: int, number: int) -> list[Item]:
    """Return the items in the order of one administration, shuffled by the job's seed."""
    return shuffled(instrument().items, rng("mini-ipip order", seed, number))


def read_answers(reply: Any, numbers: Sequence[int]) -> ItemAnswers:
    """Return what a reply says of the items asked.

    Only a whole number from 1 to 5 is an answer. Null is a refusal; whatever else stands in the place of an answer,
    or nothing at all, is invalid. Raises ValueError for a reply without a single answer.
    """
    given = reply.get("answers") if isinstance(reply, Mapping) else None
    if not isinstance(given, Mapping):
        raise ValueError("answers must be an object")  # noqa: TRY004 - one kind of error asks for the repair
    answers: dict[int, int] = {}
    missing: dict[int, MissingReason] = {}
    for number in numbers:
        value = given.get(str(number), "")
        if isinstance(value, int | float) and not isinstance(value, bool) and value in range(LOWEST, HIGHEST + 1):
            answers[number] = int(value)
        else:
            missing[number] = "refused" if value is None else "invalid"
    if not answers:
        raise ValueError(f"not one item has an answer from {LOWEST} to {HIGHEST}")
    return ItemAnswers(answers, missing)


def result_of(draws: Sequence[Draw], target: Ocean | None) -> dict[str, Any]:
    """Return all that is computed from the draws, as JSON: scores, agreement with a target, flags, the draws."""
    by_draw = [scale_scores(draw.said.answers, instrument().items) for draw in draws]
    scores = {trait: _score(trait, [scored[trait].mean for scored in by_draw]) for trait in TRAITS}
    pooled = [answer for draw in draws for answer in draw.said.answers.values()]
    return {
        "scores": scores,
        "target": target.model_dump() if target else None,
        "agreement": agreement(scores, target),
        "flags": {
            "straight_lined": any(straight_lined(draw.said.answers) for draw in draws),
            "acquiescence": _rounded(acquiescence(dict(enumerate(pooled)))),
        },
        "draws": [
            _told(draw, {trait: scored[trait].items_answered for trait in TRAITS})
            for draw, scored in zip(draws, by_draw, strict=True)
        ],
    }


def agreement(scores: Mapping[str, Mapping[str, Any]], target: Ocean | None) -> dict[str, Any] | None:
    """Return how far expressed scores lie from the target's, in points of 100; None where nothing can be compared."""
    if target is None:
        return None
    wanted = target.model_dump()
    differences = {
        trait: _rounded(scores[trait]["score"] - wanted[trait])
        for trait in TRAITS
        if scores[trait]["score"] is not None
    }
    if not differences:
        return None
    mean = math.fsum(abs(value) for value in differences.values() if value is not None) / len(differences)
    return {
        "differences": differences,
        "mean_absolute_difference": _rounded(mean),
        "verdict": "close" if mean <= CLOSE else "loose" if mean <= LOOSE else "off",
    }


def _score(trait: str, means: Sequence[float | None]) -> dict[str, Any]:
    """Return a trait's score over all draws that have one: the mean of theirs, and how much they differ."""
    found = [mean for mean in means if mean is not None]
    mean = math.fsum(found) / len(found) if found else None
    spread = None
    if mean is not None and len(found) > 1:
        spread = math.sqrt(math.fsum((one - mean) ** 2 for one in found) / (len(found) - 1))
    norm = instrument().norms[trait]
    return {
        "mean": _rounded(mean),
        "score": None if mean is None else _rounded(to_100(mean)),
        "percentile": None if mean is None else _rounded(percentile(mean, norm.mean, norm.sd)),
        "draws_scored": len(found),
        "sd_between_draws": _rounded(spread),
    }


def _told(draw: Draw, items_answered: dict[str, int]) -> dict[str, Any]:
    return {
        "number": draw.number,
        "seed": draw.seed,
        "order": list(draw.order),
        "answers": {str(number): draw.said.answers[number] for number in sorted(draw.said.answers)},
        "missing": {str(number): draw.said.missing[number] for number in sorted(draw.said.missing)},
        "items_answered": items_answered,
        "lineage_id": draw.lineage_id,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

"""How alike two personas are, to keep near-duplicates out of a panel."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

TraitValue = str | int | float | Sequence[str] | None

DEFAULT_TRAIT_WEIGHTS: Mapping[str, float] = {
    "name": 0.5,
    "occupation": 2.0,
    "backstory": 2.0,
    "lifestyle": 1.5,
    "values": 1.5,
    "personality": 1.5,
    "motivations": 1.5,
    "location_country": 0.25,
    "location_state": 0.5,
}
"""What tells two people apart weighs more than what a whole panel shares; traits not named weigh 1."""

_WORD = re.compile(r"\w+")
_LONG_TEXT = 8


@dataclass(frozen=True, slots=True)
class Match:
    """The most similar of several: its index and its similarity (0–1)."""

    index: int
    similarity: float


def trait_similarity(
    first: Mapping[str, TraitValue],
    second: Mapping[str, TraitValue],
    weights: Mapping[str, float] | None = None,
) -> float:
    """Return the weighted mean similarity (0–1, symmetric) of two personas over the traits that either has.

    Per trait: Jaccard |A∩B|/|A∪B| (Jaccard, New Phytologist 11 (1912) 37-50) of the words of texts and
    lists, of pairs of neighbouring words where both texts have 8 words or more (Broder's shingles, 1997);
    numbers 1 - |a - b|/max(|a|, |b|). A trait only one has counts 0. `weights` replace
    `DEFAULT_TRAIT_WEIGHTS`; unnamed traits weigh 1. Two personas without any trait are 0 alike. Raises
    ValueError for a negative or non-finite weight.
    """
    declared = DEFAULT_TRAIT_WEIGHTS if weights is None else weights
    if any(not math.isfinite(weight) or weight < 0 for weight in declared.values()):
        raise ValueError("trait weights must be finite and not negative")
    scores: list[float] = []
    used: list[float] = []
    for trait in sorted({*first, *second}):
        a, b = first.get(trait), second.get(trait)
        if _empty(a) and _empty(b):
            continue
        weight = declared.get(trait, 1.0)
        scores.append(weight * _similarity(a, b))
        used.append(weight)
    total = math.fsum(used)
    return math.fsum(scores) / total if total > 0 else 0.0


def most_similar(
    candidate: Mapping[str, TraitValue],
    others: Sequence[Mapping[str, TraitValue]],
    weights: Mapping[str, float] | None = None,
) -> Match | None:
    """Return the most similar of `others`, the first among equals; None when there are none."""
    matches = [Match(index, trait_similarity(candidate, other, weights)) for index, other in enumerate(others)]
    return max(matches, key=lambda match: match.similarity, default=None)


def _similarity(a: TraitValue, b: TraitValue) -> float:
    if _empty(a) or _empty(b):
        return 0.0
    if isinstance(a, int | float) and isinstance(b, int | float):
        largest = max(abs(a), abs(b))
        return 1.0 if largest == 0 else max(0.0, 1 - abs(a - b) / largest)
    words_a, words_b = _words(a), _words(b)
    if min(len(words_a), len(words_b)) >= _LONG_TEXT and isinstance(a, str) and isinstance(b, str):
        return _jaccard(_pairs(words_a), _pairs(words_b))
    return _jaccard(set(words_a), set(words_b))


def _jaccard(a: set[str], b: set[str]) -> float:
    union = len(a | b)
    return len(a & b) / union if union else 0.0


def _words(value: TraitValue) -> list[str]:
    text = " ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _pairs(words: Sequence[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(words)}


def _empty(value: TraitValue) -> bool:
    return value is None or (not isinstance(value, int | float) and not _words(value))

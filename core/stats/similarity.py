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
    return similarity_of(ready(first), ready(second), weights)


@dataclass(frozen=True, slots=True)
class ReadyTrait:
    """A trait's value taken apart: its number, its words, and of a long text the pairs of neighbouring words."""

    number: float | None
    words: frozenset[str]
    pairs: frozenset[str] | None


def ready(traits: Mapping[str, TraitValue]) -> dict[str, ReadyTrait]:
    """Return traits taken apart once, for many comparisons by `similarity_of`; those without a value are left out."""
    return {trait: _taken_apart(value) for trait, value in traits.items() if not _empty(value)}


def similarity_of(
    first: Mapping[str, ReadyTrait], second: Mapping[str, ReadyTrait], weights: Mapping[str, float] | None = None
) -> float:
    """Return the same as `trait_similarity`, of traits taken apart before. Raises ValueError for a bad weight."""
    declared = DEFAULT_TRAIT_WEIGHTS if weights is None else weights
    if any(not math.isfinite(weight) or weight < 0 for weight in declared.values()):
        raise ValueError("trait weights must be finite and not negative")
    scores: list[float] = []
    used: list[float] = []
    for trait in sorted({*first, *second}):
        a, b = first.get(trait), second.get(trait)
        weight = declared.get(trait, 1.0)
        scores.append(weight * _similarity(a, b) if a and b else 0.0)
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


def _similarity(a: ReadyTrait, b: ReadyTrait) -> float:
    if a.number is not None and b.number is not None:
        largest = max(abs(a.number), abs(b.number))
        return 1.0 if largest == 0 else max(0.0, 1 - abs(a.number - b.number) / largest)
    if a.pairs is not None and b.pairs is not None:
        return _jaccard(a.pairs, b.pairs)
    return _jaccard(a.words, b.words)


def _taken_apart(value: TraitValue) -> ReadyTrait:
    words = _words(value)
    long = isinstance(value, str) and len(words) >= _LONG_TEXT
    number = float(value) if isinstance(value, int | float) else None
    return ReadyTrait(number, frozenset(words), frozenset(_pairs(words)) if long else None)


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    shared = len(a & b)
    union = len(a) + len(b) - shared
    return shared / union if union else 0.0


def _words(value: TraitValue) -> list[str]:
    text = " ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _pairs(words: Sequence[str]) -> set[str]:
    return {f"{first} {second}" for first, second in pairwise(words)}


def _empty(value: TraitValue) -> bool:
    return value is None or (not isinstance(value, int | float) and not _words(value))

"""Deterministic seeds and the draws made with them: the same parts give the same numbers on every machine."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping, Sequence
from random import Random
from typing import TypeVar
from uuid import UUID

SeedPart = str | int | float | bool | None | UUID | Sequence["SeedPart"] | Mapping[str, "SeedPart"]

Item = TypeVar("Item")

_ROUNDING = 1e-9


def derive_seed(*parts: SeedPart) -> int:
    """Return a seed of 63 bits (0 … 2⁶³-1), the head of the SHA-256 of the parts as canonical JSON.

    Keys of mappings are sorted and UUIDs written as text, so ("a", 1) and ("a", "1") differ and order
    matters. Raises ValueError for NaN or infinity, TypeError for anything JSON cannot hold.
    """
    return int.from_bytes(_digest(parts)[:8], "big") >> 1


def derive_seed31(*parts: SeedPart) -> int:
    """Return the same as `derive_seed` in 31 bits (0 … 2³¹-1), which every model API takes as its seed."""
    return int.from_bytes(_digest(parts)[:4], "big") >> 1


def rng(*parts: SeedPart) -> Random:
    """Return a generator of its own for these parts; draw with `random()` only, which Python keeps stable."""
    return Random(derive_seed(*parts))


def shuffled(items: Sequence[Item], generator: Random) -> list[Item]:
    """Return the items in random order (Fisher-Yates on `random()`, so stable across Python versions)."""
    result = list(items)
    for last in range(len(result) - 1, 0, -1):
        other = int(generator.random() * (last + 1))
        result[last], result[other] = result[other], result[last]
    return result


def categorical(probabilities: Mapping[str, float], generator: Random) -> str:
    """Return one code drawn with its probability; one uniform number is used.

    Codes are taken in sorted order, so that the order of the mapping does not matter; a total other than 1 is
    normalised; a code of probability 0 is never drawn. Raises ValueError for negative or non-finite
    probabilities or when all are 0.
    """
    _check_probabilities(probabilities)
    codes = sorted(code for code, probability in probabilities.items() if probability > 0)
    if not codes:
        raise ValueError("at least one probability must be above 0")
    target = generator.random() * math.fsum(probabilities[code] for code in codes)
    running = 0.0
    for code in codes:
        running += probabilities[code]
        if target < running:
            return code
    return codes[-1]


def inclusion(probabilities: Mapping[str, float], exclusive: Collection[str], generator: Random) -> list[str]:
    """Return the sorted codes of one multiple-choice answer, at least one, an exclusive one always alone.

    `probabilities` are each option's own chance of being chosen (0–1). The rule: with E = the summed
    probability of the exclusive options (at most 1), one uniform number decides between each exclusive
    option at its p and, at 1 - E, the ordinary ones, each then included independently at min(1, p/(1 - E)),
    so that over all respondents an option keeps its p. If none comes out, one is drawn in proportion to p:
    this, the price of a non-empty answer, is what raises shares when all probabilities are small. Codes are
    taken in sorted order. Raises ValueError for probabilities outside 0–1 or when all are 0.
    """
    _check_probabilities(probabilities)
    if any(probability > 1 + _ROUNDING for probability in probabilities.values()):
        raise ValueError("inclusion probabilities must not be above 1")
    alone = sorted(code for code in probabilities if code in exclusive and probabilities[code] > 0)
    ordinary = {
        code: probabilities[code] for code in sorted(probabilities) if code not in exclusive and probabilities[code] > 0
    }
    if not alone and not ordinary:
        raise ValueError("at least one probability must be above 0")
    total_alone = math.fsum(probabilities[code] for code in alone)
    scale = max(1.0, total_alone) if ordinary else total_alone
    target = generator.random() * scale
    running = 0.0
    for code in alone:
        running += probabilities[code]
        if target < running:
            return [code]
    if not ordinary or total_alone >= 1 - _ROUNDING:
        return [alone[-1]]
    room = 1 - total_alone
    chosen = [code for code, probability in ordinary.items() if generator.random() < min(1.0, probability / room)]
    return chosen or [categorical(ordinary, generator)]


def largest_remainder(shares: Sequence[float], n: int, minimum: int = 0) -> list[int]:
    """Return whole numbers in proportion to the shares that sum to n exactly, none below `minimum`.

    Hamilton's method: floors of the quotas, the rest to the largest remainders, ties to the earlier slot.
    Slots whose quota is below the minimum get the minimum and the others share what is left in proportion.
    Raises ValueError for negative or non-finite shares, a negative n or minimum, n < minimum · slots, or
    nothing to divide by (no slots, or all shares 0, and n not used up by the minimum).
    """
    if n < 0 or minimum < 0:
        raise ValueError("n and minimum must not be negative")
    if any(not math.isfinite(share) or share < 0 for share in shares):
        raise ValueError("shares must be finite and not negative")
    if n < minimum * len(shares):
        raise ValueError(f"{n} is not enough for {len(shares)} parts of at least {minimum}")
    result = [minimum] * len(shares)
    if n == minimum * len(shares):
        return result
    largest = max(shares, default=0.0)
    if largest <= 0:
        raise ValueError(f"{n} cannot be divided: no share is above 0")
    quotas = _quotas([share / largest for share in shares], n, minimum)
    for slot, quota in quotas.items():
        result[slot] = math.floor(quota + _ROUNDING)
    by_remainder = sorted(quotas, key=lambda slot: (-round(quotas[slot] - result[slot], 9), slot))
    for slot in by_remainder[: n - sum(result)]:
        result[slot] += 1
    return result


def _quotas(shares: Sequence[float], n: int, minimum: int) -> dict[int, float]:
    """Return the quotas of the slots that are not held at the minimum."""
    free = [slot for slot in range(len(shares)) if minimum == 0 or shares[slot] > 0]
    while True:
        rest = n - minimum * (len(shares) - len(free))
        total = math.fsum(shares[slot] for slot in free)
        quotas = {slot: rest * (shares[slot] / total) for slot in free}
        kept = [slot for slot in free if quotas[slot] >= minimum - _ROUNDING]
        if len(kept) == len(free):
            return quotas
        free = kept


def _check_probabilities(probabilities: Mapping[str, float]) -> None:
    if any(not math.isfinite(probability) or probability < 0 for probability in probabilities.values()):
        raise ValueError("probabilities must be finite and not negative")


def _digest(parts: Sequence[SeedPart]) -> bytes:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return hashlib.sha256(text.encode()).digest()


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"a seed cannot be made from {type(value).__name__}")

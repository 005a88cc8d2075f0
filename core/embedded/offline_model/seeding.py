"""Deterministic draws that do not depend on the Python version, the process or the order of requests."""

import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1


def digest(*parts: object) -> int:
    """Return a 64-bit integer that depends on every part and on their order."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def unit(*parts: object) -> float:
    """Return a number in [0, 1) that depends on every part."""
    return (digest(*parts) >> 11) / (1 << 53)


def phi(z: float) -> float:
    """Return the standard normal distribution function at `z`."""
    return 0.5 * (1.0 + math.erf(z / math.sqrt(2.0)))


class Draws:
    """A small counter-based generator (splitmix64), seeded from any parts."""

    __slots__ = ("_state",)

    def __init__(self, *parts: object) -> None:
        self._state = digest(*parts)

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return z ^ (z >> 31)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """Draw a number in [low, high)."""
        return low + (high - low) * ((self._next() >> 11) / (1 << 53))

    def normal(self, mean: float = 0.0, sd: float = 1.0) -> float:
        """Draw from a normal distribution (Box-Muller)."""
        u = max(self.uniform(), 1e-12)
        return mean + sd * math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * self.uniform())

    def integer(self, low: int, high: int) -> int:
        """Draw a whole number between `low` and `high`, both included."""
        return low + self._next() % (high - low + 1)

    def chance(self, p: float) -> bool:
        """Return True with probability `p`."""
        return self.uniform() < p

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of the items."""
        return items[self._next() % len(items)]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Draw `count` different items, or all of them in random order when there are fewer."""
        pool = list(items)
        return [pool.pop(self._next() % len(pool)) for _ in range(min(count, len(pool)))]

    def weighted(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """Draw one of the items with probability proportional to its weight."""
        mark = self.uniform(0.0, sum(weights))
        for item, weight in zip(items, weights, strict=True):
            mark -= weight
            if mark < 0:
                return item
        return items[-1]

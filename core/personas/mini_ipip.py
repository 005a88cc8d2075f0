"""The Mini-IPIP: 20 items of the public domain, their key, and the norms they are read against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

TRAITS: Final = ("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism")
LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Item:
    """A statement that is answered from 1 (very inaccurate) to 5; a reversed one counts 6 − x for its trait."""

    number: int
    text: str
    trait: str
    reversed: bool


@dataclass(frozen=True, slots=True)
class Norm:
    """Mean and standard deviation of a trait among those who were asked, on the scale of the items (1–5)."""

    mean: float
    sd: float

    @property
    def mean_100(self) -> float:
        """Return the mean on 0–100."""
        return to_100(self.mean)

    @property
    def sd_100(self) -> float:
        """Return the standard deviation in points of 0–100."""
        return self.sd * 100 / (HIGHEST - LOWEST)


@dataclass(frozen=True, slots=True)
class Instrument:
    """The items in their published order, the labels of the scale, and the norms with what they were computed from."""

    name: str
    scale: tuple[str, ...]
    items: tuple[Item, ...]
    norms: dict[str, Norm]
    norms_source: str


def to_100(score: float) -> float:
    """Return a score of 1–5 on 0–100."""
    return (score - LOWEST) * 100 / (HIGHEST - LOWEST)


@lru_cache(maxsize=1)
def instrument() -> Instrument:
    """Return the Mini-IPIP as it is shipped."""
    raw = json.loads((resources.files(__package__) / "data" / "mini_ipip.json").read_text(encoding="utf-8"))
    named = {trait[0].upper(): trait for trait in TRAITS}
    norms = raw["norms"]
    return Instrument(
        name=raw["instrument"],
        scale=tuple(raw["response_scale"]),
        items=tuple(Item(one["number"], one["text"], named[one["trait"]], one["reversed"]) for one in raw["items"]),
        norms={named[letter]: Norm(norms["mean"][letter], norms["sd"][letter]) for letter in norms["mean"]},
        norms_source=norms["source"],
    )

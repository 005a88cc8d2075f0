"""What is to go wrong, when and for how long: drawn from a seed, so that the same storm can be made again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

# Seconds a part is away, or how long it takes to come back at least: from, to.
KINDS: Final[dict[str, tuple[float, float]]] = {
    "worker killed": (0.0, 1.0),
    "worker frozen": (0.5, 5.0),
    "worker ended": (0.0, 0.5),
    "web killed": (0.0, 1.0),
    "web frozen": (0.5, 3.0),
    "valkey killed": (0.0, 3.0),
    "valkey frozen": (0.5, 4.0),
    "valkey flushed": (0.0, 0.0),
    "valkey cut": (0.0, 0.0),
    "valkey held up": (0.5, 4.0),
    "postgres restarted": (0.0, 3.0),
    "postgres killed": (0.0, 2.0),
    "postgres lost a process": (0.0, 0.0),
    "postgres frozen": (0.5, 4.0),
    "postgres cut": (0.0, 0.0),
    "postgres held up": (0.5, 4.0),
}
# Workers are what dies most often.
OFTEN: Final = ("worker killed", "worker killed", "worker frozen")
CLOCKS_S: Final = (0.0, 90.0, -45.0, 3600.0, -7200.0)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One thing that goes wrong: when (seconds from the start), what, for how long, and which worker."""

    at_s: float
    kind: str
    for_s: float
    worker: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A storm: its disturbances, and how far each worker's clock is off."""

    seed: int
    duration_s: float
    disturbances: tuple[Disturbance, ...]
    clocks_s: tuple[float, ...]

    def __str__(self) -> str:
        clocks = ", ".join(f"{skew:+.0f} s" for skew in self.clocks_s)
        lines = [f"{one.at_s:6.1f} s  {describe(one)}" for one in self.disturbances]
        return "\n".join([f"clocks of the workers: {clocks}", *lines])


def describe(one: Disturbance) -> str:
    """Say what goes wrong."""
    what = one.kind.replace("worker", f"worker {one.worker}")
    return what + (f" for {one.for_s:.1f} s" if one.for_s else "")


def make_plan(seed: int, duration_s: float, gap_s: float, workers: int) -> Plan:
    """Draw a storm; every kind comes once before any of them comes again."""
    rng = random.Random(seed)
    bag: list[str] = []
    found: list[Disturbance] = []
    at_s = gap_s / 2
    while at_s < duration_s:
        if not bag:
            bag = [*KINDS, *OFTEN]
            rng.shuffle(bag)
        kind = bag.pop()
        shortest, longest = KINDS[kind]
        found.append(
            Disturbance(round(at_s, 1), kind, round(rng.uniform(shortest, longest), 1), rng.randrange(workers))
        )
        at_s += rng.uniform(0.5, 1.5) * gap_s
    # The first one's is right, so that a storm shows what the others' clocks change.
    return Plan(seed, duration_s, tuple(found), (0.0, *rng.sample(CLOCKS_S[1:], workers - 1)))

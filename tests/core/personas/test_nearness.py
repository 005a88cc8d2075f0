"""Many cells at once give the figures that core.stats.nearest gives one by one."""

from __future__ import annotations

from random import Random

import pytest

from core.personas.nearness import Nearness
from core.stats import nearest
from core.stats.targets import cells_from_margins

MARGINS = {
    "age": {"18-29": 0.2, "30-44": 0.3, "45-64": 0.3, "65+": 0.2},
    "gender": {"Female": 0.5, "Male": 0.5},
    "income": {"<30k": 0.3, "30k-60k": 0.4, "60k+": 0.3},
}
CELLS = cells_from_margins(MARGINS)


def people(seed: int) -> list[dict[str, object]]:
    random = Random(seed)
    return [
        {
            "age": random.choice([*MARGINS["age"], "33", None]),
            "gender": random.choice(["female", "Male", ["Male", "Other"]]),
            "income": random.choice(["20k", "45k", "50k-80k", ""]),
        }
        for _ in range(6)
    ]


@pytest.mark.parametrize("seed", range(10))
def test_shares_and_assignments_agree_with_the_plain_way(seed: int) -> None:
    rows = people(seed)
    drawn = [Random(seed).randrange(len(CELLS)) for _ in range(300)]
    nearness = Nearness(CELLS, rows)
    assert nearness.shares() == pytest.approx(nearest.persona_weights(CELLS, rows))
    assert nearness.assign(drawn, seed) == nearest.assign(drawn, CELLS, rows, seed)


def test_there_must_be_personas() -> None:
    with pytest.raises(ValueError, match="no personas"):
        Nearness(CELLS, [])

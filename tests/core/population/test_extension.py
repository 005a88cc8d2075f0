"""Samples drawn part by part: the first ones stay, and the whole follows the plan."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import Any

import pytest

from core.population.extension import drawn_in_parts
from core.population.matching import realised_margins
from core.population.planning import compute_plan
from core.population.respondents import DrawnRespondent, drawn_for
from core.population.schemas import PlanCreate
from core.stats.targets import cells_from_margins
from tests.factories.personas import snapshot

MARGINS = {
    "age": {"18-29": 0.23, "30-64": 0.52, "65+": 0.25},
    "gender": {"Female": 0.51, "Male": 0.49},
    "region": {"North": 0.4, "South": 0.35, "West": 0.25},
}
PEOPLE = [
    snapshot(1, 0.5, age="18-29", gender="Female", segment="x"),
    snapshot(2, 0.3, age="30-64", gender="Male"),
    snapshot(3, 0.2, age="65+", gender="Female"),
]


def plan(n: int = 120, **members: Any) -> dict[str, Any]:
    body = PlanCreate.model_validate({"persona_ids": [one.persona_id for one in PEOPLE], "n": n} | members)
    return compute_plan(body, PEOPLE).model_dump(mode="json")


PLANS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "shares": plan(),
    "targets": plan(targets={"margins": MARGINS}),
    "equal": plan(allocation="equal"),
    "equal with targets": plan(allocation="equal", targets={"margins": MARGINS}),
}
SIZES = [(120, 30), (37, 1, 82), (1, 1, 1, 200), (400, 400)]


def who(drawn: list[DrawnRespondent]) -> list[Any]:
    return [(one.number, one.persona, one.attributes) for one in drawn]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("kind", PLANS)
def test_the_first_stay_and_the_whole_is_what_the_plan_asks_for(kind: str, sizes: tuple[int, ...]) -> None:
    found = drawn_in_parts(PLANS[kind], PEOPLE, sizes, 7)
    assert [one.number for one in found] == list(range(1, sum(sizes) + 1))
    assert who(found)[: sizes[0]] == who(drawn_for(PLANS[kind], PEOPLE, sizes[0], 7))
    for places, _ in enumerate(accumulate(sizes), start=1):
        part = drawn_in_parts(PLANS[kind], PEOPLE, sizes[:places], 7)
        assert who(part) == who(found)[: len(part)]
    at_once = drawn_for(PLANS[kind], PEOPLE, sum(sizes), 7)
    assert Counter(one.persona for one in found) == Counter(one.persona for one in at_once)
    weights = {(one.persona, round(one.weight, 9)) for one in at_once}
    assert {(one.persona, round(one.weight, 9)) for one in found} == weights


@pytest.mark.parametrize("kind", ["targets", "equal with targets"])
@pytest.mark.parametrize("sizes", [(120, 30), (40, 40, 40), (400, 400)])
def test_margins_are_hardly_further_from_the_targets_than_in_one_draw(kind: str, sizes: tuple[int, ...]) -> None:
    cells = cells_from_margins(MARGINS)

    def distance(drawn: list[DrawnRespondent]) -> float:
        margins = realised_margins(cells, [(one.attributes, one.weight) for one in drawn])
        return sum(margins.total_variation.values())

    found = distance(drawn_in_parts(PLANS[kind], PEOPLE, sizes, 7))
    assert found <= distance(drawn_for(PLANS[kind], PEOPLE, sum(sizes), 7)) + 3 / sum(sizes)


def test_a_larger_sample_in_which_a_persona_has_fewer_takes_nobody_away() -> None:
    # Hamilton's method at Alabama: 10 give the shares 4, 4, 2 and 11 give 5, 5, 1
    people = [snapshot(1, 6), snapshot(2, 6), snapshot(3, 2)]
    counts = [Counter(one.persona for one in drawn_for(None, people, n, 1)) for n in (10, 11)]
    assert [count[2] for count in counts] == [2, 1]
    found = drawn_in_parts(None, people, (10, 1), 1)
    assert sorted(Counter(one.persona for one in found).values()) == [2, 4, 5]


def test_a_persona_that_is_over_its_part_waits_until_the_sample_has_grown() -> None:
    people = [snapshot(1, 6), snapshot(2, 6), snapshot(3, 2)]
    found = Counter(one.persona for one in drawn_in_parts(None, people, (10, 1, 3), 1))
    assert found == {0: 6, 1: 6, 2: 2}

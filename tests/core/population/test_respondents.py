"""Respondents: drawn in proportion, numbered from 1, the same for a seed."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest

from core.personas.cells import checked_cells
from core.personas.schemas import PersonaSnapshot
from core.population.matching import realised_margins
from core.population.planning import compute_plan
from core.population.respondents import draw_respondents, respondent_frame
from core.population.schemas import PlanCreate
from core.stats.sampling import largest_remainder
from core.stats.targets import cells_from_margins
from tests.factories.personas import snapshot

AGES = ("18-29", "30-64", "65+")
SEXES = ("Female", "Male")
MARGINS = {"age": {"18-29": 0.25, "30-64": 0.5, "65+": 0.25}, "gender": {"Female": 0.5, "Male": 0.5}}
CELLS = cells_from_margins(MARGINS)
PEOPLE = [
    snapshot(1, age="18-29", gender="Female", segment="x"),
    snapshot(2, age="30-64", gender="Male"),
    snapshot(3, age="65+", gender="Female"),
]


def test_respondents_follow_the_cells() -> None:
    drawn = draw_respondents(CELLS, PEOPLE, 400, 7)
    assert [one.number for one in drawn] == list(range(1, 401))
    assert Counter(one.attributes["age"] for one in drawn) == {"18-29": 100, "30-64": 200, "65+": 100}
    assert {one.weight for one in drawn} == {1.0}


def test_each_is_played_by_the_nearest_persona_and_keeps_its_other_attributes() -> None:
    young_women = [
        one
        for one in draw_respondents(CELLS, PEOPLE, 40, 7)
        if one.attributes["age"] == "18-29" and one.attributes["gender"] == "Female"
    ]
    assert {one.persona for one in young_women} == {0}
    assert {one.attributes["segment"] for one in young_women} == {"x"}


def test_traits_stand_in_for_attributes_that_a_persona_lacks() -> None:
    by_hand = [
        snapshot(1).model_copy(update={"profile": {"age_range": {"min": 20, "max": 24}, "gender": "Female"}}),
        snapshot(2).model_copy(update={"profile": {"age_range": {"min": 70, "max": 75}, "gender": "Female"}}),
    ]
    drawn = draw_respondents(CELLS, by_hand, 100, 1)
    assert {one.persona for one in drawn if one.attributes["age"] == "65+"} == {1}
    assert {one.persona for one in drawn if one.attributes["age"] == "18-29"} == {0}


def test_without_cells_personas_share_n_by_weight() -> None:
    people = [snapshot(1, 0.5, race="a"), snapshot(2, 0.3), snapshot(3, 0.2)]
    drawn = draw_respondents(None, people, 11, 3)
    assert Counter(one.persona for one in drawn) == {0: 6, 1: 3, 2: 2}
    assert next(one for one in drawn if one.persona == 0).attributes == {"race": "a"}


def test_a_persona_without_a_weight_weighs_the_mean() -> None:
    drawn = draw_respondents(None, [snapshot(1, 0.2), snapshot(2, 0.6), snapshot(3)], 12, 3)
    assert Counter(one.persona for one in drawn) == {0: 2, 1: 6, 2: 4}


@pytest.mark.parametrize("cells", [None, CELLS])
def test_the_same_seed_gives_the_same_respondents(cells: tuple[object, ...] | None) -> None:
    chosen = CELLS if cells else None
    assert draw_respondents(chosen, PEOPLE, 50, 9) == draw_respondents(chosen, PEOPLE, 50, 9)
    assert draw_respondents(chosen, PEOPLE, 50, 9) != draw_respondents(chosen, PEOPLE, 50, 10)


def test_somebody_must_answer() -> None:
    with pytest.raises(ValueError, match="no personas"):
        draw_respondents(None, [], 5, 1)


@pytest.mark.parametrize("targets", [None, {"margins": MARGINS}])
def test_equal_allocation_is_kept_and_weights_restore_the_shares(targets: dict[str, object] | None) -> None:
    people = [
        person.model_copy(update={"weight": weight}) for person, weight in zip(PEOPLE, (0.2, 0.5, 0.3), strict=True)
    ]
    body = PlanCreate(persona_ids=[person.persona_id for person in people], n=300, allocation="equal", targets=targets)
    plan = compute_plan(body, people)
    drawn = respondent_frame(plan, people, 300, 5)
    assert Counter(one.persona for one in drawn) == {0: 100, 1: 100, 2: 100}
    for index, row in enumerate(plan.allocation):
        assert sum(one.weight for one in drawn if one.persona == index) / 300 == pytest.approx(row.weight)
    if targets:
        share = sum(one.weight for one in drawn if one.attributes["age"] == "30-64") / 300
        assert share == pytest.approx(0.5, abs=0.02)


def test_another_n_than_the_plans_is_shared_in_proportion() -> None:
    people = [snapshot(1, 0.75), snapshot(2, 0.25)]
    plan = compute_plan(PlanCreate(persona_ids=[person.persona_id for person in people], n=100), people)
    assert Counter(one.persona for one in respondent_frame(plan, people, 40, 1)) == {0: 30, 1: 10}


def fifths() -> tuple[list[PersonaSnapshot], dict[str, object]]:
    """Return personas and targets whose cells do not divide evenly."""
    people = [snapshot(n, age=age, gender=sex) for n, (age, sex) in enumerate(product(AGES, SEXES), start=1)]
    shares = {
        "age": dict(zip(AGES, (0.37, 0.41, 0.22), strict=True)),
        "gender": dict(zip(SEXES, (0.53, 0.47), strict=True)),
    }
    regions = {f"r{n}": share for n, share in enumerate((0.31, 0.27, 0.19, 0.13, 0.1))}
    return people, {"margins": {**shares, "region": regions}}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("planned", "n"), [(60, 60), (267, 267), (60, 100), (100, 13)])
def test_a_plans_allocation_is_what_is_drawn(planned: int, n: int, seed: int) -> None:
    people, targets = fifths()
    ids = [person.persona_id for person in people]
    plan = compute_plan(PlanCreate.model_validate({"persona_ids": ids, "n": planned, "targets": targets}), people)
    drawn = respondent_frame(plan, people, n, seed)
    counts = Counter(one.persona for one in drawn)
    assert [counts[index] for index in range(6)] == largest_remainder([row.weight for row in plan.allocation], n)
    if n == planned:
        assert [counts[index] for index in range(6)] == [row.n for row in plan.allocation]
    assert {one.weight for one in drawn} == {1.0}
    for one in drawn:
        assert one.attributes["age"] == people[one.persona].attributes["age"]
    realised = realised_margins(checked_cells(targets), [(one.attributes, 1.0) for one in drawn])
    assert all(gap * n <= 3 for gap in realised.total_variation.values()), realised.total_variation


def test_the_first_rows_stand_for_all() -> None:
    people, targets = fifths()
    ids = [person.persona_id for person in people]
    plan = compute_plan(PlanCreate.model_validate({"persona_ids": ids, "n": 600, "targets": targets}), people)
    first = Counter(one.persona for one in respondent_frame(plan, people, 600, 1)[:200])
    assert all(abs(first[index] - row.n / 3) < 25 for index, row in enumerate(plan.allocation))


def test_a_persona_that_has_lost_its_cells_keeps_its_respondents() -> None:
    plan = compute_plan(
        PlanCreate.model_validate(
            {"persona_ids": [p.persona_id for p in PEOPLE], "n": 40, "targets": {"margins": MARGINS}}
        ),
        PEOPLE,
    )
    changed = [*PEOPLE[:2], snapshot(3, age="5-9", gender="x")]
    drawn = respondent_frame(plan, changed, 40, 1)
    assert [Counter(one.persona for one in drawn)[index] for index in range(3)] == [row.n for row in plan.allocation]


def test_a_frame_needs_the_plans_own_personas() -> None:
    plan = compute_plan(PlanCreate(persona_ids=[PEOPLE[0].persona_id], n=5), PEOPLE[:1])
    with pytest.raises(ValueError, match="not those of the plan"):
        respondent_frame(plan, PEOPLE[1:2], 5, 1)

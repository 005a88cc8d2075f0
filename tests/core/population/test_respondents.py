"""Respondents: drawn in proportion, numbered from 1, the same for a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from core.population.planning import compute_plan
from core.population.respondents import draw_respondents, respondent_frame
from core.population.schemas import PlanCreate
from core.stats.targets import cells_from_margins
from tests.factories.personas import snapshot

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


def test_a_frame_needs_the_plans_own_personas() -> None:
    plan = compute_plan(PlanCreate(persona_ids=[PEOPLE[0].persona_id], n=5), PEOPLE[:1])
    with pytest.raises(ValueError, match="not those of the plan"):
        respondent_frame(plan, PEOPLE[1:2], 5, 1)

"""Respondents who do not fit their persona's story are counted and told."""

from __future__ import annotations

from core.personas.schemas import PersonaSnapshot
from core.population.matching import PoorMatches, poor_matches, realised_margins
from core.population.planning import compute_plan
from core.population.respondents import draw_respondents
from core.population.schemas import PlanCreate
from core.stats.targets import cells_from_margins
from tests.factories.personas import snapshot

MARGINS = {
    "age": {"18-34": 0.35, "35-54": 0.38, "55-70": 0.27},
    "gender": {"Female": 0.5, "Male": 0.5},
    "region": {"England": 0.93, "Wales": 0.07},
}


def gwen() -> PersonaSnapshot:
    traits = {"age_range": {"min": 66, "max": 70}, "gender": "Female"}
    return snapshot(1, region="Wales").model_copy(update={"profile": traits})


def panel() -> list[PersonaSnapshot]:
    kinds = [("18-34", "Female"), ("35-54", "Male"), ("18-34", "Male"), ("55-70", "Male")]
    others = [snapshot(n, age=age, gender=sex, region="England") for n, (age, sex) in enumerate(kinds, start=2)]
    return [gwen(), *others]


def test_the_old_woman_of_wales_is_not_the_young_people_of_wales() -> None:
    drawn = draw_respondents(cells_from_margins(MARGINS), panel(), 600, 3)
    assert {one.attributes["age"] for one in drawn if one.persona == 0} == {"55-70"}
    assert {one.attributes["gender"] for one in drawn if one.persona == 0} == {"Female"}


def test_who_is_far_in_age_or_of_another_gender_is_counted() -> None:
    people = [
        (0, {"age": "18-34", "gender": "woman"}),
        (0, {"age": "18-34", "gender": "Male"}),
        (0, {"age": "55-70", "gender": "Female"}),
        (0, {"region": "Wales"}),
        (1, {"age": "35-54", "sex": "Female"}),
    ]
    found = poor_matches([gwen(), snapshot(2)], people)
    assert found == PoorMatches(n=5, far_ages=2, other_genders=1)
    ages, genders = found.warnings("About ")
    assert ages.startswith("About 2 of 5 respondents are more than 15 years younger or older than the persona")
    assert genders.startswith("About 1 of 5 respondents is of another gender")
    assert PoorMatches(5, 0, 0).warnings() == []


def test_who_differs_in_another_attribute_is_counted_and_a_value_that_is_mostly_played_by_others_named() -> None:
    panel = [snapshot(1, diet="vegan", income="$20k-30k"), snapshot(2, diet="Omnivore", income="$50k-70k"), snapshot(3)]
    people = [
        *[(1, {"diet": "vegan"})] * 8,
        *[(0, {"diet": "Vegan", "income": "$20k-25k"})] * 2,
        *[(1, {"diet": "omnivore"})] * 9,
        (0, {"diet": "omnivore", "income": "$50k-70k"}),
        (2, {"diet": "omnivore"}),
    ]
    found = poor_matches(panel, people)
    assert (found.n, found.far_ages, found.other_genders) == (21, 0, 0)
    assert found.other_values == {"diet": {"omnivore": 1, "vegan": 8}, "income": {"$50k-70k": 1}}
    diet, income = found.warnings("About ")
    assert diet.startswith(
        "About 9 of 21 respondents have another diet than the persona they are modelled on, among them 8 of the 8 with"
        " vegan: age and gender weigh more in who is nearest."
    )
    assert income.startswith("About 1 of 21 respondents has another income than")


def test_a_plan_with_few_vegans_tells_that_they_are_played_by_others() -> None:
    kinds = [("18-34", "Female", "vegan"), ("35-54", "Male", "omnivore"), ("55-70", "Male", "omnivore")]
    panel = [snapshot(n, age=age, gender=sex, diet=diet) for n, (age, sex, diet) in enumerate(kinds, start=1)]
    margins = {**MARGINS, "diet": {"omnivore": 0.95, "vegan": 0.05}}
    del margins["region"]
    body = {"persona_ids": [one.persona_id for one in panel], "n": 120, "targets": {"margins": margins}}
    plan = compute_plan(PlanCreate.model_validate(body), panel)
    assert plan.poor_matches is not None
    assert plan.poor_matches.other_values["diet"]["vegan"] >= 1
    assert any("another diet than the persona" in warning and "with vegan" in warning for warning in plan.warnings)


def test_a_plan_tells_how_many_to_expect() -> None:
    body = {"persona_ids": [gwen().persona_id], "n": 100, "targets": {"margins": MARGINS}}
    plan = compute_plan(PlanCreate.model_validate(body), [gwen()])
    assert plan.poor_matches is not None
    assert (plan.poor_matches.n, plan.poor_matches.far_ages) == (100, 73)
    assert any(warning.startswith("About 73 of 100 respondents") for warning in plan.warnings)


def test_realised_margins_count_weights() -> None:
    cells = cells_from_margins({"age": {"young": 0.5, "old": 0.5}})
    found = realised_margins(cells, [({"age": "young"}, 3.0), ({"age": "old"}, 1.0)])
    assert found.margins == {"age": {"old": 0.25, "young": 0.75}}
    assert found.total_variation == {"age": 0.25}
    assert realised_margins(cells, []).margins == {"age": {"old": 0.0, "young": 0.0}}

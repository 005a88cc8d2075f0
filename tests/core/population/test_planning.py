"""Plans: the arithmetic against figures known from textbooks, and warnings in words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import Invalid
from core.population.planning import compute_plan
from core.population.schemas import PlanCreate, PlanDocument
from tests.factories.personas import snapshot

PEOPLE = [snapshot(number, 0.125, age="18-29" if number < 5 else "30+") for number in range(1, 9)]


def plan(**members: Any) -> PlanDocument:
    ids = [person.persona_id for person in PEOPLE]
    return compute_plan(PlanCreate.model_validate({"persona_ids": ids} | members), PEOPLE)


@pytest.mark.parametrize(("margin", "n"), [(0.05, 385), (0.03, 1068), (0.02, 2401), (0.07, 196)])
def test_a_margin_of_error_asks_for_the_known_n(margin: float, n: int) -> None:
    assert plan(margin_of_error=margin).n == n


def test_every_factor_is_shown() -> None:
    made = plan(margin_of_error=0.05, population_size=1000, design_effect=1.5, subgroups=2, minimum_per_persona=10)
    assert [factor.name for factor in made.factors] == [
        "base",
        "finite_population",
        "design_effect",
        "subgroups",
        "minimum_per_persona",
    ]
    assert made.n == 837  # 385 / (1 + 384/1000) = 278.2 → 279; × 1.5 × 2
    assert all(factor.why for factor in made.factors)


def test_the_caller_may_override_what_is_recommended() -> None:
    made = plan(margin_of_error=0.05, design_effect=2, n=300)
    assert made.n == 300
    assert [(factor.name, factor.value) for factor in made.factors][-1] == ("n", 300)
    assert "instead of the recommended 770" in made.factors[-1].why
    assert made.margin_of_error == pytest.approx(1.959964 * (0.25 / 150) ** 0.5, abs=1e-6)
    assert "300 respondents are fewer than the 770 that ±5 points ask for." in made.warnings


def test_each_analysed_subgroup_has_its_minimum() -> None:
    assert plan(margin_of_error=0.2, subgroups=4, minimum_per_subgroup=50).n == 200
    short = plan(n=100, subgroups=4, minimum_per_subgroup=50)
    assert any("fewer than 50 in each of 4 subgroups" in warning for warning in short.warnings)


def test_unequal_weights_are_told_with_what_they_cost() -> None:
    people = [snapshot(1, 0.8), snapshot(2, 0.2)]
    body = PlanCreate(persona_ids=[person.persona_id for person in people], n=100, allocation="equal")
    made = compute_plan(body, people)
    assert [row.respondent_weight for row in made.allocation] == pytest.approx([1.6, 0.4])
    assert made.n_eff_weights == pytest.approx(100**2 / (50 * 1.6**2 + 50 * 0.4**2))


def test_400_respondents_of_8_personas_are_worth_37() -> None:
    made = plan(n=400)
    assert made.n_eff == pytest.approx(37.04, abs=0.01)
    assert any("worth about 37 independent ones" in warning for warning in made.warnings)


def test_the_allocation_sums_to_n_and_keeps_the_minimum() -> None:
    people = [snapshot(1, 0.98), snapshot(2, 0.01), snapshot(3, 0.01)]
    body = PlanCreate(persona_ids=[person.persona_id for person in people], n=101, minimum_per_persona=20)
    made = compute_plan(body, people)
    assert [row.n for row in made.allocation] == [61, 20, 20]
    assert [row.weight for row in made.allocation] == pytest.approx([0.98, 0.01, 0.01])


def test_neyman_gives_more_where_answers_differ_more() -> None:
    made = plan(n=100, allocation="neyman", standard_deviations=[4, 0.5, 0.5, 1, 1, 1, 1, 1])
    assert [row.n for row in made.allocation] == [40, 5, 5, 10, 10, 10, 10, 10]


def test_targets_are_realised_and_their_gaps_told() -> None:
    targets = {"margins": {"age": {"18-29": 0.2, "30+": 0.5, "teen": 0.3}}}
    made = plan(n=400, targets=targets)
    assert made.targets == targets
    assert made.realised is not None
    assert made.realised.total_variation["age"] < 0.01
    assert any("No persona is age teen (30%" in warning for warning in made.warnings)


def test_an_attribute_that_no_persona_has_is_told() -> None:
    made = plan(n=400, targets={"margins": {"race": {"a": 0.5, "b": 0.5}}})
    assert any("No persona has the attribute race" in warning for warning in made.warnings)


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({}, ("body", "n")),
        ({"n": 10, "minimum_per_persona": 2}, ("body", "minimum_per_persona")),
        ({"n": 100, "allocation": "neyman"}, ("body", "standard_deviations")),
        ({"n": 100, "allocation": "neyman", "standard_deviations": [1]}, ("body", "standard_deviations")),
        ({"n": 100, "allocation": "neyman", "standard_deviations": [0] * 8}, ("body", "standard_deviations")),
        ({"n": 100, "standard_deviations": [1] * 8}, ("body", "standard_deviations")),
        ({"n": 100, "targets": {"margins": {"age": {"18-29": 0.5}}}}, ("body", "targets", "margins", "age")),
        ({"margin_of_error": 0.002}, ("body", "margin_of_error")),
    ],
)
def test_what_does_not_fit_together_is_named(members: dict[str, Any], place: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        plan(**members)
    assert caught.value.errors[0].loc == place


@pytest.mark.parametrize(
    "members",
    [
        {"n": 0},
        {"n": 1_000_000},
        {"n": True},
        {"margin_of_error": 0},
        {"margin_of_error": 1},
        {"n": 10, "allocation": "random"},
        {"n": 10, "design_effect": 0.5},
        {"n": 10, "persona_ids": []},
        {"n": 10, "extra": 1},
    ],
)
def test_what_is_out_of_bounds_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plan(**members)

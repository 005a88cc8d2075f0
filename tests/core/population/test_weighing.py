"""A weight that nobody gave is filled in by a rule, and told."""

from __future__ import annotations

import pytest

from core.population.planning import compute_plan
from core.population.schemas import PlanCreate
from core.population.weighing import assumed_weights, listed, weight_warnings
from tests.factories.personas import snapshot


@pytest.mark.parametrize(
    ("known", "weights"),
    [
        ([0.2, 0.6, None], [0.2, 0.6, 0.4]),
        ([None, None], [1, 1]),
        ([0, 0], [1, 1]),
        ([0, None], [1, 1]),
        ([0.5, 0], [0.5, 0]),
    ],
)
def test_unknown_weights_are_the_mean_of_the_known(known: list[float | None], weights: list[float]) -> None:
    assert assumed_weights(known) == pytest.approx(weights)


def test_who_has_no_weight_is_named_with_the_share_that_is_assumed() -> None:
    [told] = weight_warnings(["Ada", "Ben", "Gwen"], [0.25, 0.75, None])
    assert told.startswith("Gwen has no population weight: the mean of the others’ (0.5) is used, which makes 33%")
    [several] = weight_warnings(["Ada", "Ben", "Gwen"], [0.5, None, None])
    assert several.startswith("Ben and Gwen have no population weight")


@pytest.mark.parametrize("known", [[0.5, 0.5], [None, None], [0.5, 0]])
def test_nothing_is_told_where_nothing_is_mixed(known: list[float | None]) -> None:
    assert weight_warnings(["Ada", "Ben"], known) == []


@pytest.mark.parametrize("known", [[0, 0], [0, None]])
def test_weights_that_are_all_zero_are_told(known: list[float | None]) -> None:
    assert weight_warnings(["Ada", "Ben"], known) != []


def test_a_plan_without_targets_warns_and_one_with_targets_has_no_need_to() -> None:
    people = [snapshot(1, 0.8, age="18-29"), snapshot(2, 0.2, age="30+"), snapshot(3, age="30+")]
    body = {"persona_ids": [person.persona_id for person in people], "n": 60}
    plain = compute_plan(PlanCreate.model_validate(body), people)
    assert [row.n for row in plain.allocation] == [32, 8, 20]
    assert any("Persona 3 has no population weight" in warning for warning in plain.warnings)
    targets = {"targets": {"margins": {"age": {"18-29": 0.5, "30+": 0.5}}}}
    aimed = compute_plan(PlanCreate.model_validate(body | targets), people)
    assert not any("population weight" in warning for warning in aimed.warnings)


def test_a_long_list_of_names_is_cut() -> None:
    assert listed(["A"]) == "A"
    assert listed(list("ABCDE")) == "A, B, C, D and E"
    assert listed(list("ABCDEFG")) == "A, B, C, D, E and 2 more"

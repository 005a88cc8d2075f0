"""Verdicts on traits: a rule's stands, a model's counts for what it was asked, what is missing is undecided."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.personas import verdicts
from core.personas.prompts import TraitVerdict, TraitVerdicts

SURGEON = {"age": 18, "occupation": "Retired surgeon", "education_level": "Doctorate", "hobbies": ["chess"]}


def said(*of: tuple[str, str]) -> TraitVerdicts:
    return TraitVerdicts(
        verdicts=[TraitVerdict.model_validate({"trait": name, "verdict": one, "reason": "So."}) for name, one in of]
    )


def test_rules_judge_each_trait_that_is_part_of_a_contradiction() -> None:
    decided = verdicts.by_rules(verdicts.profile_with(None, SURGEON), SURGEON)
    assert set(decided) == {"age", "occupation", "education_level"}
    assert {(one.verdict, one.decided_by) for one in decided.values()} == {("invalid", "rule")}
    assert decided["occupation"].codes == ["age_retirement", "age_occupation"]
    assert "goes against age" in decided["occupation"].reason


def test_traits_are_judged_against_those_that_the_persona_has() -> None:
    known = {"name": "Ada", "mobility": "No car"}
    given = {"daily_rhythm": "Drives to work every day"}
    assert verdicts.by_rules(verdicts.profile_with(known, given), given)["daily_rhythm"].codes == ["no_car_driving"]
    assert verdicts.by_rules(verdicts.profile_with(None, given), given) == {}


def test_a_model_never_overrules_a_rule() -> None:
    decided = verdicts.by_rules(verdicts.profile_with(None, SURGEON), SURGEON)
    model = verdicts.by_model(["hobbies"], said(*((name, "valid") for name in SURGEON)))
    found = {one.trait: (one.verdict, one.decided_by) for one in verdicts.together(list(SURGEON), decided, model)}
    assert found["occupation"] == ("invalid", "rule")
    assert found["hobbies"] == ("valid", "model")


def test_traits_nobody_asked_about_are_dropped_and_missing_ones_undecided() -> None:
    found = verdicts.by_model(
        ["values", "hobbies"], said(("values", "invalid"), ("values", "valid"), ("shoe", "valid"))
    )
    assert {name: (one.verdict, one.decided_by) for name, one in found.items()} == {
        "values": ("invalid", "model"),
        "hobbies": ("undecided", None),
    }


@pytest.mark.parametrize(
    ("traits", "loc"),
    [
        ({"age_range": {"min": 30, "max": 20}}, ("body", "traits", "age_range")),
        ({"shoe": ["a"]}, ("body", "traits", "shoe")),
        ({"occupation": ""}, ("body", "traits", "occupation")),
        ({"family_size": "many"}, ("body", "traits", "family_size")),
    ],
)
def test_a_value_that_no_such_trait_has_is_refused_by_name(traits: dict[str, object], loc: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        verdicts.profile_with(None, traits)
    assert caught.value.errors[0].loc == loc

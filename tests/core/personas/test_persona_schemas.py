"""A persona by hand: what is refused, and what a change leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.personas.mini_ipip import TRAITS
from core.personas.schemas import AutoGenerate, PersonaCreate, PersonaUpdate
from tests.factories.personas import persona


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"name": ""}, ("name",)),
        ({"name": "a\x00b"}, ("name",)),
        ({"name": "x" * 201}, ("name",)),
        ({"age_range": {"min": 40, "max": 30}}, ("age_range",)),
        ({"age_range": {"min": -1, "max": 30}}, ("age_range", "min")),
        ({"age_range": {"min": 1, "max": 121}}, ("age_range", "max")),
        ({"values": ["x"] * 31}, ("values",)),
        ({"family_size": 0}, ("family_size",)),
        ({"attributes": {"race": None}}, ("attributes", "race")),
        ({"attributes": {"race": ["a"]}}, ("attributes", "race")),
        ({"attributes": {"score": float("inf")}}, ("attributes", "score")),
        ({"attributes": {"score": float("nan")}}, ("attributes", "score")),
        ({"attributes": {"score": 10**400}}, ("attributes", "score")),
        ({"attributes": {f"a{n}": 1 for n in range(51)}}, ("attributes",)),
        ({"population_weight": -0.1}, ("population_weight",)),
        ({"ocean": dict.fromkeys(TRAITS, 50) | {"openness": -1}}, ("ocean", "openness")),
        ({"ocean": {trait: 50 for trait in TRAITS if trait != "openness"}}, ("ocean", "openness")),
        ({"shoe_size": 43}, ("shoe_size",)),
    ],
)
def test_a_wrong_field_is_named(members: dict[str, Any], place: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        PersonaCreate.model_validate(persona(**members))
    assert [error["loc"] for error in caught.value.errors()] == [place]


def test_attributes_keep_their_kind() -> None:
    given = {"race": "Asian", "children": 2, "income": 1.5, "voter": True}
    assert PersonaCreate.model_validate(persona(attributes=given)).attributes == given


def test_only_named_traits_change() -> None:
    change = PersonaUpdate.model_validate({"occupation": None, "population_weight": 0.5})
    assert change.changed_traits() == {"occupation": None}


@pytest.mark.parametrize("body", [{"count": 0}, {"count": 51}, {"count": True}, {"count": 5, "seed": 2**31}, {}])
def test_count_and_seed_have_bounds(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AutoGenerate.model_validate(body)

"""How a respondent lives is read from what is given, however it is put; only gaps are filled."""

from typing import Any

import pytest

from core.embedded.offline_model import profile
from core.embedded.offline_model.profile import Profile


def person(persona: dict[str, Any], number: int = 1, **attributes: Any) -> Profile:
    return profile.from_respondent({"name": "A", **persona}, attributes, number)


@pytest.mark.parametrize(
    ("given", "tag", "other"),
    [
        ({"accommodation": "Small rented townhouse"}, "renter", "owner"),
        ({"accommodation": "Modest family home, owned"}, "owner", "renter"),
        ({"homeowner": "No"}, "renter", "owner"),
        ({"housing_tenure": "Owner-occupied"}, "owner", "renter"),
        ({"accommodation": "With parents"}, "elsewhere", "owner"),
        ({"occupation": "Retired nurse"}, "retired", "working"),
        ({"employment_status": "Not working"}, "jobless", "working"),
        ({"employment_status": "Employed full time"}, "working", "retired"),
        ({"occupation": "University student"}, "student", "working"),
        ({"marital_status": "Married"}, "married", "single"),
        ({"mobility": "Drives everywhere in an ageing sedan"}, "driver", "none"),
        ({"children": "2", "age": "30-44"}, "parent", "none"),
        ({"family_size": 4, "marital_status": "Married", "age": "30-44"}, "parent", "none"),
        ({"geography": "Rural"}, "rural", "urban"),
    ],
)
def test_what_is_given_is_so_for_every_respondent(given: dict[str, Any], tag: str, other: str) -> None:
    for number in range(40):
        tags = person({"age": "61", **given}, number).tags
        assert tag in tags
        assert other not in tags


@pytest.mark.parametrize(
    ("given", "absent"),
    [
        ({"marital_status": "Never married"}, "married"),
        ({"marital_status": "Divorced"}, "married"),
        ({"family_size": 1}, "parent"),
        ({"family_size": 2, "marital_status": "Married"}, "parent"),
        ({"children": "none"}, "parent"),
        ({"household_type": "Couple without children"}, "parent"),
        ({"mobility": "Public transport with the odd taxi"}, "driver"),
        ({"vehicle": "no"}, "driver"),
        ({"geography": "Suburban"}, "urban"),
        ({"accommodation": "Townhouse, rented"}, "owner"),
    ],
)
def test_what_is_given_as_absent_is_never_claimed(given: dict[str, Any], absent: str) -> None:
    assert all(absent not in person({"age": "35", **given}, number).tags for number in range(40))


def test_own_attributes_go_before_the_persona() -> None:
    persona = {"accommodation": "Own house, paid off", "occupation": "Teacher"}
    assert "renter" in person(persona, accommodation="Rented").tags
    assert "retired" in person(persona, employment_status="Retired", age="68").tags


def test_an_age_that_does_not_fit_the_personas_job_claims_neither() -> None:
    tags = person({"occupation": "High school teacher"}, age="70-79").tags
    assert not tags & {"working", "retired"}


def test_gaps_are_filled_differently() -> None:
    tenures = {person({}, number, age="45").life.tenure for number in range(60)}
    assert tenures == {"rents", "owns"}

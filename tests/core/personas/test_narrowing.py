"""Whom an objective limits its audience to: people of cities, people with some schooling."""

import pytest

from core.personas.grounding import narrowed_by
from core.personas.places import only_cities


@pytest.mark.parametrize("geography", ["Bengaluru.", "Delhi and Pune", "London, Manchester & Birmingham"])
def test_cities_are_known(geography: str) -> None:
    assert only_cities(geography)


@pytest.mark.parametrize("geography", ["", "Karnataka", "Bengaluru and its villages", "Greater London area", "India"])
def test_what_is_more_than_cities_is_not(geography: str) -> None:
    assert not only_cities(geography)


def test_an_objective_of_one_city_draws_nobody_of_the_countryside() -> None:
    assert narrowed_by({"geography": "Bengaluru."}) == {"geography": ("Urban", "Suburban")}


@pytest.mark.parametrize(
    ("audience", "country", "schooling"),
    [
        ("Working professionals aged 25 to 40", "India", ("Vocational or some higher education", "University degree")),
        ("Recent graduates", None, ("College degree",)),
        ("Adults without a college degree", None, None),
        ("Both professionals and workers", None, None),
        ("Adults in the United States", None, None),
    ],
)
def test_schooling_is_narrowed_where_the_audience_says_so(
    audience: str, country: str | None, schooling: tuple[str, ...] | None
) -> None:
    assert narrowed_by({"target_audience": audience}, country).get("education") == schooling

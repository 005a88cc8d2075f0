"""Geographies that are cities only, so that nobody of the countryside is drawn for them."""

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

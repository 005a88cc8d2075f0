"""Personas that are made up hang together: money, age, home, habits, place and the words of the country."""

import re
from collections import Counter
from typing import Any

import pytest

from core.embedded import samples
from core.embedded.offline_model import persona, places, profile, survey
from core.embedded.offline_model.persona_wording import MOBILITY_WITHOUT_CAR
from core.personas.cells import candidate_cells
from tests.core.embedded.offline_model.conftest import as_question, respondent

COUNTRIES = ("us-economy-mood", "oat-yoghurt-uk", "ev-bengaluru")


def brief_of(slug: str) -> dict[str, Any]:
    brief = samples.brief(slug)
    return {name: brief[name] for name in ("title", "description", "country")}


def written(slug: str, cell: dict[str, Any], seed: int) -> dict[str, Any]:
    return persona.write({"brief": brief_of(slug), "cell": cell}, seed)


@pytest.fixture(scope="module")
def people() -> list[dict[str, Any]]:
    """Personas of the product's own cells, and of real ones, in three countries."""
    made = []
    for slug in COUNTRIES:
        brief = brief_of(slug)
        cells = candidate_cells(None, f"{brief['title']}. {brief['description']}", brief["country"])
        made += [written(slug, dict(cell.values), seed) for seed, cell in enumerate(cells[:: max(1, len(cells) // 90)])]
    ages = ("18-24", "25-34", "35-54", "55-69", "70-79")
    made += [written("us-economy-mood", {"age": ages[seed % 5]}, seed) for seed in range(150)]
    made += [written("us-economy-mood", {"income": "$20,000 - $25,000"}, seed) for seed in range(60)]
    return made


def told(one: dict[str, Any]) -> str:
    return " ".join(str(value) for value in one.values())


def low_age(one: dict[str, Any]) -> int:
    return int(one["age_range"]["min"])


def test_the_note_on_brands_says_the_same_as_its_level(people: list[dict[str, Any]]) -> None:
    for one in people:
        level, note = one["brand_sensitivity"].split(":", 1)
        assert not re.search("staples|own brands|says little" if level == "High" else "few names|earned trust", note)


def test_money_is_as_the_income_allows(people: list[dict[str, Any]]) -> None:
    poor = [one for one in people if profile.income_of(one["income_range"], one["location_country"]) < 0.3]
    assert len(poor) >= 40
    ease = re.compile(r"Comfortable with money|cushion in the bank|Savings are in order|without much comparing")
    assert [one for one in poor if ease.search(told(one))] == []
    careless = [one for one in people if one["price_sensitivity"].startswith("Low")]
    assert [one for one in careless if "watches each bill" in one["backstory"]] == []


def test_homes_are_owned_at_an_age_and_rent_is_paid_by_tenants(people: list[dict[str, Any]]) -> None:
    for one in people:
        home = one["accommodation"].lower()
        assert "rent" in home or "Rent and" not in one["backstory"]
        if re.search(r"\bown(ed)?\b", home):
            assert low_age(one) >= 25
            assert "paid off" not in home or low_age(one) >= 45


def test_the_old_do_not_live_online(people: list[dict[str, Any]]) -> None:
    old = [one for one in people if low_age(one) >= 68]
    assert len(old) >= 20
    assert [one for one in old if re.search("Online all day|video games|Phone first|Tries new apps", told(one))] == []
    keen = [one for one in people if re.search("Online all day|Phone first", told(one))]
    assert [one for one in keen if "a person on the phone" in one["preferences"]] == []


def test_study_love_and_household_agree(people: list[dict[str, Any]]) -> None:
    for one in people:
        if "niversity student" in one["occupation"]:
            assert not re.search("College degree|University degree|Postgraduate", one["education_level"])
        if "In a relationship" in one["marital_status"]:
            assert not re.search("lives alone|nobody else", one["backstory"])


def test_who_prefers_reason_to_belief_does_not_worship_every_week() -> None:
    labels = ["More than once a week", "Once a week", "Once or twice a month", "A few times a year", "Seldom", "Never"]
    text = "Not counting weddings and funerals, how often do you attend religious services?"
    question = as_question("q", "likert", text, labels)
    given = Counter[str]()
    for number in range(200):
        data = respondent(number, [question], age=("18-29", "45-64")[number % 2])
        data["respondent"]["persona"]["values"] = ["reason over belief", "honesty"]
        given[survey.direct(data, number)["answers"]["q"]] += 1
    assert given["1"] + given["2"] <= 10


def test_people_live_where_the_cell_and_the_brief_say() -> None:
    for seed in range(30):
        british = written("oat-yoghurt-uk", {"region": "England"}, seed)
        assert british["location_state"].endswith(", England")
        indian = written("ev-bengaluru", {"age": "25-50"}, seed)
        assert indian["location_state"] == "Bengaluru, Karnataka"
        assert int(re.findall(r"[\d,]+", indian["income_range"])[0].replace(",", "")) >= 12 * 80_000
        german = persona.write({"brief": {"title": "Museum Berlin", "country": "Germany"}, "cell": {}}, seed)
        assert german["location_state"] == "Berlin"
        assert "the museum Berlin" not in german["backstory"]
        assert german["income_range"].startswith("€")
    assert "street by street" not in told(british)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Shoppers in Manchester and Leeds", "United Kingdom"),
        ("Above 80,000 rupees a month", "India"),
        ("Adults in the United States", "United States"),
        ("What people think about our app", ""),
    ],
)
def test_a_brief_without_a_country_is_read_for_one(text: str, country: str) -> None:
    assert places.country_in(text) == country


@pytest.mark.parametrize("slug", ["oat-yoghurt-uk", "ev-bengaluru"])
def test_a_level_of_income_becomes_money_of_the_country(slug: str) -> None:
    means = []
    for level in ("Low", "Middle", "High"):
        ranges = [written(slug, {"income": level}, seed)["income_range"] for seed in range(20)]
        assert all(one.startswith({"oat-yoghurt-uk": "£"}.get(slug, "₹")) for one in ranges)
        means.append(sum(int(re.findall(r"[\d,]+", one)[0].replace(",", "")) for one in ranges))
    assert means == sorted(means)


def test_nobody_speaks_of_children_that_nobody_stated() -> None:
    question = as_question("o", "open_ended", "What would put you off the new oat yoghurt?", [])
    why = as_question("w", "open_ended", "How has inflation changed your household budget?", [])
    children = re.compile(r"\bkids?\b|child|As a parent")
    unstated = [survey.direct(respondent(n, [question, why], age="30-44"), n)["answers"] for n in range(150)]
    assert [one for one in unstated if children.search(" ".join(one.values()))] == []
    old = [survey.direct(respondent(n, [why], age="59-64", children="yes"), n)["answers"]["w"] for n in range(150)]
    assert [one for one in old if "childcare" in one] == []


def test_who_is_asked_as_an_owner_of_a_car_has_one() -> None:
    made = [written("ev-bengaluru", {"geography": "Urban", "age": "25-34"}, seed)["mobility"] for seed in range(20)]
    assert not set(made) & set(MOBILITY_WITHOUT_CAR)
    assert not any("wheeler" in way for way in made)

"""Personas are complete, coherent with their cell, and visibly different people."""

import re
from typing import Any

import pytest

from core.embedded import samples
from core.embedded.offline_model.persona import write
from tests.core.embedded.offline_model.conftest import Asker

TEXTS = (  # noqa: SIM905 - a list of words reads better
    "name gender location_country location_state geography education_level occupation income_range"
    " marital_status"
    " accommodation mobility daily_rhythm lifestyle brand_sensitivity price_sensitivity decision_making_style"
    " purchase_patterns purchase_channel professional_traits digital_activity preferences backstory"
).split()
LISTS = ("values", "personality", "interests", "motivations", "hobbies")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": [*TEXTS, *LISTS, "age_range", "family_size"],
    "properties": {
        **{name: {"type": "string", "minLength": 1} for name in TEXTS},
        **{name: {"type": "array", "minItems": 1, "items": {"type": "string"}} for name in LISTS},
        "family_size": {"type": "integer", "minimum": 1},
        "age_range": {
            "type": "object",
            "additionalProperties": False,
            "required": ["min", "max"],
            "properties": {"min": {"type": "integer"}, "max": {"type": "integer"}},
        },
    },
}


def prompt(slug: str, cell: dict[str, Any], avoid: list[str] | None = None) -> dict[str, Any]:
    brief = samples.brief(slug)
    given = {name: brief[name] for name in ("title", "description", "country")}
    return {"brief": given, "cell": cell, "avoid_names": avoid or [], "avoid_summaries": []}


def sentences(text: str) -> int:
    return len(re.findall(r"[.!?](?:\s|$)", text))


def test_every_field_is_filled_over_the_wire(ask: Asker) -> None:
    cell = {"age": "30-44", "gender": "Female", "race": "Black", "education": "College degree"}
    persona = ask("persona_prose", prompt("us-economy-mood", cell), schema=SCHEMA)
    assert set(persona) == set(SCHEMA["required"])
    assert all(persona[name] for name in TEXTS)
    assert all(3 <= len(persona[name]) <= 5 for name in LISTS)
    assert all(len(set(persona[name])) == len(persona[name]) for name in LISTS)
    assert 4 <= sentences(persona["backstory"]) <= 6
    assert "economy" in persona["backstory"]


def test_a_persona_honours_its_cell() -> None:
    for index, cell in enumerate(samples.ces_cells()):
        persona = write(prompt("us-economy-mood", cell["values"]), index)
        low, high = {"18-29": (18, 29), "30-44": (30, 44), "45-64": (45, 64), "65+": (65, 99)}[cell["values"]["age"]]
        assert low <= persona["age_range"]["min"] <= persona["age_range"]["max"] <= high
        assert persona["gender"] == cell["values"]["gender"]
        assert persona["education_level"] == cell["values"]["education"]
        if cell["values"]["age"] == "18-29":
            assert "etired" not in persona["occupation"]
        if cell["values"]["education"] == "High school or less":
            assert persona["occupation"] not in {"Lawyer", "Physician", "Registered nurse"}
        assert "{" not in persona["backstory"]


def test_cells_and_seeds_give_different_people_with_new_names() -> None:
    cell = {"age": "30-44", "gender": "Male"}
    names: list[str] = []
    stories = set()
    for seed in range(30):
        persona = write(prompt("us-economy-mood", cell, names), seed)
        assert persona["name"] not in names
        names.append(persona["name"])
        stories.add(persona["backstory"])
    assert len(stories) >= 29
    assert len({name.split()[0] for name in names}) >= 25


@pytest.mark.parametrize(
    ("slug", "country", "symbol", "word"),
    [("ev-bengaluru", "India", "₹", "electric"), ("oat-yoghurt-uk", "United Kingdom", "£", "plant-based")],
)
def test_people_belong_to_the_country_and_the_brief(slug: str, country: str, symbol: str, word: str) -> None:
    persona = write(prompt(slug, {"age": "25-50", "gender": "female"}), 1)
    assert persona["location_country"] == country
    assert persona["income_range"].startswith(symbol)
    assert word in persona["backstory"]


def test_the_income_region_and_state_of_a_cell_are_kept() -> None:
    cell = {"age": "45-64", "region": "Midwest", "income": "$100,000 - $150,000"}
    persona = write(prompt("us-economy-mood", cell), 1)
    assert persona["income_range"] == "$100,000 - $150,000"
    assert persona["location_state"] in {
        "Ohio", "Michigan", "Wisconsin", "Missouri", "Minnesota", "Indiana", "Illinois",
    }  # fmt: skip
    assert write(prompt("us-economy-mood", {"state": "Maine"}), 1)["location_state"] == "Maine"


def test_a_vague_brief_still_gives_a_person() -> None:
    persona = write(prompt("vague", {}), 1)
    assert persona["name"]
    assert persona["age_range"]["min"] >= 18


def test_home_household_and_work_agree() -> None:
    ages = ("18-24", "25-44", "45-64", "65-80")
    for seed in range(160):
        slug = ("us-economy-mood", "oat-yoghurt-uk", "ev-bengaluru")[seed % 3]
        persona = write(prompt(slug, {"age": ages[seed % 4]}), seed)
        story, home = persona["backstory"], persona["accommodation"]
        if persona["family_size"] == 1:
            assert not re.search(r"[Ss]hared|family home", f"{home} {persona['mobility']}")
            assert not re.search(r"spouse|child\b|two children", story)
        else:
            assert not re.search(r"lives alone|on (her|his|their) own|nobody else", story)
        if re.search(r"owner|own chair|[Cc]onsultant", persona["occupation"]) and "etired" not in persona["occupation"]:
            assert not re.search(r"raise|pay rise|lay-offs|redundanc|boss", story)
        if "student" in persona["occupation"]:
            assert "finish a degree" not in story
        if "etired" in persona["occupation"]:
            assert "near work" not in home
            assert "respect at work" not in persona["motivations"]


def test_the_english_of_the_country_is_spoken() -> None:
    american = r"apartment|cookout|metro\b|[Cc]ollege|sedan|pickup|neighbor|coworker|\b[Ss]tore|truck|layoff"
    for seed in range(80):
        persona = write(prompt("oat-yoghurt-uk", {"age": ("18-29", "30-59", "60-80")[seed % 3]}), seed)
        told = " ".join(str(value) for value in persona.values())
        assert not re.search(american, told), told
        assert not re.search(r"\ba [aeio]|\ban [bcdfgjklmpqrstvwxyz]", told), told


def test_what_a_cell_gives_is_not_translated() -> None:
    cell = {"education": "Some college", "accommodation": "Shared apartment", "age": "18-29"}
    persona = write(prompt("oat-yoghurt-uk", cell), 3)
    assert persona["education_level"] == "Some college"
    assert persona["accommodation"] == "Shared apartment"
    assert not re.search("lives alone", persona["backstory"])

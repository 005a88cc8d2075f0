"""Code decides what the cell says, who is too alike, and how many people a persona stands for."""

from __future__ import annotations

import pytest

from core.llm.prompts import fingerprint
from core.personas import generation
from core.personas.prompts import PERSONA_PROSE, Brief
from core.personas.temperament import draw_targets
from core.personas.traits import AgeRange, Profile
from core.stats.targets import Cell
from tests.factories.personas import prose

BRIEF = Brief(title="Mood", description="Who feels better?", country="India")
PINNED = "ed2f4b7316c377ecf980c89b245b01f887e7e2123fc97466297d948c26ee1c2c"


def made(name: str, **values: str) -> Profile:
    return generation.profile_from(Cell(values, 1.0), prose(name))


def test_the_cell_wins_over_the_prose() -> None:
    cell = Cell({"Gender": "Male", "education": "PhD", "income": "High", "state": "Goa", "race": "Asian"}, 1.0)
    profile = generation.profile_from(cell, prose())
    assert (profile.gender, profile.education_level, profile.income_range) == ("Male", "PhD", "High")
    assert profile.location_state == "Goa"
    assert profile.attributes == dict(cell.values)


def test_the_prose_puts_an_income_in_figures_that_no_caller_asked_for() -> None:
    cell = Cell({"education": "PhD", "income": "High"}, 1.0)
    profile = generation.profile_from(cell, prose("Ada"), asked_for=False)
    assert (profile.education_level, profile.income_range) == ("PhD", "Adaincome_range")
    assert profile.attributes == dict(cell.values)


def test_the_scores_asked_for_are_the_personas_and_no_prose() -> None:
    first, second = draw_targets(2, 1)
    one = generation.profile_from(Cell({}, 1.0), prose("Ada"), first)
    assert (one.ocean, one.known()["ocean"]) == (first, first.model_dump())
    other = one.model_copy(update={"name": "Bo", "ocean": second})
    assert generation.closest(other, [one.model_copy(update={"ocean": None, "name": "Cy"})]) is not None


def test_a_region_is_an_attribute_and_the_state_stays_the_models() -> None:
    profile = made("Ada", region="South")
    assert profile.location_state == "Adalocation_state"
    assert profile.attributes == {"region": "South"}


@pytest.mark.parametrize(
    ("band", "written", "kept"),
    [
        ("18-29", (25, 28), (25, 28)),
        ("18-29", (28, 35), (28, 29)),
        ("18-29", (40, 45), (18, 29)),
        ("65+", (70, 75), (70, 75)),
        ("65+", (50, 55), (65, 99)),
        ("over 65", (64, 68), (66, 68)),
        ("under 18", (18, 20), (13, 17)),
        ("<18", (16, 20), (16, 17)),
        ("up to 18", (18, 20), (18, 18)),
        ("<=18", (18, 20), (18, 18)),
        ("under 12", (18, 20), (0, 11)),
        ("100+", (70, 75), (100, 120)),
        ("Boomer", (50, 55), (50, 55)),
    ],
)
def test_ages_stay_inside_the_cells_band(band: str, written: tuple[int, int], kept: tuple[int, int]) -> None:
    text = prose(age_range={"min": written[0], "max": written[1]})
    profile = generation.profile_from(Cell({"age": band}, 1.0), text)
    assert profile.age_range == AgeRange(min=kept[0], max=kept[1])


CROSSED = (("65+", "White", 0.35), ("65+", "Black", 0.05), ("18-29", "White", 0.45), ("18-29", "Black", 0.15))
PANEL = [
    ("65+", "White"),
    ("65+", "White"),
    ("65+", "Black"),
    ("18-29", "White"),
    ("18-29", "White"),
    ("18-29", "Black"),
]


def test_the_same_name_makes_a_duplicate() -> None:
    assert generation.near_duplicates([made("Ada Moreno"), made("Bo Li"), made("ADA  moreno")]) == [2]


def test_the_same_prose_under_another_name_makes_a_duplicate() -> None:
    first = made("Ada Moreno")
    assert generation.near_duplicates([first, first.model_copy(update={"name": "Bo Li"})]) == [1]


def test_distinct_people_are_left_alone() -> None:
    assert generation.near_duplicates([made(name) for name in ("Ada", "Bo", "Cy", "Di")]) == []


def test_weights_give_the_personas_the_margins_of_the_population() -> None:
    cells = [Cell({"age": age, "race": race}, share) for age, race, share in CROSSED]
    people = [made(str(number), age=age, race=race) for number, (age, race) in enumerate(PANEL)]
    weights = generation.persona_weights(cells, people)
    for name, value, share in (("age", "65+", 0.4), ("age", "18-29", 0.6), ("race", "Black", 0.2)):
        held = [weight for weight, person in zip(weights, people, strict=True) if person.attributes[name] == value]
        assert sum(held) == pytest.approx(share, abs=1e-5)


def test_weights_are_the_shares_of_the_nearest_cells_where_no_persona_has_a_value() -> None:
    cells = [Cell({"g": "a"}, 0.7), Cell({"g": "b"}, 0.2), Cell({"g": "c"}, 0.1)]
    weights = generation.persona_weights(cells, [made("Ada", g="a"), made("Bo", g="b")])
    assert weights == pytest.approx([0.75, 0.25])


def test_the_prompts_input_is_the_same_for_the_same_cell() -> None:
    first = generation.prose_input(BRIEF, Cell({"b": "1", "a": "2"}, 0.5), avoid_names=["Ada"])
    second = generation.prose_input(BRIEF, Cell({"a": "2", "b": "1"}, 0.1), avoid_names=["Ada"])
    assert PERSONA_PROSE.input_hash(first) == PERSONA_PROSE.input_hash(second)


def test_a_changed_prompt_needs_a_new_version() -> None:
    example = generation.prose_input(BRIEF, Cell({"age": "18-29"}, 1.0))
    assert (PERSONA_PROSE.version, fingerprint(PERSONA_PROSE, example)) == (3, PINNED)

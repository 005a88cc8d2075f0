"""Panels: realised margins worked out by hand, near-duplicates, drifted and collapsed characters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core.embedded import samples
from core.personas.cells import plan_cells
from core.personas.generation import profile_from
from core.personas.mini_ipip import TRAITS, instrument
from core.personas.panel import Person, character, distinctness, findings, margins, value_of
from core.personas.paneling import Panel, judge
from core.personas.temperament import draw_targets
from core.personas.traits import AgeRange, Ocean, Profile
from core.stats.targets import margins_of, parse_targets
from tests.factories.personas import prose


def person(number: int, weight: float | None = None, **traits: Any) -> Person:
    return Person(UUID(int=number), Profile.model_validate({"name": f"P{number} Person"} | traits), weight)


def four(*genders: str | None) -> list[Person]:
    return [person(index, attributes={"gender": gender} if gender else {}) for index, gender in enumerate(genders)]


def test_a_margin_worked_out_by_hand() -> None:
    found = margins(four("Female", "Female", "Female", "Male"), {"gender": {"Female": 0.5, "Male": 0.5}})[0]
    assert found["realised"] == {"Female": 0.75, "Male": 0.25}
    assert (found["total_variation"], found["least_possible"], found["verdict"]) == (0.25, 0.0, "off")


def test_whoever_has_no_value_of_the_target_counts_against_it() -> None:
    found = margins(four("Female", "Male", "Other", None), {"gender": {"Female": 0.5, "Male": 0.5}})[0]
    assert (found["unplaced"], found["total_variation"]) == (2, 0.5)


def test_few_people_can_be_as_close_as_possible() -> None:
    found = margins(four("Female", "Female", "Male"), {"gender": {"Female": 0.5, "Male": 0.5}})[0]
    assert (found["total_variation"], found["verdict"]) == (pytest.approx(1 / 6, abs=1e-4), "as_close_as_possible")


def test_weights_are_counted_beside_heads() -> None:
    people = [person(1, 3.0, attributes={"sex": "F"}), person(2, 1.0, attributes={"sex": "M"})]
    found = margins(people, {"sex": {"F": 0.75, "M": 0.25}})[0]
    assert (found["total_variation"], found["total_variation_weighted"]) == (0.25, 0.0)


@pytest.mark.parametrize(
    ("traits", "attribute", "expected"),
    [
        ({"attributes": {"Age": "18-29"}}, "age", "18-29"),
        ({"attributes": {"age": 35}}, "age", "30-64"),
        ({"age_range": AgeRange(min=60, max=75)}, "age", "65+"),
        ({"age_range": AgeRange(min=29, max=30)}, "age", "18-29"),
        ({"age_range": AgeRange(min=5, max=9)}, "age", None),
        ({}, "age", None),
        ({"gender": " female "}, "sex", "Female"),
        ({"gender": "female", "attributes": {"sex": "Male"}}, "sex", "Male"),
        ({"location_state": "North"}, "region", "North"),
        ({"attributes": {"name": "x"}}, "shoe size", None),
    ],
)
def test_a_value_is_read_from_attributes_then_from_traits(
    traits: dict[str, Any], attribute: str, expected: str | None
) -> None:
    values = ["18-29", "30-64", "65+"] if attribute == "age" else ["Female", "Male", "North"]
    target = dict.fromkeys(values, 0.3)
    assert value_of(person(1, **traits).profile, attribute, target) == expected


def test_near_duplicates_and_same_names_show() -> None:
    texts: dict[str, Any] = {
        "occupation": "baker",
        "lifestyle": "busy",
        "backstory": "Grew up by the sea and never quite left it. " * 3,
    }
    people = [person(1, **texts), person(2, **texts), person(3, occupation="judge", backstory="Came late to law.")]
    found = distinctness([*people, person(3, occupation="pilot")])
    assert (found["pairs"], found["same_names"]) == (6, 1)
    assert found["nearest"][0]["persona_ids"] == [UUID(int=1), UUID(int=2)]
    codes = {one.code for one in findings([], found, {})}
    assert codes == {"near_duplicates", "same_names", "same_prose"}


def with_ocean(people: int, **moved: float) -> list[Person]:
    drawn = [ocean.model_dump() for ocean in draw_targets(people, 3)]
    changed = [{trait: moved.get(trait, score) for trait, score in ocean.items()} for ocean in drawn]
    return [person(index, ocean=Ocean.model_validate(scores)) for index, scores in enumerate(changed)]


def test_a_collapsed_trait_shows_and_the_others_stay_as_the_norm() -> None:
    found = character(with_ocean(50, agreeableness=85))
    assert {trait: found[trait]["target"]["verdict"] for trait in TRAITS} == dict.fromkeys(TRAITS, "as_norm") | {
        "agreeableness": "drifted_and_collapsed"
    }
    told = findings([], distinctness([]), found)
    assert [(one.code, one.about) for one in told] == [("ocean_drifted_and_collapsed", "agreeableness (target)")]


def test_a_few_personas_are_not_judged() -> None:
    assert character(with_ocean(6, openness=0))["openness"]["target"]["verdict"] == "too_few"


def test_expressed_scores_correlate_and_have_an_alpha() -> None:
    drawn = draw_targets(12, 3)
    level = {index: 1 + index % 5 for index in range(12)}
    people = [
        Person(
            UUID(int=index),
            Profile(name=f"P{index}", ocean=ocean),
            None,
            expressed={trait: getattr(ocean, trait) for trait in TRAITS} | {"openness": None},
            answers={i.number: 6 - level[index] if i.reversed else level[index] for i in instrument().items},
        )
        for index, ocean in enumerate(drawn)
    ]
    found = character(people)
    assert (found["extraversion"]["correlation"], found["extraversion"]["alpha"]) == (1.0, 1.0)
    assert (found["openness"]["correlation"], found["openness"]["expressed"]["n"]) == (None, 0)


def test_fifty_personas_of_the_joint_cells_of_a_survey_match_its_margins() -> None:
    targets = parse_targets({"cells": [{"values": c["values"], "share": c["share"]} for c in samples.ces_cells()]})
    planned = plan_cells(targets.cells, 50, 7)
    drawn = draw_targets(50, 7)
    people = [
        Person(UUID(int=index), profile_from(cell, prose(f"N{index} M{index}"), drawn[index]), None)
        for index, cell in enumerate(planned)
    ]
    read = judge(Panel(UUID(int=1), people, 0, margins_of(targets.cells), "query", True, None))
    assert {one.attribute: one.verdict for one in read.margins} == dict.fromkeys(targets.attributes, "matched")
    assert all((one.total_variation or 0) <= 0.05 for one in read.margins)
    assert (read.findings, read.ok, read.distinctness.pairs) == ([], True, 1225)


def test_nobody_is_judged_and_nothing_is_wrong() -> None:
    read = judge(Panel(UUID(int=1), [], 0, {"gender": {"F": 1.0}}, "query", True, None))
    assert (read.ok, read.margins[0].total_variation, read.distinctness.max_similarity) == (True, None, None)

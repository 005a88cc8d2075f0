"""Candidate cells: the targets', or the default ones within the ages a brief names."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.personas.cells import accepted_cells, age_bands, age_range_in, candidate_cells, checked_cells, plan_cells
from core.stats.targets import margins_of


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("are the target: aged 25 to 50, monthly income above 80,000 rupees", (25, 50)),
        ("people aged 18 to 70, in England", (18, 70)),
        ("women ages 30-45", (30, 45)),
        ("25–40 year-olds in cities", (25, 40)),
        ("anyone aged between 20 and 29", (20, 29)),
        ("adults aged 55+", (55, 99)),
        ("adults aged 60 and over", (60, 99)),
        ("raises trust among people over 45", None),
        ("a 250 km range and 400 km", None),
        ("aged 50 to 25", None),
    ],
)
def test_ages_are_read_from_the_brief(text: str, ages: tuple[int, int] | None) -> None:
    assert age_range_in(text) == ages


@pytest.mark.parametrize(
    ("low", "high", "bands"),
    [
        (25, 50, ("25-34", "35-44", "45-50")),
        (18, 99, ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")),
        (70, 99, ("70+",)),
        (40, 42, ("40-42",)),
        (6, 9, ("6-9",)),
    ],
)
def test_bands_keep_to_the_ages(low: int, high: int, bands: tuple[str, ...]) -> None:
    assert age_bands(low, high) == bands


def test_without_targets_the_default_attributes_have_equal_shares() -> None:
    margins = margins_of(candidate_cells(None, "Car buyers aged 25 to 50"))
    assert set(margins) == {"age", "gender", "geography", "income", "education"}
    assert margins["age"] == pytest.approx({"25-34": 1 / 3, "35-44": 1 / 3, "45-50": 1 / 3})


@pytest.mark.parametrize(
    ("country", "schooling"),
    [(None, "Some college"), ("United States", "Some college"), ("United Kingdom", "A levels or further education"),
     ("Germany", "Vocational or some higher education")],
)  # fmt: skip
def test_schooling_is_called_as_in_the_country(country: str | None, schooling: str) -> None:
    assert schooling in margins_of(candidate_cells(None, "", country))["education"]


def test_targets_replace_the_defaults() -> None:
    cells = candidate_cells({"margins": {"party": {"A": 0.5, "B": 0.5}}}, "aged 25 to 50")
    assert [dict(cell.values) for cell in cells] == [{"party": "A"}, {"party": "B"}]


def test_targets_that_do_not_sum_to_1_name_the_place() -> None:
    with pytest.raises(Invalid) as caught:
        candidate_cells({"margins": {"age": {"18-29": 0.2, "30+": 0.7}}}, "")
    assert caught.value.errors[0].loc == ("body", "targets", "margins", "age")


@pytest.mark.parametrize(
    "value", ["-5", "−5 years", "under -5", "< -5", "65-18", "30 to 20", "-5-10", "200", "150+", "under 0", ">120"]
)
def test_ages_that_nobody_has_are_refused_at_their_place(value: str) -> None:
    margins = {"margins": {"gender": {"Female": 1.0}, "Age Group": {"18-64": 0.5, value: 0.5}}}
    with pytest.raises(Invalid) as caught:
        accepted_cells(margins)
    assert [error.loc for error in caught.value.errors] == [("body", "targets", "margins", "Age Group", value)]
    with pytest.raises(Invalid) as caught:
        accepted_cells({"cells": [{"values": {"age": value}, "share": 1.0}]})
    assert [error.loc for error in caught.value.errors] == [("body", "targets", "cells", 0, "values", "age")]
    assert "is no age" in caught.value.errors[0].msg
    assert len(checked_cells(margins)) == 2  # a job goes on with what was accepted once


@pytest.mark.parametrize(
    "value",
    [
        "18-29",
        "18 – 29 years",
        "65+",
        "under 18",
        "<18",
        "0-4",
        "100+",
        "18-999",
        "Boomer",
        "16, 17 or 18",
        "Gen Z - 1",
    ],
)
def test_other_ages_are_accepted(value: str) -> None:
    given = {"margins": {"age": {value: 1.0}, "debt": {"-5": 1.0}}}
    assert accepted_cells(given) == checked_cells(given)


def test_the_cells_of_a_panel_follow_from_the_seed() -> None:
    cells = candidate_cells(None, "")
    assert plan_cells(cells, 8, 7) == plan_cells(cells, 8, 7)
    assert plan_cells(cells, 8, 7) != plan_cells(cells, 8, 8)

from __future__ import annotations

import math

import pytest

from core.stats.bands import Band, parse_band, years_apart


@pytest.mark.parametrize(
    ("value", "lo", "hi"),
    [
        ("18-29", 18, 29),
        ("18–29 years", 18, 29),
        ("18 to 29", 18, 29),
        ("65+", 65, math.inf),
        ("65 and over", 65, math.inf),
        ("over 65", 65, math.inf),
        (">=65", 65, math.inf),
        ("under 30", 0, 30),
        ("Less than $30,000", 0, 30_000),
        ("<30", 0, 30),
        ("30000-50000", 30_000, 50_000),
        ("$30,000 - $50,000", 30_000, 50_000),
        ("30-50k", 30_000, 50_000),
        ("30k–1.5M", 30_000, 1_500_000),
        ("900-1k", 900, 1_000),
        ("42", 42, 42),
        (42, 42, 42),
        ({"min": 25, "max": 34}, 25, 34),
    ],
)
def test_bands_are_read(value: object, lo: float, hi: float) -> None:
    assert parse_band(value) == (Band(lo, hi) if lo <= hi else None)


@pytest.mark.parametrize(
    "value", ["Black", "", "29-18", "A-1", "18-29-30", None, True, math.nan, [1], {"min": 2}, "5 or so"]
)
def test_other_values_are_no_bands(value: object) -> None:
    assert parse_band(value) is None


@pytest.mark.parametrize(
    ("one", "other", "years"),
    [
        ("35-54", {"min": 66, "max": 70}, 23.5),
        ("18-34", {"min": 66, "max": 70}, 42),
        ("55-70", {"min": 66, "max": 70}, 0),
        ("65+", 70, 0),
        ("65+", "55-64", 15.5),
        ("under 30", "30-44", 13),
        ("under 18", 18, 0),
        ("under 12", 12.5, 6.5),
        ("25", "25", 0),
    ],
)
def test_years_between_ages(one: object, other: object, years: float) -> None:
    assert years_apart(one, other) == years_apart(other, one) == years


def test_ages_in_words_are_no_years() -> None:
    assert years_apart("young", "18-29") is None

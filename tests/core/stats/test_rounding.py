from __future__ import annotations

import pytest

from core.stats.rounding import fixed, percentage, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (6.25, 1, "6.3"),
        (16.5, 0, "17"),
        (13.5, 0, "14"),
        (0.5, 0, "1"),
        (-0.5, 0, "-1"),
        (-2.5, 0, "-3"),
        (1.005, 2, "1.01"),
        (-0.2, 0, "0"),
        (-0.04, 1, "0.0"),
        (1e300, 0, f"{1e300:.0f}"),
        (12.0, 1, "12.0"),
    ],
)
def test_a_half_goes_away_from_zero(value: float, decimals: int, text: str) -> None:
    assert fixed(value, decimals) == text
    assert rounded(value, decimals) == float(text)


def test_numbers_may_be_grouped_and_signed() -> None:
    assert fixed(1234.5, 0, ",") == "1,235"
    assert fixed(0.5, 0, "+") == "+1"


def test_a_share_is_rounded_in_per_cent() -> None:
    # 0.145 · 100 is 14.499999999999998 in binary.
    assert percentage(0.145) == "15%"
    assert percentage(0.0625, 1) == "6.3%"

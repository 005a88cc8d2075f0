"""Weights that meet margins, against hand-worked cases; and when there are none."""

import pytest

from core.stats.raking import margins_of, raked_weights


def test_one_margin_is_met_by_hand() -> None:
    rows = [{"g": "a"}, {"g": "a"}, {"g": "b"}]
    assert raked_weights(rows, {"g": {"a": 0.5, "b": 0.5}}) == pytest.approx([0.25, 0.25, 0.5])


def test_two_margins_are_met_together() -> None:
    rows = [{"g": "a", "r": "x"}, {"g": "a", "r": "y"}, {"g": "b", "r": "x"}, {"g": "b", "r": "y"}]
    weights = raked_weights(rows, {"g": {"a": 0.7, "b": 0.3}, "r": {"x": 0.6, "y": 0.4}})
    assert weights == pytest.approx([0.42, 0.28, 0.18, 0.12], abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "margins"),
    [
        ([{"g": "a"}], {"g": {"a": 0.5, "b": 0.5}}),
        ([{"g": "a"}, {"g": "c"}], {"g": {"a": 1.0}}),
        ([{"g": "a"}, {}], {"g": {"a": 1.0}}),
        ([{"g": "a", "r": "x"}, {"g": "b", "r": "y"}], {"g": {"a": 0.7, "b": 0.3}, "r": {"x": 0.3, "y": 0.7}}),
        ([{"g": "a"}] * 9 + [{"g": "b"}], {"g": {"a": 0.2, "b": 0.8}}),
    ],
    ids=["a value nobody has", "a value of no margin", "no value", "margins against each other", "one for everybody"],
)
def test_there_are_none(rows: list[dict[str, str]], margins: dict[str, dict[str, float]]) -> None:
    assert raked_weights(rows, margins) is None


def test_margins_of_cells_are_sums() -> None:
    cells = [({"g": "a", "r": "x"}, 0.25), ({"g": "a", "r": "y"}, 0.25), ({"g": "b", "r": "x"}, 0.5)]
    assert margins_of(cells) == {"g": {"a": 0.5, "b": 0.5}, "r": {"x": 0.75, "y": 0.25}}

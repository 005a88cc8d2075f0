from __future__ import annotations

import csv
import math
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.cells import balanced_cells, draw_cells, total_variation
from core.stats.targets import Cell, cells_from_margins

SAMPLE = Path(__file__).parents[3] / "core" / "embedded" / "samples" / "ces2024" / "cells.csv"

shares = st.lists(st.floats(0, 1), min_size=1, max_size=30).filter(lambda values: math.fsum(values) > 0.01)


def adults() -> list[Cell]:
    """Return the 96 cells of the study, from the respondents behind its first question."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    question = rows[0]["question"]
    names = ("gender", "age", "race", "education")
    counts = {tuple(row[name] for name in names): int(row["n"]) for row in rows if row["question"] == question}
    total = sum(counts.values())
    return [Cell(dict(zip(names, key, strict=True)), n / total) for key, n in counts.items()]


def letters(values: list[float]) -> list[Cell]:
    return [Cell({"a": chr(97 + number)}, share) for number, share in enumerate(values)]


@given(shares, st.integers(0, 300), st.integers())
def test_each_cell_is_drawn_as_often_as_its_share_says(values: list[float], n: int, seed: int) -> None:
    cells = letters(values)
    drawn = draw_cells(cells, n, seed)
    counts = Counter(drawn)
    assert len(drawn) == n
    total = math.fsum(values)
    for index, share in enumerate(values):
        assert abs(counts[index] - n * share / total) < 1 + 1e-6
        assert share > 0 or counts[index] == 0
    assert drawn == draw_cells(cells, n, seed)


@given(shares, st.integers(1, 50), st.integers())
def test_neither_draw_depends_on_the_order_of_cells(values: list[float], n: int, seed: int) -> None:
    cells = letters(values)
    for draw in (draw_cells, balanced_cells):
        there = [cells[index].values["a"] for index in draw(cells, n, seed)]
        back = [cells[::-1][index].values["a"] for index in draw(cells[::-1], n, seed)]
        assert Counter(there) == Counter(back)


def test_the_first_part_of_the_rows_stands_for_all() -> None:
    cells = adults()
    first = draw_cells(cells, 4000, 1)[:1000]
    assert max(total_variation(cells, first).values()) < 0.05


def test_draws_with_another_seed_differ() -> None:
    cells = adults()
    assert draw_cells(cells, 100, 1) != draw_cells(cells, 100, 2)
    assert balanced_cells(cells, 8, 1) != balanced_cells(cells, 8, 2)


@pytest.mark.parametrize("seed", range(5))
def test_50_personas_match_the_margins_of_american_adults(seed: int) -> None:
    cells = adults()
    assert len(cells) == 96
    chosen = balanced_cells(cells, 50, seed)
    assert len(chosen) == 50
    assert max(total_variation(cells, chosen).values()) <= 0.05
    # 35 of 50 are white, in 24 cells: 39 distinct cells are the most there can be
    assert len(set(chosen)) == 39


@pytest.mark.parametrize("n", [1, 2, 8, 12, 20])
def test_few_personas_are_distinct_and_as_near_as_whole_numbers_allow(n: int) -> None:
    cells = adults()
    for seed in range(5):
        chosen = balanced_cells(cells, n, seed)
        assert len(set(chosen)) == n
        variation = total_variation(cells, chosen)
        # with v values an allocation of n by largest remainder is off by at most v/(4n)
        assert sum(variation.values()) <= (2 + 4 + 4 + 3) / (4 * n) + 0.25 / n


def test_more_personas_than_cells_follow_the_shares() -> None:
    chosen = balanced_cells(letters([0.5, 0.3, 0.2]), 10, 3)
    assert Counter(chosen) == {0: 5, 1: 3, 2: 2}


def test_total_variation_by_hand() -> None:
    cells = letters([0.5, 0.3, 0.2])
    assert total_variation(cells, [0, 1]) == {"a": pytest.approx(0.2)}
    with pytest.raises(ValueError, match="chosen"):
        total_variation(cells, [])


def test_twenty_thousand_cells_are_balanced_in_seconds() -> None:
    margins = {f"a{n}": {str(v): 1 / 12 for v in range(12)} for n in range(4)}
    cells = cells_from_margins(margins)[:20_000]
    start = time.process_time()
    chosen = balanced_cells(cells, 50, 1)
    assert time.process_time() - start < 10
    assert max(total_variation(cells, chosen).values()) <= 0.06


def test_a_step_that_is_a_multiple_of_the_period_does_no_harm() -> None:
    cells = cells_from_margins({"a": {str(v): 1 / 50 for v in range(50)}, "b": {"x": 0.5, "y": 0.5}})
    shares = [sum(cells[index].values["b"] == "x" for index in draw_cells(cells, 50, s)) / 50 for s in range(20)]
    assert 0.4 < sum(shares) / 20 < 0.6
    assert all(0.2 < share < 0.8 for share in shares)


def test_bad_input_is_refused() -> None:
    for n in (0, 51):
        with pytest.raises(ValueError, match="50"):
            balanced_cells(letters([1.0]), n, 1)
    for values in ([], [0.0], [-1.0, 2.0], [math.nan]):
        with pytest.raises(ValueError, match="share"):
            draw_cells(letters(values), 3, 1)
    with pytest.raises(ValueError, match="negative"):
        draw_cells(letters([1.0]), -1, 1)

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.cells import draw_cells
from core.stats.quotas import fill_quotas
from core.stats.sampling import largest_remainder
from core.stats.targets import Cell, cells_from_margins, margins_of

CELLS = cells_from_margins({"age": {"a": 0.3, "b": 0.3, "c": 0.4}, "sex": {"f": 0.5, "m": 0.5}})


def by_age(cell: Cell) -> list[int]:
    return ["abc".index(cell.values["age"])]


def test_a_cell_of_several_groups_goes_where_there_is_room() -> None:
    both = {"a": [0], "b": [0, 1], "c": [1]}
    drawn = draw_cells(CELLS, 100, 1)
    placed = fill_quotas(CELLS, drawn, lambda cell: both[cell.values["age"]], [55, 45], 1)
    assert Counter(one.group for one in placed) == {0: 55, 1: 45}
    assert [one.cell for one in placed] == drawn


@settings(deadline=None)
@given(st.integers(1, 80), st.integers(0, 5), st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_quotas_are_kept_with_cells_of_their_own_group(n: int, seed: int, shares: list[int]) -> None:
    quotas = largest_remainder(shares, n)
    drawn = draw_cells(CELLS, n, seed)
    placed = fill_quotas(CELLS, drawn, by_age, quotas, seed)
    counts = Counter(one.group for one in placed)
    assert [counts[group] for group in range(3)] == quotas
    assert all(by_age(CELLS[one.cell]) == [one.group] for one in placed)
    moved = sum(was != one.cell for was, one in zip(drawn, placed, strict=True))
    before = Counter(by_age(CELLS[cell])[0] for cell in drawn)
    assert moved == sum(max(before[group] - quotas[group], 0) for group in range(3))


def test_what_is_exchanged_leaves_the_other_margins_as_they_are() -> None:
    drawn = [index for index, cell in enumerate(CELLS) for _ in range(round(cell.share * 100))]
    placed = fill_quotas(CELLS, drawn, by_age, [34, 30, 36], 1)
    realised = margins_of([Cell(CELLS[one.cell].values, 0.01) for one in placed])
    assert realised["sex"] == pytest.approx({"f": 0.5, "m": 0.5})


@pytest.mark.parametrize(("quotas", "message"), [([1, 1, 1], "sum"), ([3, 3, 3, 1], "without cells")])
def test_quotas_that_cannot_be_kept_are_refused(quotas: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fill_quotas(CELLS, draw_cells(CELLS, 10, 1), by_age, quotas, 1)

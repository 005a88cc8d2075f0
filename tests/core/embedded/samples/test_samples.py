"""The samples are the real data they claim to be."""

import pytest

from core.embedded import samples


def test_cells_are_the_joint_distribution_of_the_adults_surveyed() -> None:
    cells = samples.ces_cells()
    assert len(cells) == 96
    assert sum(cell["n"] for cell in cells) == 57_929
    assert sum(cell["share"] for cell in cells) == pytest.approx(1.0, abs=1e-9)
    assert set(cells[0]["values"]) == {"gender", "age", "race", "education"}


def test_benchmark_shares_sum_to_one_within_cell_and_question() -> None:
    sums: dict[tuple[str, ...], float] = {}
    for row in samples.ces_rows():
        cell = tuple(row[name] for name in ("gender", "age", "race", "education", "question"))
        sums[cell] = sums.get(cell, 0.0) + row["share"]
    assert len(sums) == 96 * 3
    assert all(abs(total - 1.0) < 1e-3 for total in sums.values())


def test_briefs_are_found_by_slug() -> None:
    assert samples.brief("us-economy-mood")["country"] == "United States"
    with pytest.raises(KeyError):
        samples.brief("no-such-brief")


def test_the_questionnaire_loads() -> None:
    keys = [q["key"] for s in samples.ces_questionnaire()["sections"] for q in s["questions"]]
    assert keys == ["economy_retro", "ideo5", "relig_church"]

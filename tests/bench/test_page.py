"""A figure measured again replaces its own line and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import page


@pytest.fixture(autouse=True)
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page of this test's own."""
    monkeypatch.setattr(page, "PAGE", tmp_path / "RESULTS.md")
    return page.PAGE


def lines(of: Path) -> list[str]:
    return [line for line in of.read_text().splitlines() if line.startswith("| ") and "---" not in line][1:]


def test_a_line_is_replaced_and_the_order_is_that_of_the_aims(results: Path) -> None:
    page.record("Idle worker", "3.0 % of a core", 3.0)
    page.record(f"{page.PICKUP}, p95", "9.0 ms", 9.0, reference="4.5 ms", ratio=0.5, said="busy")
    page.record("Idle worker", "1.0 % of a core", 1.0)
    pickup, idle = lines(results)
    assert f"p95 | 9.0 ms | 4.5 ms | 0.50 | ≤ 15 ms | reached; busy | {page.LOAD:.1f} |" in pickup
    assert "Idle worker | 1.0 % of a core |  |  | < 2 % of a core | reached |" in idle


def test_what_was_missed_and_what_has_no_aim_is_said(results: Path) -> None:
    page.record("Idle worker", "2.5 % of a core", 2.5)
    page.record(f"{page.LARGE}, time", "100 s", 100.0, said="20,000 calls")
    idle, large = lines(results)
    assert "| not reached |" in idle
    assert "| recorded | 20,000 calls |" in large


def test_a_figure_that_is_no_more_loses_its_line(results: Path) -> None:
    page.record("Idle worker", "1.0 % of a core", 1.0)
    results.write_text(results.read_text() + "| Gone | 1 |  |  | none | reached | 0.0 |\n")
    page.record("Idle worker", "1.1 % of a core", 1.1)
    assert len(lines(results)) == 1

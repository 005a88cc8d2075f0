"""Tables of two variables, from rows in Postgres: counted by hand, tested as `core.stats` tests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scipy import stats
from sqlalchemy import text

from core.db import session as db
from core.errors import Invalid
from core.surveys import tables
from core.surveys.models import Simulation
from core.surveys.schemas import CrosstabRead
from core.surveys.selecting import Selection
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.fixtures.jobs import new_workspace

pytestmark = pytest.mark.usefixtures("job_database")

CONTENT = content(
    question("single_choice", key="mood"),
    question("multiple_choice", key="uses"),
    question("nps", key="recommend"),
    question("numeric", key="hours", scale={"min": 0, "max": 24}),
    question("open_ended", key="why"),
)
# age, weight, mood, uses, recommend, hours
PEOPLE: list[tuple[str, float, str | None, list[str], int, float]] = [
    *[("18-29", 1.0, "1", ["1"], 9, 1.0)] * 30,
    *[("18-29", 1.0, "2", ["1", "2"], 10, 2.0)] * 10,
    *[("30-44", 2.0, "1", ["2"], 0, 3.0)] * 10,
    *[("30-44", 2.0, "2", ["1", "2"], 7, 4.5)] * 30,
    ("65+", 1.0, "1", ["1"], 7, 24.0),
    ("65+", 1.0, None, ["1"], 7, 24.0),
]


@pytest.fixture(scope="module")
async def simulation(job_database: None) -> Simulation:
    """82 respondents of two personas, odd numbers the first, even ones the second."""
    simulation = await simulations.submit(await new_workspace(), CONTENT, sample_size=len(PEOPLE), people=2)
    ids: dict[str, Any] = {"w": simulation.workspace_id, "s": simulation.id}
    async with db.scope([simulation.workspace_id]) as session:
        for number, (age, weight, mood, uses, recommend, hours) in enumerate(PEOPLE, start=1):
            await session.execute(
                text("""
                    INSERT INTO respondent (workspace_id, simulation_id, number, persona_id, persona_version, weight,
                        attributes) VALUES (:w, :s, :n, CAST(:p AS uuid), 1, :weight, jsonb_build_object('age',
                        CAST(:age AS text), 'a=b', 'x=y'))
                """),
                ids | {"n": number, "p": simulation.personas[number % 2]["persona_id"], "weight": weight, "age": age},
            )
            for key, value in (("mood", mood), ("uses", uses), ("recommend", recommend), ("hours", hours)):
                await session.execute(
                    text("""
                        INSERT INTO answer (workspace_id, simulation_id, respondent_number, question_key, method, value,
                            missing_reason) VALUES (:w, :s, :n, :key, 'direct', CAST(:value AS jsonb), :reason)
                    """),
                    ids
                    | {
                        "n": number,
                        "key": key,
                        "value": None if value is None else json.dumps(value),
                        "reason": "refused" if value is None else None,
                    },
                )
    return simulation


async def crossed(simulation: Simulation, row: str, column: str, *filters: str, **options: Any) -> CrosstabRead:
    async with db.scope([simulation.workspace_id]) as session:
        return tables.table(await tables.read(session, simulation, row, column, Selection(filters), **options))


async def test_cells_hold_who_answered_both(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "a:age")
    assert [one.label for one in found.col.categories] == ["18-29", "30-44", "65+"]
    assert [one.letter for one in found.col.categories] == ["A", "B", "C"]
    assert [[cell.n for cell in row] for row in found.cells[:2]] == [[30, 10, 1], [10, 30, 0]]
    assert [[cell.weighted_n for cell in row] for row in found.cells[:2]] == [[30, 20, 1], [10, 60, 0]]
    assert [cell.col_pct for cell in found.cells[0]] == [75, 25, 100]
    assert found.cells[0][0].row_pct == pytest.approx(100 * 30 / 51)
    assert (found.n, found.weighted_n) == (81, 121)
    assert [cell.n for cell in found.total[:2]] == [41, 40]
    assert found.total[0].col_pct == pytest.approx(100 * 51 / 121)


async def test_the_higher_column_names_the_lower_and_small_ones_are_not_tested(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "a:age")
    assert [[cell.letters for cell in row] for row in found.cells[:2]] == [["B", "", ""], ["", "A", ""]]
    assert "Columns of fewer than 30 respondents are not tested: 65+ (1)." in found.warnings


async def test_a_level_of_one_in_a_million_leaves_no_letter(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "a:age", alpha=1e-9)
    assert {cell.letters for row in found.cells for cell in row} == {""}


async def test_the_persona_as_a_variable_is_tested_as_independent_draws(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "persona", "a:age=18-29")
    expected = stats.chi2_contingency([[15, 15], [5, 5]], correction=False)[0]
    assert found.chi2 is not None
    assert (found.chi2.value, found.chi2.mean_deff) == pytest.approx((expected, 1))
    assert found.cramers_v == pytest.approx(0)
    assert [one.label for one in found.col.categories] == ["Persona 0", "Persona 1"]


async def test_filters_are_all_to_be_met(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:recommend", "a:age", "q:mood=2", "q:uses=2", "a:a=b=x=y")
    assert found.n == 40
    by_code = {one.code: cells for one, cells in zip(found.row.categories, found.cells, strict=True)}
    assert [cell.n for cell in by_code["10"]] == [10, 0]
    assert [cell.n for cell in by_code["7"]] == [0, 30]


async def test_a_filter_on_a_persona_keeps_its_respondents(simulation: Simulation) -> None:
    persona = simulation.personas[1]["persona_id"]
    assert (await crossed(simulation, "q:mood", "a:age", f"persona={persona}")).n == 41


async def test_rows_of_a_multiple_choice_rest_on_respondents_and_are_not_tested(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:uses", "a:age")
    assert [cell.col_pct for cell in found.cells[0]] == [100, 75, 100]
    assert [cell.col_pct for cell in found.cells[1]] == [25, 100, 0]
    assert (found.chi2, found.cramers_v) == (None, None)
    assert "A respondent may be in several categories: there is no χ² and no Cramér's V." in found.warnings


async def test_numbers_are_shown_in_classes(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:hours", "q:mood")
    assert sum(cell.n for row in found.cells for cell in row) == found.n == 81
    assert len(found.row.categories) <= 12


async def test_an_empty_table_has_no_figures(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "q:recommend", "a:age=nobody")
    assert (found.n, found.chi2, found.cramers_v) == (0, None, None)
    assert {cell.col_pct for row in found.cells for cell in row} == {None}


async def test_a_run_that_has_not_ended_says_so(simulation: Simulation) -> None:
    found = await crossed(simulation, "q:mood", "a:age")
    assert found.warnings[0].startswith("Incomplete: the run has not begun, and 82 of 82")


@pytest.mark.parametrize(
    ("row", "column", "filters", "loc", "words"),
    [
        ("mood", "persona", (), ("query", "row"), "must be q:<question key>"),
        ("q:nothing", "persona", (), ("query", "row"), "names no question"),
        ("persona", "q:why", (), ("query", "col"), "open-ended"),
        ("persona", "a:height", (), ("query", "col"), "names no attribute"),
        ("persona", "a:age'; DROP TABLE answer; --", (), ("query", "col"), "names no attribute"),
        ("persona", "persona", ("q:mood=1", "q:mood=9"), ("query", "filter", 1), "'9' is no code"),
        ("persona", "persona", ("q:hours=some",), ("query", "filter", 0), "is no number"),
        ("persona", "persona", ("persona=me",), ("query", "filter", 0), "by its id"),
        ("persona", "persona", ("a:age",), ("query", "filter", 0), "must be <variable>=<value>"),
        ("persona", "persona", ("=",), ("query", "filter", 0), "must be q:<question key>"),
    ],
)
async def test_what_cannot_be_crossed_is_named(
    simulation: Simulation, row: str, column: str, filters: tuple[str, ...], loc: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await crossed(simulation, row, column, *filters)
    assert (refused.value.errors[0].loc, words in refused.value.errors[0].msg) == (loc, True)

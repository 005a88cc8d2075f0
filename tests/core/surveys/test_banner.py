"""Banner tables: each column is what results of its respondents are; letters within each variable."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from scipy import stats

from core.db import session as db
from core.errors import Invalid
from core.stats.column_letters import Mean, differing_means, two_means
from core.surveys import banners, outcomes
from core.surveys.banner import Level
from core.surveys.banner_schemas import BannerQuestion, BannerRead
from core.surveys.models import Segment, Simulation
from core.surveys.selecting import Selection
from tests.factories.answered import answered

pytestmark = pytest.mark.usefixtures("job_database")


@pytest.fixture(scope="module")
async def simulation(job_database: None) -> Simulation:
    """A complete run."""
    return await answered()


async def banner(
    simulation: Simulation, *columns: str, rows: tuple[str, ...] = (), filters: tuple[str, ...] = (), **level: Any
) -> BannerRead:
    async with db.scope([simulation.workspace_id]) as session:
        ground = await banners.read(session, simulation, columns, rows, Selection(filters), after=0, limit=50)
    return banners.table(ground, Level(level.get("alpha", 0.05), level.get("adjustment", "holm")))


def of(found: BannerRead, key: str) -> BannerQuestion:
    return next(one for one in found.questions if one.key == key)


async def test_the_total_stands_first_and_letters_go_on_over_the_variables(simulation: Simulation) -> None:
    found = await banner(simulation, "a:age", "a:sex")
    assert [(one.label, one.letter, one.n) for one in found.columns] == [
        ("Total", None, 100),
        ("18-29", "A", 40),
        ("30-44", "B", 59),
        ("65+", "C", 1),
        ("f", "D", 50),
        ("m", "E", 50),
    ]


async def test_a_column_is_what_its_filtered_results_say(simulation: Simulation) -> None:
    found = await banner(simulation, "a:age", "persona")
    async with db.scope([simulation.workspace_id]) as session:
        young = await outcomes.read(session, simulation, Selection(["a:age=18-29"]))
        everybody = await outcomes.read(session, simulation)
    for place, results in ((0, everybody), (1, young)):
        for result in results.questions:
            mine = of(found, result.key)
            assert (mine.bases[place].n, mine.bases[place].n_eff) == (result.n, result.n_eff)
            assert [row.cells[place].col_pct for row in mine.rows] == [one.weighted_pct for one in result.options]
            assert [row.cells[place].ci for row in mine.rows] == [one.ci for one in result.options]


async def test_letters_compare_the_columns_of_one_variable(simulation: Simulation) -> None:
    mood = of(await banner(simulation, "a:sex", "a:age"), "mood")
    yes, no = mood.rows
    assert [cell.letters for cell in yes.cells] == ["", "B", "", "D", "", ""]  # all women and no man; 75 against 34 %
    assert [cell.letters for cell in no.cells] == ["", "", "A", "", "C", ""]


async def test_columns_of_few_are_told_and_not_tested(simulation: Simulation) -> None:
    found = await banner(simulation, "a:age")
    assert found.warnings == ["Columns of fewer than 30 respondents are not tested: 65+ (1)."]
    assert [base.tested for base in of(found, "recommend").bases] == [True, True, True, False]


async def test_nets_and_scores_stand_beside_the_options(simulation: Simulation) -> None:
    recommend = of(await banner(simulation, "a:sex"), "recommend")
    assert recommend.nps == [pytest.approx(100 * (50 - 11) / 100), 100.0, pytest.approx(-22.0)]
    assert recommend.mean is not None
    assert [one.letters for one in recommend.mean] == ["", "B", ""]
    assert of(await banner(simulation, "a:sex"), "mood").mean is None


async def test_within_personas_respondents_are_independent(simulation: Simulation) -> None:
    found = of(await banner(simulation, "persona"), "mood")
    assert [base.n_eff for base in found.bases[1:]] == [base.n for base in found.bases[1:]]
    assert found.bases[0].n_eff < 100


async def test_named_questions_come_in_the_order_given(simulation: Simulation) -> None:
    found = await banner(simulation, "a:age", rows=("q:uses", "q:mood", "q:uses"))
    assert [one.key for one in found.questions] == ["uses", "mood"]


async def test_a_segment_is_a_pair_of_columns(simulation: Simulation) -> None:
    segment = Segment(
        workspace_id=simulation.workspace_id,
        exploration_id=simulation.exploration_id,
        name="Users",
        conditions=["q:uses=1"],
    )
    async with db.scope([simulation.workspace_id]) as session:
        session.add(segment)
    found = await banner(simulation, f"segment:{segment.id}", "q:uses")
    assert [(one.label, one.n) for one in found.columns] == [
        ("Total", 100), ("Users", 79), ("Not Users", 21), ("Yes", 79), ("No", 70),
    ]  # fmt: skip
    assert any("overlap" in warning for warning in found.warnings)


async def test_nobody_has_columns_without_figures(simulation: Simulation) -> None:
    found = await banner(simulation, "a:sex", "q:mood", filters=("a:age=65+", "a:sex=f"))
    assert (found.n, [one.n for one in found.columns]) == (0, [0, 0, 0])
    assert all(cell.col_pct is None for row in of(found, "mood").rows for cell in row.cells)


@pytest.mark.parametrize(
    ("columns", "rows", "loc"),
    [
        (("a:age", "a:height"), (), ("query", "cols", 1)),
        (("q:why",), (), ("query", "cols", 0)),
        ((f"segment:{UUID(int=1)}",), (), ("query", "cols", 0)),
        (("a:age",), ("q:mood", "a:age"), ("query", "rows", 1)),
    ],
)
async def test_what_cannot_stand_in_a_banner_is_named(
    simulation: Simulation, columns: tuple[str, ...], rows: tuple[str, ...], loc: tuple[Any, ...]
) -> None:
    with pytest.raises(Invalid) as raised:
        await banner(simulation, *columns, rows=rows)
    assert raised.value.errors[0].loc == loc


def test_means_are_compared_by_welch() -> None:
    first, second = Mean(3.4, 1.1, 40), Mean(2.9, 0.7, 25.5)
    wanted = stats.ttest_ind_from_stats(3.4, 1.1, 40, 2.9, 0.7, 25.5, equal_var=False).pvalue
    assert two_means(first, second) == pytest.approx(wanted, rel=1e-9)
    assert (two_means(first, first), two_means(Mean(1, 0, 9), Mean(2, 0, 9))) == (1.0, 0.0)


def test_means_have_the_letters_of_lower_ones() -> None:
    assert differing_means([Mean(5, 1, 50), None, Mean(3, 1, 50), Mean(3.1, 1, 50)]) == [[2, 3], [], [], []]
    assert differing_means([Mean(5, 1, 1), Mean(3, 1, 50)]) == [[], []]

"""Figures of some respondents, with weights of their own or of targets: from rows in Postgres, counted by hand."""

from __future__ import annotations

import functools
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.db import session as db
from core.errors import Invalid
from core.surveys import outcomes, selecting, tables, weightings
from core.surveys.exporting import export_lines
from core.surveys.models import Segment, Simulation
from core.surveys.schemas import ResultsRead
from core.surveys.selecting import Selection
from core.surveys.weightings import WeightingCreate, WeightingRead
from core.workspaces.access import Member
from tests.factories.answered import answered
from tests.factories.jobs import AUTHOR

pytestmark = pytest.mark.usefixtures("job_database")


@pytest.fixture(scope="module")
async def simulation(job_database: None) -> Simulation:
    """A complete run."""
    return await answered()


async def results(simulation: Simulation, *filters: str, **members: Any) -> ResultsRead:
    async with db.scope([simulation.workspace_id]) as session:
        return await outcomes.read(session, simulation, Selection(filters, **members))


async def segment(simulation: Simulation, *conditions: str | list[str]) -> UUID:
    made = Segment(
        workspace_id=simulation.workspace_id,
        exploration_id=simulation.exploration_id,
        name="Some",
        conditions=list(conditions),
    )
    async with db.scope([simulation.workspace_id]) as session:
        session.add(made)
    return made.id


async def weighting(simulation: Simulation, targets: dict[str, Any], cap: float | None = None) -> WeightingRead:
    member = Member(simulation.workspace_id, AUTHOR, "member")
    body = WeightingCreate(name="Census", targets=targets, cap=cap)
    async with db.scope([simulation.workspace_id]) as session:
        return await weightings.create(session, member, simulation, body)


def counts(found: ResultsRead, key: str) -> dict[str, int]:
    question = next(one for one in found.questions if one.key == key)
    return {option.code: option.count for option in question.options}


async def test_filters_must_all_be_met(simulation: Simulation) -> None:
    found = await results(simulation, "a:age=30-44", "q:uses=1")
    assert (found.n, counts(found, "mood")) == (39, {"1": 0, "2": 39})
    assert found.filters == ["a:age=30-44", "q:uses=1"]


async def test_everything_is_of_those_who_meet_them(simulation: Simulation) -> None:
    found = await results(simulation, "a:sex=f")
    nps = next(one for one in found.questions if one.key == "recommend").nps
    assert nps is not None
    assert (found.n, sum(base.n for base in found.personas), nps.value) == (50, 50, 100.0)
    assert all(one.n == 50 and sum(part.n for part in one.by_persona) == 50 for one in found.questions)
    assert found.n_eff < (await results(simulation)).n_eff


async def test_missing_answers_are_those_of_the_part(simulation: Simulation) -> None:
    assert (await results(simulation, "a:age=65+")).questions[0].missing == {"refused": 1}
    assert (await results(simulation, "a:age=30-44")).questions[0].missing == {}


@pytest.mark.parametrize(("filters", "n"), [(("a:age=65+",), 1), (("a:age=65+", "a:sex=f"), 0)], ids=["one", "nobody"])
async def test_few_are_warned_of_and_have_figures_all_the_same(
    simulation: Simulation, filters: tuple[str, ...], n: int
) -> None:
    found = await results(simulation, *filters)
    assert (found.n, [one.n for one in found.questions]) == (n, [0, n, n, n])
    assert any(warning.startswith(("Only 1", "Nobody")) for warning in found.warnings)


async def test_of_a_list_in_a_segment_one_must_be_met(simulation: Simulation) -> None:
    chosen = await segment(simulation, ["a:age=18-29", "a:age=65+"], "a:sex=m")
    found = await results(simulation, segments=[chosen])
    assert (found.n, found.segment_ids) == (11, [chosen])


async def test_a_segment_is_a_variable_of_tables(simulation: Simulation) -> None:
    chosen = await segment(simulation, "q:uses=1")
    async with db.scope([simulation.workspace_id]) as session:
        found = tables.table(await tables.read(session, simulation, "q:mood", f"segment:{chosen}"))
    assert [(one.label, one.n) for one in found.col.categories] == [("Some", 79), ("Not Some", 20)]
    assert [[cell.n for cell in row] for row in found.cells] == [[30, 20], [49, 0]]


@pytest.mark.parametrize(
    ("members", "loc", "said"),
    [
        ({"filters": ["q:gone=1"]}, ("query", "filter", 0), "names no question"),
        ({"segments": [uuid4()]}, ("query", "segment", 0), "names no segment"),
        ({"weighting": uuid4()}, ("query", "weighting"), "names no weighting"),
    ],
)
async def test_what_cannot_be_used_is_named(
    simulation: Simulation, members: dict[str, Any], loc: tuple[Any, ...], said: str
) -> None:
    async with db.scope([simulation.workspace_id]) as session:
        with pytest.raises(Invalid) as raised:
            await outcomes.gather(session, simulation, Selection(**members))
    assert [(error.loc, said in error.msg) for error in raised.value.errors] == [(loc, True)]


async def test_a_segment_of_other_questions_is_refused_with_what_it_asks_for(simulation: Simulation) -> None:
    chosen = await segment(simulation, "a:age=18-29", ["q:gone=1", "q:mood=1"])
    with pytest.raises(Invalid, match=r"'Some' cannot be used here: q:gone=1 or q:mood=1 names no question"):
        await results(simulation, segments=[chosen])


async def test_weighted_results_have_the_targets_shares(simulation: Simulation) -> None:
    made = await weighting(simulation, {"margins": {"age": {"18-29": 0.2, "30-44": 0.7, "65+": 0.1}}})
    found = await results(simulation, weighting=made.id)
    uses = next(one for one in found.questions if one.key == "uses")
    # by hand: 18-29 weigh 0.5, 30-44 70/59, 65+ 10; who uses 1: all 40 young ones and 39 of 30-44
    assert uses.options[0].weighted_pct == pytest.approx(100 * (40 * 0.5 + 39 * 70 / 59) / 100, abs=1e-6)
    assert uses.options[0].pct == 79.0
    assert made.report is not None
    squares = 40 * 0.25 + 59 * (70 / 59) ** 2 + 100
    assert made.report.n_eff_weights == pytest.approx(100**2 / squares, abs=1e-6)
    assert made.report.design_effect == pytest.approx(squares / 100, abs=1e-6)
    assert made.report.realised.margins["age"] == pytest.approx({"18-29": 0.2, "30-44": 0.7, "65+": 0.1})
    assert any("10.0 times the mean" in warning for warning in made.report.warnings)


async def test_weights_are_made_for_all_before_some_are_selected(simulation: Simulation) -> None:
    made = await weighting(simulation, {"margins": {"age": {"18-29": 0.5, "30-44": 0.5}}})
    found = await results(simulation, "a:sex=f", weighting=made.id)
    assert found.questions[0].options[0].weighted_count == pytest.approx(30 * 50 / 40 + 20 * 50 / 59)
    assert any("1 of 100 respondent has values" in warning for warning in found.warnings)


async def test_respondents_keep_their_weights(simulation: Simulation) -> None:
    before = await results(simulation)
    await weighting(simulation, {"margins": {"sex": {"f": 0.9, "m": 0.1}}})
    assert await results(simulation) == before


async def test_an_empty_cell_is_named(simulation: Simulation) -> None:
    shares = {("65+", "f"): 0.25, ("18-29", "f"): 0.5, ("18-29", "m"): 0.25}
    cells = [{"values": {"age": age, "sex": sex}, "share": share} for (age, sex), share in shares.items()]
    made = await weighting(simulation, {"cells": cells})
    assert made.report is not None
    assert any("Nobody is age 65+, sex f, 25" in warning for warning in made.report.warnings)


@pytest.mark.parametrize(
    ("targets", "loc"),
    [
        ({"margins": {"height": {"tall": 1.0}}}, ("body", "targets", "margins", "height")),
        ({"margins": {"age": {"18-29": 0.5}}}, ("body", "targets", "margins", "age")),
        ({"margins": {"age": {"90+": 1.0}}}, ("body", "targets")),
        ({"margins": {"age": {"65+": 0.9, "30-44": 0.1}, "sex": {"f": 0.9, "m": 0.1}}}, ("body", "targets", "margins")),
        ({}, ("body", "targets")),
    ],
    ids=["no such attribute", "half of all", "nobody", "against each other", "nothing"],
)
async def test_targets_that_cannot_be_reached_are_named_and_not_stored(
    simulation: Simulation, targets: dict[str, Any], loc: tuple[Any, ...]
) -> None:
    with pytest.raises(Invalid) as raised:
        await weighting(simulation, targets)
    assert raised.value.errors[0].loc[: len(loc)] == loc


async def test_columns_kept_for_fewer_respondents_are_made_anew() -> None:
    made = await answered()
    await results(made)
    async with db.scope([made.workspace_id]) as session:
        await session.execute(
            text("""
                INSERT INTO respondent
                    (workspace_id, simulation_id, number, persona_id, persona_version, weight, attributes)
                SELECT workspace_id, simulation_id, 101, persona_id, persona_version, weight, attributes
                FROM respondent WHERE simulation_id = :s AND number = 100
            """),
            {"s": made.id},
        )
        assert (await selecting.base(session, made, ["mood"])).n == 100
        made.sample_size = 101
        assert (await selecting.base(session, made, ["mood"])).n == 101


async def test_kept_columns_give_the_figures_that_rows_give(simulation: Simulation) -> None:
    async with db.scope([simulation.workspace_id]) as session:
        await session.execute(text("DELETE FROM answer_column WHERE simulation_id = :s"), {"s": simulation.id})
        first = await outcomes.read(session, simulation)
        assert await outcomes.read(session, simulation) == first


async def test_a_file_has_the_weights_of_a_weighting(simulation: Simulation) -> None:
    made = await weighting(simulation, {"margins": {"age": {"18-29": 0.5, "30-44": 0.5}}})
    scope = functools.partial(db.scope, [simulation.workspace_id])
    async with scope() as session:
        weights = await selecting.weights(session, simulation, made.id)
    lines = "".join([piece async for piece in export_lines(scope, simulation, "jsonl", weights)]).splitlines()
    by_age = {row["attributes"]["age"]: row["weight"] for row in map(json.loads, lines)}
    assert by_age == pytest.approx({"18-29": 50 / 40, "30-44": 50 / 59, "65+": 0.0})


@pytest.mark.parametrize(("bound", "n"), [(">=9", 50), ("<=7", 50), (">=10.5", 0), ("=10", 30)])
async def test_numbers_are_kept_by_a_bound(simulation: Simulation, bound: str, n: int) -> None:
    assert (await results(simulation, f"q:recommend{bound}")).n == n


@pytest.mark.parametrize("condition", ["q:recommend>=much", "q:mood>=1", "a:age<=30", "q:recommend>=nan"])
async def test_a_bound_needs_a_number_and_a_question_of_numbers(simulation: Simulation, condition: str) -> None:
    with pytest.raises(Invalid):
        await results(simulation, condition)

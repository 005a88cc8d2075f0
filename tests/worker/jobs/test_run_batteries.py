"""Matrices and rankings on a real database: rated row by row or asked at once, counted, crossed and exported."""

from __future__ import annotations

import json
from typing import Any, cast
from uuid import UUID

from core.db import session as db
from core.llm.scripted import Asked, ScriptedModel
from core.surveys import alarms, banners, comparing, exporting, outcomes, tables
from core.surveys.banner import Level
from core.surveys.prompts import SectionInput
from core.surveys.selecting import Selection
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import run
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies

LABELS = ["Bad", "Fair", "Good"]
MATRIX = question("matrix", key="brands", rows=["Acme", "Best", "Cola"], options=LABELS, scale=None, randomise=True)
ORDER = question("ranking", key="order", options=["Taste", "Price", "Health"], rank_top=2, randomise=True)


def answering(asked: Asked) -> dict[str, Any]:
    """Rate a row by its code and rank by the respondent's number."""
    found: dict[str, Any] = {}
    for one in cast("SectionInput", asked.data).section.questions:
        if one.type == "matrix":
            found[one.key] = {row.code: row.code for row in one.rows or []}
        elif one.type == "ranking":
            found[one.key] = ["3", "1"] if asked.seed % 2 else ["1", "2"]
        else:
            found[one.key] = one.options[0].code
    return {"answers": found}


def saying(asked: Asked) -> dict[str, Any]:
    asked_for = cast("SectionInput", asked.data).section.questions
    return {"statements": {one.key: f"{one.text} {asked.seed % 3}" for one in asked_for}}


async def test_a_matrix_and_a_ranking_are_asked_and_counted(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = ScriptedModel({"survey_direct": answering})
    simulation = await simulations.submit(
        workspace_id, content(MATRIX, ORDER), sample_size=60, method="direct", people=3
    )
    assert (await run(make_runner(asked), simulation)).status == "succeeded"
    given = await answers(simulation)
    assert given[1, "brands"][0] == {"1": "1", "2": "2", "3": "3"}
    assert given[1, "order"][0] in (["3", "1"], ["1", "2"])
    done = await simulations.read(simulation)
    async with db.scope([workspace_id]) as session:
        found = {one.key: one for one in (await outcomes.read(session, done)).questions}
        ground = await tables.read(session, done, "q:order", "q:brands.3")
        quality = await alarms.read(session, done)
        page = await banners.read(session, done, ["persona"], (), Selection(), after=0, limit=10)
    assert [(row.key, row.text, row.mean, row.n) for row in found["brands"].rows] == [
        ("brands.1", "Acme", 1, 60), ("brands.2", "Best", 2, 60), ("brands.3", "Cola", 3, 60),
    ]  # fmt: skip
    order = found["order"]
    assert sum(option.count for option in order.options) == 60
    assert order.ranking[0].unranked == 0
    assert order.ranking[1].counts == [0, order.options[0].count]
    assert order.agreement is not None
    banner = {one.key: one for one in banners.table(page, Level(0.05, "holm")).questions}
    assert list(banner) == ["brands.1", "brands.2", "brands.3", "order"]
    assert [cell.n for cell in banner["brands.2"].rows[1].cells] == [60, 20, 20, 20]
    assert [row.cells[0].n for row in banner["order"].rows] == [option.count for option in order.options]
    table = tables.table(ground)
    assert [(category.label, category.n) for category in table.col.categories] == [
        ("Bad", 0),
        ("Fair", 0),
        ("Good", 60),
    ]
    assert {alarm.code: alarm.measured for alarm in quality.alarms}["straight_lining"]


async def test_the_rows_of_a_matrix_are_rated_one_by_one(workspace_id: UUID, make_runner: MakeRunner) -> None:
    asked = ScriptedModel({"survey_statements": saying})
    simulation = await simulations.submit(workspace_id, content(MATRIX), sample_size=3, method="auto", people=1)
    assert (await run(make_runner(asked), simulation)).status == "succeeded"
    put = [one.key for one in cast("SectionInput", asked.asked[0].data).section.questions]
    assert sorted(put) == ["brands.1", "brands.2", "brands.3"]
    assert set(await answers(simulation)) == {(number, "brands") for number in (1, 2, 3)}
    done = await simulations.read(simulation)
    lines = [line async for line in exporting.export_lines(lambda: db.scope([workspace_id]), done, "jsonl")]
    answer = json.loads("".join(lines).splitlines()[0])["answers"]["brands"]
    assert set(answer["value"]) == {"1", "2", "3"} == set(answer["probabilities"])
    assert abs(sum(answer["probabilities"]["1"].values()) - 1) < 1e-6
    assert sorted(answer["option_order"]) == ["1", "2", "3"]
    assert answer["text"].count("\n") == 2
    assert answer["method"] == "ssr"
    wide = "".join([line async for line in exporting.export_lines(lambda: db.scope([workspace_id]), done, "csv")])
    assert wide.splitlines()[0].endswith("brands:1,brands:2,brands:3")


async def test_rows_and_first_choices_are_compared_between_runs(workspace_id: UUID, make_runner: MakeRunner) -> None:
    runs = []
    for seed in (1, 2):
        asked = ScriptedModel({"survey_direct": answering})
        simulation = await simulations.submit(
            workspace_id, content(MATRIX, ORDER), sample_size=40, method="direct", people=2, seed=seed
        )
        assert (await run(make_runner(asked), simulation)).status == "succeeded"
        runs.append(await simulations.read(simulation))
    async with db.scope([workspace_id]) as session:
        first, second = [await comparing.read(session, one) for one in runs]
    found = {one.key: one for one in comparing.compute(first, second, 0.05, "holm").questions}
    assert list(found) == ["brands.1", "brands.2", "brands.3", "order"]
    assert found["brands.2"].mean is not None
    assert found["brands.2"].mean.difference == 0
    assert found["order"].text.endswith("put first")

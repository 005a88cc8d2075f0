"""Files of a simulation over HTTP: long CSV, workbook, system file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pyreadstat
import pytest

from core.bounded.running import Bounds
from core.db import session as db
from core.surveys import alarms, service
from core.surveys.filing import making
from tests.factories.questionnaires import question
from tests.factories.studies import QUESTIONS, new_study
from tests.fixtures.api import finished


@pytest.fixture(scope="module")
async def simulation(client: httpx.AsyncClient, worker: object) -> str:
    """The address of a finished simulation of all kinds of questions."""
    study = await new_study(client, *QUESTIONS, question("max_diff", key="matters", text="What matters to you?"))
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(method="direct", sample_size=6))).json()
    assert (await finished(client, job))["status"] == "succeeded"
    return f"{study.base}/simulations/{job['subject_id']}"


@pytest.fixture(scope="module")
async def responses(client: httpx.AsyncClient, simulation: str) -> list[dict[str, Any]]:
    """Its responses."""
    found: list[dict[str, Any]] = (await client.get(f"{simulation}/responses")).json()["items"]
    return found


async def file_of(client: httpx.AsyncClient, simulation: str, format_: str) -> httpx.Response:
    answer = await client.get(f"{simulation}/export", params={"format": format_})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer


async def test_the_long_csv_has_a_line_for_every_answer(
    client: httpx.AsyncClient, simulation: str, responses: list[dict[str, Any]]
) -> None:
    answer = await file_of(client, simulation, "csv-long")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    told = [(int(row["respondent_number"]), row["question"], row["method"]) for row in rows]
    assert told == [
        (response["respondent_number"], key, given["method"])
        for response in responses
        for key, given in response["answers"].items()
        for _ in range(3 * len(given["value"]) if key == "matters" else 1)
    ]
    assert answer.text == (await file_of(client, simulation, "csv-long")).text


async def test_the_workbook_agrees_with_the_responses(
    client: httpx.AsyncClient, simulation: str, responses: list[dict[str, Any]]
) -> None:
    answer = await file_of(client, simulation, "xlsx")
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    header, *rows = book["codes"].iter_rows(values_only=True)
    assert book.sheetnames == ["codes", "labels", "codebook"]
    assert [dict(zip(header, row, strict=True))["nps"] for row in rows] == [
        response["answers"]["nps"]["value"] for response in responses
    ]


async def test_the_system_file_agrees_with_the_responses(
    client: httpx.AsyncClient, simulation: str, responses: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "one.sav").write_bytes((await file_of(client, simulation, "sav")).content)
    data, meta = pyreadstat.read_sav(tmp_path / "one.sav", output_format="dict")
    assert meta.number_rows == len(responses)
    assert data["nps"] == [response["answers"]["nps"]["value"] for response in responses]
    assert data["weight"] == [pytest.approx(response["weight"]) for response in responses]


async def test_a_file_that_no_workbook_can_hold_is_refused_by_name(
    client: httpx.AsyncClient, simulation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(making.MOST_CELLS, "xlsx", 10)
    answer = await client.get(f"{simulation}/export", params={"format": "xlsx"})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["query", "format"])
    assert "csv-long" in answer.json()["errors"][0]["msg"]


async def test_a_file_that_grows_too_large_is_not_sent_in_part(
    client: httpx.AsyncClient, simulation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BOUNDS", Bounds(30, 512, 400))
    answer = await client.get(f"{simulation}/export", params={"format": "sav"})
    assert (answer.status_code, answer.json()["code"]) == (503, "export_failed")


async def test_results_of_best_and_worst_are_those_of_the_responses(
    client: httpx.AsyncClient, simulation: str, responses: list[dict[str, Any]]
) -> None:
    results = (await client.get(f"{simulation}/results")).json()
    [found] = [one for one in results["questions"] if one["key"] == "matters"]
    judged = [one for response in responses for one in response["answers"]["matters"]["value"]]
    assert (found["n"], len(judged)) == (6, 6 * 5)
    for item in found["max_diff"]:
        best, worst, shown = (
            sum(item["code"] in ([one[member]] if member != "items" else one["items"]) for one in judged)
            for member in ("best", "worst", "items")
        )
        assert (item["best"], item["worst"], item["shown"]) == (best, worst, shown)
        assert item["ci"][0] <= item["score"] <= item["ci"][1]


async def test_the_alarm_of_order_reads_who_was_shown_first_in_each_set(
    simulation: str, responses: list[dict[str, Any]]
) -> None:
    workspace_id, simulation_id = UUID(simulation.split("/")[2]), UUID(simulation.rsplit("/", 1)[1])
    async with db.scope([workspace_id]) as session:
        run = await service.get_by_id(session, workspace_id, simulation_id)
        asked = [one for one in service.content_of(run).questions() if one.sets is not None]
        [found] = (await alarms.first_in_sets(session, run, asked)).values()
    judged = [one for response in responses for one in response["answers"]["matters"]["value"]]
    first = sum(one["items"][0] == one["best"] for one in judged)
    assert (found.first, found.n, found.expected) == (first, len(judged), 1 / 3)


async def test_a_table_of_best_and_worst_is_refused_by_name(client: httpx.AsyncClient, simulation: str) -> None:
    answer = await client.get(f"{simulation}/crosstab", params={"row": "q:matters", "col": "persona"})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["query", "row"])

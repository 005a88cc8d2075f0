"""Simulations over HTTP: bad input stores nothing; results agree with the responses they are computed from."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.personas import persona
from tests.factories.questionnaires import question
from tests.factories.studies import Study, new_study, stored
from tests.fixtures.api import finished

Json = dict[str, Any]
METHODS = ("auto", "direct", "distribution", "ssr")
N = 12


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture(scope="module", params=METHODS)
async def simulation(request: Any, client: httpx.AsyncClient, worker: object, study: Study) -> str:
    """The address of a finished simulation by each method."""
    body = study.simulation(method=request.param, sample_size=N)
    job = (await client.post(f"{study.base}/simulations", json=body)).json()
    ended = await finished(client, job)
    assert ended["status"] == "succeeded", ended
    return f"{study.base}/simulations/{job['subject_id']}"


async def responses_of(client: httpx.AsyncClient, simulation: str) -> list[Json]:
    """Read all responses, a few at a time."""
    found: list[Json] = []
    cursor: str | None = None
    while True:
        params = {"limit": 5} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{simulation}/responses", params=params)).json()
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize(
    ("members", "loc"),
    [
        ({"sample_size": 0}, ["sample_size"]),
        ({"sample_size": 1_000_000}, ["sample_size"]),
        ({"sample_size": "many"}, ["sample_size"]),
        ({"sample_size": None}, ["sample_size"]),
        ({"seed": -1}, ["seed"]),
        ({"seed": 2**31}, ["seed"]),
        ({"seed": 1.5}, ["seed"]),
        ({"method": "guess"}, ["method"]),
        ({"persona_ids": []}, ["persona_ids"]),
        ({"persona_ids": ["x"]}, ["persona_ids", 0]),
        ({"persona_ids": [str(uuid4())]}, ["persona_ids", 0]),
        ({"persona_ids": None}, ["persona_ids"]),
        ({"plan_id": str(uuid4())}, ["persona_ids"]),
        ({"persona_ids": None, "plan_id": str(uuid4())}, ["plan_id"]),
        ({"questionnaire_id": None}, ["questionnaire_id"]),
        ({"questionnaire_id": str(uuid4())}, ["questionnaire_id"]),
        ({"title": ""}, ["title"]),
        ({"parameters": {"ssr_temperature": -0.1}}, ["parameters", "ssr_temperature"]),
        ({"parameters": {"ssr_epsilon": "inf"}}, ["parameters", "ssr_epsilon"]),
        ({"parameters": {"ssr_anchors": "best"}}, ["parameters", "ssr_anchors"]),
        ({"parameters": {"retest_share": 0.6}}, ["parameters", "retest_share"]),
        ({"parameters": {"distribution_draws": 0}}, ["parameters", "distribution_draws"]),
        ({"parameters": {"temperature": 1}}, ["parameters", "temperature"]),
        ({"job": {"surprise": 1}}, ["job", "surprise"]),
        ({"sample_sise": 5}, ["sample_sise"]),
    ],
)
async def test_bad_input_is_named_and_stores_nothing(
    client: httpx.AsyncClient, study: Study, members: Json, loc: list[Any]
) -> None:
    before = await stored(study.workspace_id)
    answer = await client.post(f"{study.base}/simulations", json=study.simulation(**members))
    assert answer.status_code == 422, answer.text
    assert ["body", *loc] in [error["loc"] for error in answer.json()["errors"]]
    assert await stored(study.workspace_id) == before


async def test_persons_and_questions_of_another_exploration_are_refused(
    client: httpx.AsyncClient, study: Study
) -> None:
    place = (await client.post(f"{study.workspace}/explorations", json={"title": "other"})).headers["location"]
    other_person = (await client.post(f"{place}/personas", json=persona())).json()["id"]
    elsewhere = await new_study(client)
    before = await stored(study.workspace_id)
    for members, loc in (
        ({"persona_ids": [study.persona_ids[0], other_person]}, ["persona_ids", 1]),
        ({"persona_ids": elsewhere.persona_ids}, ["persona_ids", 0]),
        ({"persona_ids": [study.persona_ids[0]] * 2}, ["persona_ids", 1]),
        ({"questionnaire_id": elsewhere.questionnaire_id}, ["questionnaire_id"]),
    ):
        answer = await client.post(f"{study.base}/simulations", json=study.simulation(**members))
        assert answer.status_code == 422, members
        assert ["body", *loc] in [error["loc"] for error in answer.json()["errors"]]
    assert await stored(study.workspace_id) == before


async def test_a_plan_whose_persona_is_gone_is_refused_by_the_field_that_was_sent(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    plan = (await client.post(f"{study.base}/population/plan", json={"persona_ids": study.persona_ids, "n": 4})).json()
    gone = f"{study.base}/personas/{study.persona_ids[1]}"
    name = (await client.get(gone)).json()["name"]
    await client.delete(gone)
    before = await stored(study.workspace_id)
    body = study.simulation(persona_ids=None, sample_size=None, plan_id=plan["id"])
    answer = await client.post(f"{study.base}/simulations", json=body)
    assert answer.status_code == 422
    wrong = f"counts on {name}, deleted since: compute a new plan without"
    assert answer.json()["errors"] == [{"loc": ["body", "plan_id"], "msg": wrong}]
    assert await stored(study.workspace_id) == before


async def test_responses_have_their_shape_and_their_number(
    client: httpx.AsyncClient, study: Study, simulation: str
) -> None:
    found = await responses_of(client, simulation)
    assert [row["respondent_number"] for row in found] == list(range(1, N + 1))
    assert {row["persona_id"] for row in found} <= set(study.persona_ids)
    members = {"respondent_number", "persona_id", "persona_version", "weight", "attributes", "arms", "answers"}
    for row in found:
        assert set(row) == members
        assert list(row["answers"]) == list(study.keys)
        for key, answer in row["answers"].items():
            assert answer["missing_reason"] is not None or fits(study.keys[key], answer["value"]), (key, answer)


def fits(type_: str, value: Any) -> bool:
    if type_ == "single_choice":
        return value in ("1", "2", "3")
    if type_ == "likert":
        return value in ("1", "2", "3", "4", "5")
    if type_ == "multiple_choice":
        return isinstance(value, list) and set(value) <= {"1", "2", "3"}
    if type_ == "nps":
        return isinstance(value, int) and 0 <= value <= 10
    if type_ == "numeric":
        return isinstance(value, int | float) and 0 <= value <= 24
    return isinstance(value, str) and bool(value.strip())


async def test_results_are_counts_of_the_responses(client: httpx.AsyncClient, simulation: str) -> None:
    results = (await client.get(f"{simulation}/results")).json()
    found = await responses_of(client, simulation)
    assert (results["status"], results["complete"], results["n"]) == ("succeeded", True, N)
    assert results["demonstration"] is True
    assert results["model"].startswith("offline-demonstration")
    for asked in results["questions"]:
        answers = [row["answers"][asked["key"]] for row in found]
        given = [a["value"] for a in answers if a["missing_reason"] is None]
        missing = Counter(a["missing_reason"] for a in answers if a["missing_reason"] is not None)
        assert (asked["n"], asked["missing"]) == (len(given), dict(missing))
        assert asked["methods"] == dict(Counter(a["method"] for a in answers))
        codes = Counter(code for value in given for code in (value if isinstance(value, list) else [str(value)]))
        for option in asked["options"]:
            assert option["count"] == codes[option["code"]]
            assert option["pct"] == pytest.approx(100 * codes[option["code"]] / len(given), abs=1e-4)
            assert 0 <= option["ci"][0] <= option["weighted_pct"] + 1e-6
            assert option["weighted_pct"] - 1e-6 <= option["ci"][1] <= 100
        assert sum(part["n"] for part in asked["by_persona"]) == len(given)
        if asked["type"] in ("likert", "nps", "numeric"):
            weights = [r["weight"] for r in found if r["answers"][asked["key"]]["missing_reason"] is None]
            mean = sum(w * float(v) for w, v in zip(weights, given, strict=True)) / sum(weights)
            assert asked["mean"] == pytest.approx(mean, abs=1e-4)
        if asked["type"] == "nps":
            assert set(asked["nps"]) >= {"value", "ci"}
        if asked["type"] == "numeric":
            assert (asked["min"], asked["max"]) == (min(given), max(given))
            for found_bin in asked["histogram"]:
                inside = [value for value in given if found_bin["low"] <= value <= found_bin["high"]]
                assert (found_bin["count"], found_bin["pct"]) == (len(inside), pytest.approx(100 * len(inside) / N))
        else:
            assert (asked["min"], asked["max"], asked["histogram"]) == (None, None, [])
    drawn = Counter(row["persona_id"] for row in found)
    assert {part["persona_id"]: part["n"] for part in results["personas"]} == drawn
    assert sum(part["share"] for part in results["personas"]) == pytest.approx(1)


async def test_stated_probabilities_are_probabilities(client: httpx.AsyncClient, study: Study, simulation: str) -> None:
    stated = 0
    for row in await responses_of(client, simulation):
        for key, answer in row["answers"].items():
            if answer.get("probabilities") is None:
                assert answer["method"] == "direct" or answer["missing_reason"], answer
                continue
            stated += 1
            shares = answer["probabilities"].values()
            assert all(0 <= share <= 1 for share in shares)
            if study.keys[key] != "multiple_choice":
                assert sum(shares) == pytest.approx(1, abs=1e-6)
    method = (await client.get(simulation)).json()["method"]
    assert (stated == 0) is (method == "direct")


async def test_the_export_holds_the_responses(client: httpx.AsyncClient, study: Study, simulation: str) -> None:
    found = await responses_of(client, simulation)
    answer = await client.get(f"{simulation}/export")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert [row["nps"] for row in rows] == [str(r["answers"]["nps"]["value"]) for r in found]
    assert {row["demonstration"] for row in rows} == {"true"}
    lines = await client.get(f"{simulation}/export", params={"format": "jsonl"})
    documents = [json.loads(line) for line in lines.text.splitlines()]
    assert [{k: v for k, v in d.items() if k not in ("model", "demonstration")} for d in documents] == found
    wrong = await client.get(f"{simulation}/export", params={"format": "exe"})
    assert wrong.json()["errors"][0]["loc"] == ["query", "format"]


@pytest.mark.usefixtures("worker")
async def test_no_cell_of_the_csv_is_a_formula(client: httpx.AsyncClient) -> None:
    study = await new_study(client, question("nps", key="nps"))
    attributes = {"=cmd()": "+1", "city": "@x"}
    person = (await client.post(f"{study.base}/personas", json=persona("=HYPERLINK(1)", attributes=attributes))).json()
    body = study.simulation(persona_ids=[person["id"]], sample_size=1)
    job = await finished(client, (await client.post(f"{study.base}/simulations", json=body)).json())
    text = (await client.get(f"{study.base}/simulations/{job['subject_id']}/export")).text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert "'@x" in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


async def test_a_simulation_is_marked_for_download(client: httpx.AsyncClient, simulation: str) -> None:
    assert (await client.patch(simulation, json={"is_download": True})).json()["is_download"] is True
    assert (await client.get(simulation)).json()["is_download"] is True


async def test_the_parameters_of_the_methods_are_used_and_recorded(
    client: httpx.AsyncClient, worker: object, study: Study
) -> None:
    wanted = {"ssr_temperature": 0, "ssr_epsilon": 0, "distribution_draws": 1}
    body = study.simulation(method="ssr", sample_size=4, parameters={"ssr_temperature": 0, "distribution_draws": 1})
    job = (await client.post(f"{study.base}/simulations", json=body)).json()
    await finished(client, job)
    place = f"{study.base}/simulations/{job['subject_id']}"
    told = (await client.get(place)).json()["parameters"]
    assert told == wanted | {"ssr_epsilon": 0.001, "ssr_anchors": "auto", "retest_share": 0.1}
    rated = [
        answer
        for response in await responses_of(client, place)
        for answer in response["answers"].values()
        if answer["method"] == "ssr"
    ]
    assert rated
    for answer in rated:
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
        # At T = 0 the sets of anchors only vote: with three of them no probability lies between the thirds.
        assert all(round(p * 3, 9).is_integer() for p in answer["probabilities"].values())


async def test_a_table_agrees_with_the_responses(client: httpx.AsyncClient, simulation: str) -> None:
    params = {"row": "q:single_choice", "col": "persona"}
    table = (await client.get(f"{simulation}/crosstab", params=params)).json()
    codes = [one["code"] for one in table["row"]["categories"]]
    people = [one["code"] for one in table["col"]["categories"]]
    counted: Counter[tuple[str, str]] = Counter()
    for response in await responses_of(client, simulation):
        counted[response["answers"]["single_choice"]["value"], response["persona_id"]] += 1
    found = {
        (code, person): cell["n"]
        for code, cells in zip(codes, table["cells"], strict=True)
        for person, cell in zip(people, cells, strict=True)
        if cell["n"]
    }
    assert found == counted


@pytest.mark.parametrize(
    ("params", "loc"),
    [
        ({"col": "persona"}, ["query", "row"]),
        ({"row": "q:none", "col": "persona"}, ["query", "row"]),
        ({"row": "persona", "col": "a:none"}, ["query", "col"]),
        ({"row": "persona", "col": "persona", "filter": "a:age"}, ["query", "filter", 0]),
        ({"row": "persona", "col": "persona", "filter": ["persona=x"] * 11}, ["query", "filter"]),
        ({"row": "persona", "col": "persona", "alpha": "0"}, ["query", "alpha"]),
        ({"row": "persona", "col": "persona", "adjustment": "tukey"}, ["query", "adjustment"]),
    ],
)
async def test_a_table_that_cannot_be_is_refused_by_name(
    client: httpx.AsyncClient, simulation: str, params: Json, loc: list[str | int]
) -> None:
    refused = await client.get(f"{simulation}/crosstab", params=params)
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, loc)

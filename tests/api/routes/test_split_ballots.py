"""Split ballots over HTTP: kept through versions, estimated exactly, told with responses, tables and files."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections import Counter
from typing import Any

import httpx
import pytest

from tests.factories.questionnaires import question, questionnaire
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

Json = dict[str, Any]
N = 40
PRICE: Json = {
    "key": "price",
    "arms": [{"code": "low", "label": "Cheap", "text": "$3"}, {"code": "high", "label": "Dear", "text": "$9"}],
}
CLAIM: Json = {"key": "claim", "arms": [{"label": "Claim", "text": "organic"}, {"label": "Control"}]}
QUESTIONS = [
    question(key="buy", text="Would you buy our {{claim|usual}} tea at {{price}}?", options=["Yes", "No"]),
    question(key="dear", text="What is too dear?", show_if='price == "high"'),
    question("likert", key="fair", text="Is {{price}} fair?"),
    question("open_ended", key="why", text="Why not at {{price}}?", show_if='price == "high" and claim == "2"'),
]


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    made = await new_study(client)
    body = questionnaire(*QUESTIONS, splits=[PRICE, CLAIM])
    answer = await client.post(f"{made.base}/questionnaires", json=body)
    assert answer.status_code == 201, answer.text
    return dataclasses.replace(made, questionnaire_id=answer.json()["id"])


@pytest.fixture(scope="module")
async def ran(client: httpx.AsyncClient, worker: object, study: Study) -> Json:
    """The finished job of a run."""
    body = study.simulation(method="distribution", sample_size=N, seed=7)
    told = (await client.post(f"{study.base}/simulations/estimate", json=body)).json()
    ended = await finished(client, (await client.post(f"{study.base}/simulations", json=body)).json())
    assert ended["status"] == "succeeded", ended
    return dict(ended) | {"told": told, "simulation": f"{study.base}/simulations/{ended['subject_id']}"}


async def responses(client: httpx.AsyncClient, ran: Json) -> list[Json]:
    return list((await client.get(f"{ran['simulation']}/responses", params={"limit": 200})).json()["items"])


async def test_calls_are_estimated_exactly_where_arms_alone_decide(ran: Json) -> None:
    assert ran["told"]["calls"] == [ran["usage"]["calls"]] * 2
    for figure in ("input_tokens", "output_tokens"):
        assert ran["told"][figure][0] <= ran["usage"][figure] <= ran["told"][figure][1]


async def test_respondents_have_balanced_arms_that_decide_what_they_are_asked(
    client: httpx.AsyncClient, ran: Json
) -> None:
    found = await responses(client, ran)
    assert Counter(tuple(one["arms"].values()) for one in found) == {
        ("low", "1"): 10, ("low", "2"): 10, ("high", "1"): 10, ("high", "2"): 10,
    }  # fmt: skip
    for one in found:
        shown = {key for key, answer in one["answers"].items() if answer["missing_reason"] != "not_shown"}
        high = one["arms"]["price"] == "high"
        control = one["arms"]["claim"] == "2"
        assert shown == {"buy", "fair", *(["dear"] if high else []), *(["why"] if high and control else [])}
        assert not {"price", "claim"} & set(one["attributes"])


async def test_a_table_by_arm_is_the_test_of_the_experiment(client: httpx.AsyncClient, ran: Json) -> None:
    params = {"row": "q:buy", "col": "arm:price", "filter": "arm:claim=1"}
    table = (await client.get(f"{ran['simulation']}/crosstab", params=params)).json()
    assert [(one["code"], one["label"], one["n"]) for one in table["col"]["categories"]] == [
        ("low", "Cheap", 10), ("high", "Dear", 10),
    ]  # fmt: skip
    counted = Counter(
        (one["answers"]["buy"]["value"], one["arms"]["price"])
        for one in await responses(client, ran)
        if one["arms"]["claim"] == "1"
    )
    for row, cells in zip(table["row"]["categories"], table["cells"], strict=True):
        assert [cell["n"] for cell in cells] == [counted[row["code"], arm] for arm in ("low", "high")]


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"row": "arm:cost", "col": "q:buy"}, ["query", "row"]),
        ({"row": "q:buy", "col": "arm:price", "filter": "arm:price=middle"}, ["query", "filter", 0]),
    ],
)
async def test_an_arm_that_is_not_there_is_named(
    client: httpx.AsyncClient, ran: Json, params: Json, place: list[Any]
) -> None:
    answer = await client.get(f"{ran['simulation']}/crosstab", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, place)


async def test_files_have_the_arms(client: httpx.AsyncClient, ran: Json) -> None:
    found = await responses(client, ran)
    rows = list(csv.DictReader(io.StringIO((await client.get(f"{ran['simulation']}/export")).text)))
    assert [(row["arm:price"], row["arm:claim"]) for row in rows] == [tuple(one["arms"].values()) for one in found]
    lines = (await client.get(f"{ran['simulation']}/export", params={"format": "jsonl"})).text.splitlines()
    assert [json.loads(line)["arms"] for line in lines] == [one["arms"] for one in found]


async def test_splits_are_kept_replaced_and_copied(client: httpx.AsyncClient, study: Study) -> None:
    base = f"{study.base}/questionnaires"
    made = (await client.post(base, json=questionnaire(*QUESTIONS, splits=[PRICE, CLAIM]))).json()
    place = f"{base}/{made['id']}"
    assert [arm["share"] for arm in made["splits"][0]["arms"]] == [0.5, 0.5]
    copy = (await client.post(f"{place}/duplicate", json={})).json()
    assert copy["splits"] == made["splits"]
    kept = (await client.patch(place, json={"sections": made["sections"]})).json()
    assert (kept["splits"], kept["version"]) == (made["splits"], 1)
    refused = await client.patch(place, json={"splits": []})
    assert refused.status_code == 422
    assert ["body", "sections", 0, "questions", 0, "text"] in [one["loc"] for one in refused.json()["errors"]]
    dearer = PRICE | {"arms": [PRICE["arms"][0], PRICE["arms"][1] | {"text": "$12"}]}
    changed = (await client.patch(place, json={"splits": [dearer, CLAIM]})).json()
    assert (changed["version"], changed["splits"][0]["arms"][1]["text"]) == (2, "$12")
    assert changed["sections"] == made["sections"]
    versions = (await client.get(f"{place}/versions")).json()["items"]
    assert [one["splits"][0]["arms"][1]["text"] for one in versions] == ["$12", "$9"]


async def test_lint_reads_the_questions_as_each_arm_does(client: httpx.AsyncClient, study: Study) -> None:
    long = CLAIM | {"arms": [CLAIM["arms"][0] | {"text": " ".join(["very"] * 45)}, CLAIM["arms"][1]]}
    made = await client.post(f"{study.base}/questionnaires", json=questionnaire(*QUESTIONS, splits=[PRICE, long]))
    found = (await client.get(f"{study.base}/questionnaires/{made.json()['id']}/lint")).json()["findings"]
    assert [(one["code"], one["key"]) for one in found if one["code"] == "long_text"] == [("long_text", "buy")]


async def test_results_tell_each_arm_apart_and_whether_they_differ(client: httpx.AsyncClient, ran: Json) -> None:
    told = (await client.get(f"{ran['simulation']}/results")).json()
    assert [(arm["code"], arm["n"]) for arm in told["splits"][0]["arms"]] == [("low", 20), ("high", 20)]
    by_key = {one["key"]: one for one in told["questions"]}
    counted = Counter((one["arms"]["price"], one["answers"]["buy"]["value"]) for one in await responses(client, ran))
    price, claim = by_key["buy"]["by_split"]
    for arm, words in zip(price["arms"], ("$3", "$9"), strict=True):
        assert arm["result"]["text"] == f"Would you buy our {{{{claim|usual}}}} tea at {words}?"
        for option in arm["result"]["options"]:
            assert option["count"] == counted[arm["arm"], option["code"]]
    assert (price["split"], claim["split"]) == ("price", "claim")
    table = (await client.get(f"{ran['simulation']}/crosstab", params={"row": "q:buy", "col": "arm:price"})).json()
    assert price["chi2"] == table["chi2"]
    assert by_key["dear"]["by_split"][0]["arms"][0]["result"]["missing"] == {"not_shown": 20}


async def test_results_of_one_arm_read_as_it_did(client: httpx.AsyncClient, ran: Json) -> None:
    told = (await client.get(f"{ran['simulation']}/results", params={"filter": "arm:price=low"})).json()
    [buy, *_] = told["questions"]
    assert (told["n"], buy["text"]) == (20, "Would you buy our {{claim|usual}} tea at $3?")
    assert [one["split"] for one in buy["by_split"]] == ["claim"]

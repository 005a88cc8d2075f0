"""What a body may hold: shown in the OpenAPI document, refused with the name of the field and in plain words."""

from __future__ import annotations

import json
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI

from core.personas.cells import checked_cells
from tests.factories import bodies
from tests.factories.studies import Study, new_study, stored

Json = dict[str, Any]


@pytest.fixture(scope="module")
def schemas(app: FastAPI) -> Json:
    """The schemas of all bodies, as clients read them."""
    return json.loads(json.dumps(app.openapi()))["components"]["schemas"]  # type: ignore[no-any-return]


def targets_of(schemas: Json, body: str) -> Json:
    [schema] = [one for one in schemas[body]["properties"]["targets"]["anyOf"] if one.get("type") != "null"]
    return dict(schema)


@pytest.mark.parametrize("body", ["PlanCreate", "AutoGenerate"])
def test_both_shapes_of_targets_are_shown_by_examples_that_work(schemas: Json, body: str) -> None:
    schema = targets_of(schemas, body)
    assert [set(example) for example in schema["examples"]] == [{"cells"}, {"margins"}]
    for example in schema["examples"]:
        jsonschema_rs.validate(schema, example)
        assert checked_cells(example)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"cells": []},
        {"margins": {}},
        {"cells": [{"values": {"age": "18-34"}}]},
        {"cells": [{"values": {}, "share": 1}]},
        {"margins": {"age": {"18-34": "half"}}},
        {"margins": {"age": [0.5, 0.5]}},
        {"age": {"18-34": 1}},
        {"cells": [{"values": {"age": "18-34"}, "share": 1}], "margins": {"age": {"18-34": 1}}},
    ],
)
def test_other_shapes_of_targets_do_not_fit_the_schema(schemas: Json, wrong: Json) -> None:
    assert not jsonschema_rs.is_valid(targets_of(schemas, "PlanCreate"), wrong)


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.mark.parametrize(("wrong", "word"), [(True, "not true or false"), ("5", "not a text")])
async def test_a_text_or_a_truth_value_is_no_number_in_any_field(
    client: httpx.AsyncClient, study: Study, wrong: object, word: str
) -> None:
    given = bodies.routes(study)
    given["simulation"][2]["parameters"] = {"ssr_temperature": 1, "ssr_epsilon": 0.1, "distribution_draws": 2}
    before = await stored(study.workspace_id)
    for method, path, body in given.values():
        for place in bodies.places(body, (int, float)):
            answer = await client.request(method, path, json=bodies.replaced(body, place, wrong))
            assert answer.status_code == 422, (path, place, answer.text)
            told = {tuple(error["loc"]): error["msg"] for error in answer.json()["errors"]}
            assert "a number" in told["body", *place], (place, told)
            assert word in told["body", *place] or "targets" in place
    assert await stored(study.workspace_id) == before


async def test_whole_numbers_may_be_written_with_a_point(client: httpx.AsyncClient, study: Study) -> None:
    body = {"persona_ids": study.persona_ids, "n": 12.0}
    assert (await client.post(f"{study.base}/population/plan", json=body)).status_code == 201
    answer = await client.post(f"{study.base}/population/plan", json=body | {"n": 12.5})
    assert answer.json()["errors"][0]["loc"] == ["body", "n"]


@pytest.mark.parametrize("text", ["", "   "])
async def test_what_is_empty_is_said_to_be_empty(client: httpx.AsyncClient, study: Study, text: str) -> None:
    asked = {"type": "open_ended", "text": text}
    body = {"title": "t", "sections": [{"title": text, "questions": [asked]}]}
    answer = await client.post(f"{study.base}/questionnaires", json=body)
    told = {tuple(error["loc"]): error["msg"] for error in answer.json()["errors"]}
    assert told["body", "sections", 0, "questions", 0, "text"] == "must not be empty"
    assert told["body", "sections", 0, "title"] == "must not be empty"
    nobody = await client.post(f"{study.base}/simulations", json=study.simulation(persona_ids=[]))
    assert nobody.json()["errors"] == [{"loc": ["body", "persona_ids"], "msg": "must not be empty"}]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"n": 1' + b"0" * 4_300 + b"}", "holds a whole number of more than 4,300 digits"),
        (b'{"n": -1' + b"0" * 4_300 + b"}", "holds a whole number of more than 4,300 digits"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"n": "\xff"}', "is no utf-8 text, at byte 7"),
    ],
    ids=["whole number", "negative", "nested", "no text"],
)
async def test_why_a_body_cannot_be_read_is_told(
    client: httpx.AsyncClient, study: Study, content: bytes, told: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"{study.base}/population/plan", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"loc": ["body"], "msg": told}]

"""The OpenAPI document shows bodies that the API takes, and refuses in its schema what the API refuses."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI

from core.personas.cells import checked_cells

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


def test_display_logic_is_said_to_be_refused(schemas: Json) -> None:
    assert schemas["QuestionInput"]["properties"]["show_if"]["description"].startswith("Not supported yet")

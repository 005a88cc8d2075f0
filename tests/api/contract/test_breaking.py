"""What of a change of the OpenAPI document breaks clients, and what does not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from api.contract.breaking import broken

Json = dict[str, Any]
THING: Json = {
    "title": "Thing",
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"type": "string", "enum": ["new", "old"]},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
    },
}
PART: Json = {
    "title": "Part",
    "type": "object",
    "required": ["n"],
    "properties": {"n": {"type": "integer"}, "whole": {"$ref": "#/components/schemas/Thing"}},
}
CREATE: Json = {
    "title": "ThingCreate",
    "type": "object",
    "required": ["state"],
    "properties": {"state": {"type": "string", "enum": ["new", "old"]}, "note": {"type": "string"}},
}
DOCUMENT: Json = {
    "components": {"schemas": {"Thing": THING, "Part": PART, "ThingCreate": CREATE}},
    "paths": {
        "/things": {
            "post": {
                "operationId": "create_thing",
                "parameters": [{"in": "query", "name": "dry", "schema": {"type": "boolean"}}],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ThingCreate"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                    "404": {"description": "gone"},
                },
            }
        }
    },
}
Change = Callable[[Json, Json], Any]
"""What changes the operation, or the schemas."""


def changed(change: Change) -> list[str]:
    after = copy.deepcopy(DOCUMENT)
    change(after["paths"]["/things"]["post"], after["components"]["schemas"])
    return broken(DOCUMENT, after)


BREAKING: dict[str, Change] = {
    "POST /things: operation id create_thing is now make": lambda op, _: op.update(operationId="make"),
    "POST /things 201 is gone": lambda op, _: op["responses"].pop("201"),
    "POST /things 201: application/json is gone": lambda op, _: op["responses"]["201"].pop("content"),
    "POST /things: query dry is gone": lambda op, _: op["parameters"].clear(),
    "POST /things: query dry is needed now": lambda op, _: op["parameters"][0].update(required=True),
    "POST /things: query dry: boolean is no longer taken": lambda op, _: op["parameters"][0].update(
        schema={"type": "string"}
    ),
    "POST /things: body.note is needed now": lambda _, of: of["ThingCreate"]["required"].append("note"),
    "POST /things: body.extra is needed now": lambda _, of: of["ThingCreate"]["required"].append("extra"),
    "POST /things: body.note is gone": lambda _, of: of["ThingCreate"]["properties"].pop("note"),
    "POST /things: body.state: old is no longer taken": lambda _, of: of["ThingCreate"]["properties"]["state"][
        "enum"
    ].remove("old"),
    "POST /things 201:.note is gone": lambda _, of: of["Thing"]["properties"].pop("note"),
    "POST /things 201:.id may be missing now": lambda _, of: of["Thing"]["required"].remove("id"),
    "POST /things 201:.id: null is new in the answer": lambda _, of: of["Thing"]["properties"].update(
        id={"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]}
    ),
    "POST /things 201:.parts[].n is gone": lambda _, of: of["Part"]["properties"].pop("n"),
}
HARMLESS: dict[str, Change] = {
    "nothing": lambda _op, _of: None,
    "a new answer": lambda op, _: op["responses"].update({"200": {"description": "there already"}}),
    "a refusal less": lambda op, _: op["responses"].pop("404"),
    "a new parameter": lambda op, _: op["parameters"].append({"in": "query", "name": "x", "schema": {}}),
    "a new member of the body": lambda _, of: of["ThingCreate"]["properties"].update(x={"type": "string"}),
    "one member less that is needed": lambda _, of: of["ThingCreate"]["required"].clear(),
    "a new value that is taken": lambda _, of: of["ThingCreate"]["properties"]["state"]["enum"].append("x"),
    "a new member of the answer": lambda _, of: of["Thing"]["properties"].update(x={"type": "string"}),
    "a new value that is answered": lambda _, of: of["Thing"]["properties"]["state"]["enum"].append("x"),
    "never null any more": lambda _, of: of["Thing"]["properties"].update(note={"type": "string"}),
}


@pytest.mark.parametrize("line", BREAKING)
def test_what_breaks_a_client_is_named(line: str) -> None:
    assert changed(BREAKING[line]) == [line]


@pytest.mark.parametrize("what", HARMLESS)
def test_what_no_client_notices_is_no_break(what: str) -> None:
    assert changed(HARMLESS[what]) == []


def test_an_operation_that_is_gone_is_named() -> None:
    assert broken(DOCUMENT, DOCUMENT | {"paths": {}}) == ["POST /things is gone"]

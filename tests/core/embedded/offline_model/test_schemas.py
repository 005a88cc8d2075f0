"""Any JSON schema gets a valid instance, and known prompts fit whatever schema they are asked in."""

from typing import Any

import jsonschema_rs
import pytest

from core.embedded.offline_model.generic import Filler
from core.embedded.offline_model.seeding import Draws
from tests.core.embedded.offline_model.conftest import Asker, as_question, respondent

SCHEMAS: list[dict[str, Any]] = [
    {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "boolean"}},
        "required": ["a", "b"],
    },
    {"type": "array", "items": {"enum": ["x", "y", "z"]}, "minItems": 3, "maxItems": 3, "uniqueItems": True},
    {"type": "integer", "minimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "minimum": 0.5, "maximum": 2, "multipleOf": 0.5},
    {"type": "string", "minLength": 200, "maxLength": 210},
    {"type": "string", "pattern": "^[a-z_]+$"},
    {"type": "string", "format": "date-time"},
    {"anyOf": [{"type": "null"}, {"type": "integer"}]},
    {"type": ["string", "null"], "maxLength": 5},
    {"const": 4},
    {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]},
    {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                    "parent": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                },
                "required": ["label", "children", "parent"],
                "additionalProperties": False,
            }
        },
        "$ref": "#/$defs/node",
    },
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_the_filler_makes_valid_instances(schema: dict[str, Any]) -> None:
    for seed in range(15):
        instance = Filler(schema, Draws(seed)).fill(schema)
        jsonschema_rs.validate(schema, instance)


# Only shape, choices and bounds are repaired.
REPAIRED = [schema for schema in SCHEMAS if not schema.keys() & {"multipleOf", "pattern", "uniqueItems", "format"}]


@pytest.mark.parametrize("schema", REPAIRED)
@pytest.mark.parametrize("value", [None, {}, [], "text " * 90, 3.7, {"label": 1}, ["x", "q"]])
def test_an_answer_that_does_not_fit_is_made_to_fit(schema: dict[str, Any], value: object) -> None:
    jsonschema_rs.validate(schema, Filler(schema, Draws(1)).conform(value, schema))


def test_an_unknown_prompt_is_filled_by_its_schema(ask: Asker) -> None:
    schema = SCHEMAS[-1]
    first = ask("some_future_prompt", {"x": 1}, 1, schema)
    jsonschema_rs.validate(schema, first)
    assert ask("some_future_prompt", {"x": 1}, 1, schema) == first


def test_a_schema_that_refers_to_itself_for_ever_is_answered(ask: Asker) -> None:
    loop = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
    assert ask("loop", {}, 1, loop) is not None


def test_a_survey_answer_fits_the_strict_schema_it_is_asked_in(ask: Asker) -> None:
    question = as_question("mood", "likert", "How are things?", ["Much better", "The same", "Much worse"])
    answers = {
        "type": "object",
        "additionalProperties": False,
        "required": ["mood"],
        "properties": {"mood": {"type": "string", "enum": ["1", "2", "3"]}},
    }
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["answers"],
        "properties": {"answers": answers},
    }
    for number in range(10):
        jsonschema_rs.validate(schema, ask("survey_direct", respondent(number, [question]), number, schema))

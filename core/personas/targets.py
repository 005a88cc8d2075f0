"""How targets are described to callers; `core.stats.targets` checks them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import WithJsonSchema

from core.stats.targets import MAX_ATTRIBUTES, MAX_CELLS, MAX_TEXT

_SHARE: Final = {"type": "number", "minimum": 0, "maximum": 1}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_BOUNDS: Final = {"minProperties": 1, "maxProperties": MAX_ATTRIBUTES, "propertyNames": _NAME}
CELLS_EXAMPLE: Final = {
    "cells": [
        {"values": {"age": "18-34", "gender": "Female"}, "share": 0.3},
        {"values": {"age": "18-34", "gender": "Male"}, "share": 0.2},
        {"values": {"age": "35-70", "gender": "Female"}, "share": 0.1},
        {"values": {"age": "35-70", "gender": "Male"}, "share": 0.4},
    ]
}
MARGINS_EXAMPLE: Final = {
    "margins": {"age": {"18-34": 0.35, "35-70": 0.65}, "region": {"England": 0.84, "Scotland": 0.09, "Wales": 0.07}}
}
_CELLS: Final = {
    "type": "object",
    "title": "Cells",
    "description": "Joint shares: each combination of values once, with its share. All cells name the same attributes;"
    " shares sum to 1.",
    "additionalProperties": False,
    "required": ["cells"],
    "properties": {
        "cells": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_CELLS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["values", "share"],
                "properties": {
                    "values": {"type": "object", **_BOUNDS, "additionalProperties": _NAME},
                    "share": _SHARE,
                },
            },
        }
    },
    "examples": [CELLS_EXAMPLE],
}
_MARGINS: Final = {
    "type": "object",
    "title": "Margins",
    "description": "Shares of each attribute by itself, taken as independent of each other; those of an attribute sum"
    " to 1.",
    "additionalProperties": False,
    "required": ["margins"],
    "properties": {
        "margins": {
            "type": "object",
            **_BOUNDS,
            "additionalProperties": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": _NAME,
                "additionalProperties": _SHARE,
            },
        }
    },
    "examples": [MARGINS_EXAMPLE],
}
SCHEMA: Final[dict[str, Any]] = {
    "title": "Targets",
    "description": "The population to stand for: either joint cells or margins. Names of attributes and their values"
    " are free texts; ages and other numbers may be ranges such as 18-34 or 65+.",
    "oneOf": [_CELLS, _MARGINS],
    "examples": [CELLS_EXAMPLE, MARGINS_EXAMPLE],
}
TargetsGiven = Annotated[dict[str, Any], WithJsonSchema(SCHEMA)]

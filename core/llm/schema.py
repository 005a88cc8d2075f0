"""JSON schemas in the strict form that structured outputs ask for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

# What strict mode of common providers understands; the rest is left to pydantic's check of the reply.
_KEPT = (
    "type", "description", "enum", "const", "pattern", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum", "multipleOf", "minItems", "maxItems",
)  # fmt: skip


class SchemaUnsupported(TypeError):
    """A model's schema cannot be said in strict form (open mappings, tuples)."""


@lru_cache(maxsize=256)
def strict_schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the strict schema of a pydantic model: closed objects, all members required, plain keywords.

    Raises SchemaUnsupported for mappings with free keys and for fixed-length tuples.
    """
    return strict(model.model_json_schema())


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return `schema` in strict form; see `strict_schema_of`."""
    if "$ref" in schema:  # strict mode forbids keywords beside a reference
        return {"$ref": schema["$ref"], **_defs(schema)}
    if len(schema.get("allOf", ())) == 1:
        return {**strict(schema["allOf"][0]), **_defs(schema)}
    if "prefixItems" in schema or len(schema.get("allOf", ())) > 1:
        raise SchemaUnsupported("fixed-length tuples and intersections cannot be said in a strict schema")
    out = {key: schema[key] for key in _KEPT if key in schema}
    for word in ("anyOf", "oneOf"):
        if word in schema:
            out["anyOf"] = [strict(option) for option in schema[word]]
    if "items" in schema:
        out["items"] = strict(schema["items"])
    if schema.get("type") == "object" or "properties" in schema:
        out |= _closed(schema)
    return out | _defs(schema)


def closed(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the strict schema of an object that has all of these members and no other."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) or (extra is True and "properties" not in schema):
        raise SchemaUnsupported("a mapping with free keys cannot be said in a strict schema; name its members")
    properties = {name: strict(member) for name, member in schema.get("properties", {}).items()}
    return closed(properties)


def _defs(schema: dict[str, Any]) -> dict[str, Any]:
    if "$defs" not in schema:
        return {}
    return {"$defs": {name: strict(definition) for name, definition in schema["$defs"].items()}}

"""Reading the data block of a prompt. What stands in it is material: no word of it is ever an instruction."""

import json
from typing import Any

_OPEN = "<data>"
_CLOSE = "</data>"


def read(user: str) -> dict[str, Any]:
    """Return the JSON object between the first `<data>` and the last `</data>`, or an empty one."""
    start = user.find(_OPEN)
    end = user.rfind(_CLOSE)
    text = user[start + len(_OPEN) : end] if 0 <= start < end else user
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, or nothing."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: object, limit: int = 4000) -> str:
    """Return a bounded text; None is empty."""
    return "" if value is None else str(value)[:limit]

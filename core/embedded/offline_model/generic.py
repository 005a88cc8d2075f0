"""A valid instance for any JSON schema, and the repair of an answer that does not fit its schema."""

import math
import re
import uuid
from typing import Any

from core.embedded.offline_model.seeding import Draws

_MAX_DEPTH = 12
_MAX_REFS = 24
_SENTENCES = (
    "This is what the offline demonstration model makes of it.",
    "The material points to everyday costs as the strongest theme.",
    "People in different circumstances see this differently.",
    "A closer look at the answers behind this would be worth while.",
    "The groups differ in degree more than in kind.",
    "Trust grows where the message matches daily experience.",
    "The evidence is thin and should be read with care.",
    "What people say about work and rent explains much of it.",
)
_WORDS = (
    "everyday costs",
    "trust",
    "household budget",
    "work",
    "family",
    "habit",
    "price",
    "community",
    "convenience",
)
_SHORT_NAMES = ("title", "name", "label", "theme", "category", "tag", "key", "topic", "value")
_FORMATS = {
    "date-time": "2025-01-01T00:00:00Z",
    "date": "2025-01-01",
    "time": "00:00:00Z",
    "email": "person@example.org",
    "uri": "https://example.org/",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "duration": "P1D",
}


class Filler:
    """Fills one schema; `root` resolves its references."""

    def __init__(self, root: dict[str, Any], draws: Draws) -> None:
        self._root = root
        self._draws = draws

    def fill(self, schema: object, name: str = "", depth: int = 0) -> Any:
        """Return an instance of a schema."""
        resolved = self._resolve(schema)
        if "const" in resolved:
            return resolved["const"]
        choices = resolved.get("enum")
        if isinstance(choices, list) and choices:
            return self._draws.pick(choices)
        branches = resolved.get("anyOf") or resolved.get("oneOf")
        if isinstance(branches, list) and branches:
            return self._branch(branches, name, depth)
        return self._typed(self._kind(resolved, depth), resolved, name, depth)

    def conform(self, value: Any, schema: object, name: str = "", depth: int = 0) -> Any:
        """Return the value where it fits the schema, and filled in where it does not."""
        resolved = self._resolve(schema)
        if not resolved or depth > _MAX_DEPTH:
            return value
        if "const" in resolved or isinstance(resolved.get("enum"), list):
            allowed = resolved.get("enum", [resolved.get("const")])
            return value if value in allowed else self.fill(resolved, name, depth)
        branches = resolved.get("anyOf") or resolved.get("oneOf")
        if isinstance(branches, list) and branches:
            for branch in branches:
                if _is_kind(value, self._resolve(branch).get("type")):
                    return self.conform(value, branch, name, depth + 1)
            return self.fill(resolved, name, depth)
        if not _is_kind(value, resolved.get("type")):
            return self.fill(resolved, name, depth)
        if isinstance(value, dict):
            return self._conform_object(value, resolved, depth)
        if isinstance(value, list):
            return self._conform_list(value, resolved, name, depth)
        return _bounded(value, resolved)

    def _conform_object(self, value: dict[str, Any], schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        extra = schema.get("additionalProperties", True)
        made = {}
        for key, item in value.items():
            if key in properties:
                made[key] = self.conform(item, properties[key], key, depth + 1)
            elif extra is not False:
                made[key] = self.conform(item, extra, key, depth + 1) if isinstance(extra, dict) else item
        for key in _names(schema.get("required")):
            if key not in made:
                made[key] = self.fill(properties.get(key, {}), key, depth + 1)
        return made

    def _conform_list(self, value: list[Any], schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        items = schema.get("items", {})
        made = [self.conform(item, items, name, depth + 1) for item in value]
        made = made[: _whole(schema.get("maxItems"), len(made))]
        while len(made) < _whole(schema.get("minItems"), 0) and len(made) < 200:
            made.append(self.fill(items, name, depth + 1))
        return made

    def _resolve(self, schema: object) -> dict[str, Any]:
        current = schema if isinstance(schema, dict) else {}
        for _ in range(_MAX_REFS):
            reference = current.get("$ref")
            if not isinstance(reference, str):
                break
            target: Any = self._root
            for part in reference.lstrip("#").strip("/").split("/"):
                step = part.replace("~1", "/").replace("~0", "~")
                target = target.get(step, {}) if isinstance(target, dict) and step else target
            beside = {key: item for key, item in current.items() if key != "$ref"}
            current = {**(target if isinstance(target, dict) else {}), **beside}
        else:
            current = {}
        merged = dict(current)
        parts = current.get("allOf")
        for part in parts if isinstance(parts, list) else []:
            merged = _merge(merged, self._resolve(part)) if "allOf" not in _as_dict(part) else merged
        return merged

    def _branch(self, branches: list[Any], name: str, depth: int) -> Any:
        resolved = [self._resolve(branch) for branch in branches]
        if depth >= _MAX_DEPTH // 2:
            plain = [branch for branch in resolved if branch.get("type") not in ("object", "array")]
            resolved = plain or resolved
        full = [branch for branch in resolved if branch.get("type") != "null"]
        return self.fill(self._draws.pick(full or resolved), name, depth + 1)

    def _kind(self, schema: dict[str, Any], depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            named = [item for item in kind if isinstance(item, str)]
            solid = [item for item in named if item != "null"]
            kind = "null" if "null" in named and depth >= _MAX_DEPTH else (solid or ["null"])[0]
        if isinstance(kind, str):
            return kind
        if "properties" in schema:
            return "object"
        return "array" if "items" in schema else "string"

    def _typed(self, kind: str, schema: dict[str, Any], name: str, depth: int) -> Any:
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        if kind in {"integer", "number"}:
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return self._draws.chance(0.5)
        return None if kind == "null" else self._string(schema, name)

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = _names(schema.get("required"))
        wanted = list(properties) if depth < _MAX_DEPTH // 2 else [key for key in properties if key in required]
        wanted += [key for key in required if key not in properties]
        if depth > 2 * _MAX_DEPTH:
            return {}
        return {key: self.fill(properties.get(key, {}), key, depth + 1) for key in wanted}

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        low = _whole(schema.get("minItems"), 0)
        high = _whole(schema.get("maxItems"), max(low, 3))
        count = low if depth >= _MAX_DEPTH // 2 else max(low, min(high, 2 + self._draws.integer(0, 1)))
        if depth > 2 * _MAX_DEPTH:
            return []
        made: list[Any] = []
        for number in range(min(count, 200)):
            heads = schema.get("prefixItems")
            head = heads[number] if isinstance(heads, list) and number < len(heads) else schema.get("items", {})
            item = self.fill(head, name, depth + 1)
            tries = 0
            while schema.get("uniqueItems") is True and item in made and tries < 60:
                item = self.fill(head, name, depth + 1)
                tries += 1
            if not (schema.get("uniqueItems") is True and item in made):
                made.append(item)
        return made

    def _number(self, schema: dict[str, Any], *, whole: bool) -> float | int:
        low = _real(schema.get("minimum"), _real(schema.get("exclusiveMinimum"), None))
        high = _real(schema.get("maximum"), _real(schema.get("exclusiveMaximum"), None))
        if low is None:
            low = 0.0 if high is None else high - 10.0
        if high is None:
            high = low + 10.0
        step = _real(schema.get("multipleOf"), None)
        value = self._draws.uniform(low, high)
        if step and step > 0:
            value = math.ceil(low / step) * step + step * math.floor((value - low) / step)
            value = min(value, math.floor(high / step) * step)
        if not whole:
            return value if step else round(value, 3)
        value = min(math.floor(high), max(math.ceil(low), round(value)))
        if value == schema.get("exclusiveMinimum"):
            return int(value) + 1
        return int(value) - 1 if value == schema.get("exclusiveMaximum") else int(value)

    def _string(self, schema: dict[str, Any], name: str) -> str:
        form = schema.get("format")
        if form == "uuid":
            return str(uuid.UUID(int=self._draws.integer(0, 2**64 - 1) << 64 | 0x4000_8000_0000_0000_0001, version=4))
        if isinstance(form, str) and form in _FORMATS:
            return _FORMATS[form]
        short = any(word in name.lower() for word in _SHORT_NAMES)
        text = self._draws.pick(_WORDS) if short else self._draws.pick(_SENTENCES)
        return _patterned(_fitted(text, schema), schema.get("pattern"))


def _as_dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _merge(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    merged = {**first, **second}
    merged["properties"] = {**_as_dict(first.get("properties")), **_as_dict(second.get("properties"))}
    merged["required"] = [*_names(first.get("required")), *_names(second.get("required"))]
    return merged


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def _real(value: object, default: float | None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e15:
        return default
    return float(value) if math.isfinite(value) else default


def _is_kind(value: Any, kind: object) -> bool:
    if isinstance(kind, list):
        return any(_is_kind(value, item) for item in kind)
    if not isinstance(kind, str):
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "number": (int, float),
        "null": (type(None),),
    }  # fmt: skip
    return kind in kinds and isinstance(value, kinds[kind])


def _bounded(value: Any, schema: dict[str, Any]) -> Any:
    if isinstance(value, str):
        return _fitted(value, schema)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low, high = _real(schema.get("minimum"), None), _real(schema.get("maximum"), None)
        if low is not None and value < low:
            return type(value)(math.ceil(low))
        if high is not None and value > high:
            return type(value)(math.floor(high))
    return value


def _fitted(text: str, schema: dict[str, Any]) -> str:
    low, high = _whole(schema.get("minLength"), 0), _whole(schema.get("maxLength"), len(text))
    while len(text) < low and len(text) < 100_000:
        text = f"{text} {text or 'x'}"
    limit = max(low, schema["maxLength"]) if isinstance(schema.get("maxLength"), int) else max(high, len(text))
    return text[:limit]


_CANDIDATES = (
    "a",
    "ab",
    "abc",
    "a1",
    "A",
    "A1",
    "ABC",
    "1",
    "12",
    "123",
    "2025",
    "0",
    "theme_1",
    "theme-1",
    "2025-01-01",
)


def _patterned(text: str, pattern: object) -> str:
    """Return a text that matches a simple pattern, or the text as it is when none of a few guesses does."""
    if not isinstance(pattern, str) or len(pattern) > 60:
        return text
    try:
        compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return text
    guesses = (text, *_CANDIDATES, *(letter * size for letter in "aA1" for size in (4, 5, 6, 8, 10, 12)))
    return next((guess for guess in guesses if len(guess) <= 20 and compiled.search(guess)), text)

"""What of a change of the OpenAPI document breaks a client that was written against the document before.

A client sends what it knows and reads what it knows: of what is sent nothing may become needed, refused or narrower; of
what is answered nothing may go, become optional or be of another type. A new value of an enumeration that is
answered is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Document = dict[str, Any]
Way = Literal["sent", "answered"]
METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")


def broken(before: Document, after: Document) -> list[str]:
    """Return what breaks, a line each, in the order of the document before; empty where nothing does."""
    return list(dict.fromkeys(_Comparison(before, after).operations()))


@dataclass
class _Comparison:
    """Walks both documents at once; a pair of schemas is compared once for each way."""

    before: Document
    after: Document
    seen: set[tuple[str, str, Way]] = field(default_factory=set)

    def operations(self) -> Iterator[str]:
        """Compare all operations of the document before."""
        for path, methods in self.before["paths"].items():
            for method in METHODS:
                if method in methods:
                    old, new = methods[method], self.after["paths"].get(path, {}).get(method)
                    name = f"{method.upper()} {path}"
                    yield from self._operation(name, old, new) if new else [f"{name} is gone"]

    def _operation(self, name: str, old: Document, new: Document) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{name}: operation id {old['operationId']} is now {new['operationId']}"
        yield from self._parameters(name, old, new)
        yield from self._sent(name, old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            if status.startswith(("2", "3")):
                yield from self._answered(f"{name} {status}", response, new["responses"].get(status))

    def _parameters(self, name: str, old: Document, new: Document) -> Iterator[str]:
        known, found = ({(p["in"], p["name"]): p for p in one.get("parameters", ())} for one in (old, new))
        for key, parameter in found.items():
            where = f"{name}: {key[0]} {key[1]}"
            if parameter.get("required") and not known.get(key, {}).get("required"):
                yield f"{where} is needed now"
            if key in known:
                yield from self._schemas(where, known[key].get("schema", {}), parameter.get("schema", {}), "sent")
        yield from (f"{name}: {key[0]} {key[1]} is gone" for key in known if key not in found)

    def _sent(self, name: str, old: Document | None, new: Document | None) -> Iterator[str]:
        if new is not None and new.get("required") and not (old or {}).get("required"):
            yield f"{name}: a body is needed now"
        if old is not None:
            yield from self._contents(f"{name}: body", old, new or {}, "sent")

    def _answered(self, name: str, old: Document, new: Document | None) -> Iterator[str]:
        if new is None:
            yield f"{name} is gone"
            return
        yield from self._contents(f"{name}:", _resolved(self.before, old), _resolved(self.after, new), "answered")

    def _contents(self, name: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        for media_type, content in old.get("content", {}).items():
            found = new.get("content", {}).get(media_type)
            if found is None:
                yield f"{name} {media_type} is gone"
            else:
                yield from self._schemas(name, content.get("schema", {}), found.get("schema", {}), way)

    def _schemas(self, name: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        pair = (str(old.get("$ref", id(old))), str(new.get("$ref", id(new))), way)
        if pair in self.seen:
            return
        self.seen.add(pair)
        known, found = _variants(self.before, old), _variants(self.after, new)
        if "any" not in (found if way == "sent" else known):
            missing = known.keys() - found.keys() if way == "sent" else found.keys() - known.keys()
            verb = "no longer taken" if way == "sent" else "new in the answer"
            yield from (f"{name}: {kind} is {verb}" for kind in sorted(missing))
        for kind in known.keys() & found.keys():
            yield from self._same_kind(name, known[kind], found[kind], way)

    def _same_kind(self, name: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        if way == "sent" and (values := _values(new)) is not None:
            gone = sorted(str(value) for value in (_values(old) or [f"anything but {values}"]) if value not in values)
            yield from (f"{name}: {value} is no longer taken" for value in gone)
        if "items" in old and "items" in new:
            yield from self._schemas(f"{name}[]", old["items"], new["items"], way)
        yield from self._members(name, old, new, way)

    def _members(self, name: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        known, found = old.get("properties", {}), new.get("properties", {})
        needed_before, needed_now = set(old.get("required", ())), set(new.get("required", ()))
        if way == "sent":
            yield from (f"{name}.{one} is needed now" for one in sorted(needed_now - needed_before))
        else:
            yield from (f"{name}.{one} may be missing now" for one in sorted((needed_before - needed_now) & set(found)))
        for member, schema in known.items():
            if member in found:
                yield from self._schemas(f"{name}.{member}", schema, found[member], way)
            else:
                yield f"{name}.{member} is gone"


def _resolved(document: Document, node: Document) -> Document:
    while "$ref" in node:
        found: Document = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _variants(document: Document, schema: Document) -> dict[str, Document]:
    """Return what a value may be, by kind: `string`, `object Cells`, `null`, `any`."""
    schema = _resolved(document, schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return {kind: one for part in schema[word] for kind, one in _variants(document, part).items()}
    types = schema.get("type", "any")
    return {_kind(one, schema): schema for one in (types if isinstance(types, list) else [types])}


def _kind(type_: str, schema: Document) -> str:
    if type_ == "object" and "title" in schema and "properties" in schema:
        return f"object {schema['title']}"
    return f"{type_} {schema['format']}" if "format" in schema else type_


def _values(schema: Document) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values

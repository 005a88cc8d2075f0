"""What the application can be asked: its routes, and the requests that try one as a kind of caller."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from tests.api.authorization.rows import Row

DOES_NOT_FIT = b'{"surprise": 1}'


@dataclass(frozen=True)
class Call:
    """One method of one path of the application, its row, and whether it needs a body."""

    name: str
    row: Row
    needs_body: bool

    @property
    def method(self) -> str:
        """The method."""
        return self.name.partition(" ")[0]

    @property
    def path(self) -> str:
        """The path, with the names of its ids."""
        return self.name.partition(" ")[2]

    @property
    def ids(self) -> list[str]:
        """The names of the path's ids, in order."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def passes(self) -> int:
        """The status of a caller that passes, with a full body where the row has one."""
        if self.row.passes is not None:
            return self.row.passes
        return 422 if self.needs_body and self.row.body is None else 200

    @property
    def looks_for_nothing(self) -> bool:
        """Whether callers that pass name something that is not there."""
        return self.passes == 404 and self.row.body is None and bool(self.ids)

    def address(self, ids: dict[str, str], *, last_is_new: bool = False) -> str:
        """Return the path with ids filled in, and the query."""
        known = ids | {name: ids[meant] for name, meant in self.row.ids.items()}
        if last_is_new:
            known = known | {self.ids[-1]: str(uuid4())}
        return self.path.format(**known) + (f"?{self.row.query.format(**ids)}" if self.row.query else "")

    def bodies(self, ids: dict[str, str]) -> list[tuple[bytes, int]]:
        """Return each body to send, and what a caller that passes gets for it."""
        full = [(json.dumps(filled(self.row.body, ids)).encode(), self.passes)] if self.row.body is not None else []
        if self.needs_body or self.row.body is not None:
            return [(DOES_NOT_FIT, 422), *full]
        return [(b"", self.passes)]


def filled(body: Any, ids: dict[str, str]) -> Any:
    """Return a body with ids in place of their names."""
    if isinstance(body, dict):
        return {key: filled(value, ids) for key, value in body.items()}
    if isinstance(body, list):
        return [filled(value, ids) for value in body]
    return body.format(**ids) if isinstance(body, str) else body


def routes_of(app: FastAPI) -> dict[str, bool]:
    """Return "METHOD /path" of all that the application answers to → whether it needs a body."""
    return dict(_routes(app.routes))


def _routes(routes: list[BaseRoute]) -> Iterator[tuple[str, bool]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if isinstance(route, Route | APIRoute):
            for method in route.methods or ():
                yield f"{method} {route.path}", _needs_body(route)
        elif isinstance(route, Mount):
            yield f"GET {route.path}", False
        elif isinstance(inner, APIRouter):
            yield from _routes(inner.routes)
        else:
            raise TypeError(f"what does {route!r} answer to? The matrix must know.")


def _needs_body(route: Route) -> bool:
    return isinstance(route, APIRoute) and route.body_field is not None and route.body_field.field_info.is_required()

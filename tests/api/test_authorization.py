"""The authorization matrix: every route of the application, asked by every kind of caller.

Expected answers are declared in authorization/: policies.py (kinds of callers and what they get), rows_of_*.py (one
row per route).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from core.settings import Settings
from tests.api.authorization.calls import Call, routes_of
from tests.api.authorization.policies import KINDS, Kind, Refusal
from tests.api.authorization.table import AREAS, ROWS
from tests.api.authorization.world import World, make_world

AT_ONCE = 8
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of its own: the world logs in with it."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=70) as made:
        yield made


@pytest.fixture(scope="module")
async def world(http: httpx.AsyncClient, settings: Settings) -> World:
    """Two workspaces and all callers."""
    made = await make_world(http, settings)
    http.headers.pop("Authorization")
    return made


@pytest.fixture(scope="module")
def calls(app: FastAPI) -> list[Call]:
    """Every route that has a row."""
    return [Call(name, ROWS[name], needs) for name, needs in routes_of(app).items() if name in ROWS]


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    routes = routes_of(app)
    assert len(routes) > 50
    missing = [f'    "{name}": Row(<policy>),' for name in routes if name not in ROWS]
    where = "in tests/api/authorization/rows_of_*.py (rows.py says how)"
    assert not missing, "\n".join([f"add these rows, each with its policy, {where}", *missing])
    gone = [name for name in ROWS if name not in routes]
    assert not gone, "\n".join([f"take these rows out, no route has their name, {where}", *gone])
    assert sum(len(area) for area in AREAS) == len(ROWS), "two areas have a row of the same route"


def test_every_policy_knows_every_kind_of_caller(world: World) -> None:
    assert {name for name, row in ROWS.items() if set(row.policy) != set(KINDS)} == set()
    assert set(world.headers) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_route_answers_as_declared(
    http: httpx.AsyncClient, world: World, calls: list[Call], kind: Kind
) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def try_one(call: Call) -> list[str]:
        async with room:
            return [wrong async for wrong in _wrongs(http, world, call, kind)]

    found = [wrong for one in await asyncio.gather(*map(try_one, calls)) for wrong in one]
    assert not found, "\n".join([f"asked by: {kind}", *found])


async def _wrongs(http: httpx.AsyncClient, world: World, call: Call, kind: Kind) -> AsyncIterator[str]:
    """Yield what a route answers against its row."""
    refusal = call.row.policy[kind]
    address = call.address(world.mine, last_is_new=refusal is None and call.looks_for_nothing)
    for body, passes in call.bodies(world.mine):
        headers = await world.own_session(kind) if call.row.own_session else world.headers[kind]
        answer = await http.request(call.method, address, content=body, headers=JSON | headers if body else headers)
        got = answer_of(answer)
        if refusal is None and (got.status != passes or got in _refusals(call)):
            yield f"{call.name} {body[:60]!r}: passes with {passes}, not {tuple(got)}"
        elif refusal is not None and got != refusal:
            yield f"{call.name} {body[:60]!r}: refused with {tuple(refusal)}, not {tuple(got)}"


def answer_of(answer: httpx.Response) -> Refusal:
    """Return an answer's status and, of a problem, its code."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return Refusal(answer.status_code, str(answer.json()["code"]) if is_problem else "")


def _refusals(call: Call) -> Iterable[Refusal | None]:
    return set(call.row.policy.values())


async def test_an_id_of_another_workspace_is_not_found_in_ones_own(
    http: httpx.AsyncClient, world: World, calls: list[Call]
) -> None:
    """Nor where the path's other ids are the caller's, whatever the body."""
    headers = world.headers["admin of another workspace"]
    wrong: list[Any] = []
    tried = 0
    for call in calls:
        if not {"ws", "org"} & set(call.ids):
            continue
        for name in set(call.ids) - {"ws", "org", "format_"}:
            tried += 1
            for body, _ in call.bodies(world.theirs)[-1:]:
                ids = world.theirs | dict.fromkeys((name, call.row.ids.get(name, name)), world.mine[name])
                answer = await http.request(call.method, call.address(ids), content=body, headers=JSON | headers)
                if answer.status_code != 404:
                    wrong.append((call.name, name, answer.status_code, answer.text[:200]))
    assert tried > 30
    assert wrong == []


async def test_an_id_of_another_workspace_in_a_body_is_refused(
    http: httpx.AsyncClient, world: World, calls: list[Call]
) -> None:
    headers = world.headers["admin of another workspace"]
    wrong: list[Any] = []
    tried = 0
    for call in calls:
        named = [name for name in world.mine if f"{{{name}}}" in str(call.row.body)]
        for name in named:
            tried += 1
            body, _ = call.bodies(world.theirs | {name: world.mine[name]})[-1]
            answer = await http.request(call.method, call.address(world.theirs), content=body, headers=JSON | headers)
            if answer.status_code not in (404, 422):
                wrong.append((call.name, name, answer.status_code, answer.text[:200]))
    assert tried >= 4
    assert wrong == []


async def test_a_cursor_made_elsewhere_shows_nothing_of_there(
    app: FastAPI, http: httpx.AsyncClient, world: World, calls: list[Call]
) -> None:
    """Every list goes on in the caller's own rows, whoever made the cursor."""
    mine, theirs = (world.headers[kind] for kind in ("organization owner", "admin of another workspace"))
    paged = {
        f"GET {path}"
        for path, operations in app.openapi()["paths"].items()
        if any(one["name"] == "cursor" for one in operations.get("get", {}).get("parameters", ()))
    }
    tried, wrong = 0, []
    for call in [one for one in calls if one.name in paged]:
        page = await http.get(call.address(world.mine), params={"limit": 1}, headers=mine)
        cursor = page.json().get("next_cursor")
        address = call.address(world.theirs)
        own = await http.get(address, params={"limit": 200}, headers=theirs)
        if own.status_code != 200 or cursor is None:
            continue
        tried += 1
        got = await http.get(address, params={"limit": 200, "cursor": cursor}, headers=theirs)
        if got.status_code != 200 or [item for item in got.json()["items"] if item not in own.json()["items"]]:
            wrong.append((call.name, got.status_code, got.text[:200]))
    assert tried >= 8
    assert wrong == []


async def test_a_ticket_opens_its_own_address_and_no_other(
    http: httpx.AsyncClient, world: World, calls: list[Call]
) -> None:
    owner = world.headers["organization owner"]
    download = next(call for call in calls if call.name.endswith("/files/{format_}")).address(world.mine)
    made = await http.post("/tickets", json={"path": download}, headers=owner)
    assert (await http.get(made.json()["url"])).status_code == 200
    ticket = made.json()["url"].partition("ticket=")[2]
    wrong = []
    for call in calls:
        address = call.address(world.mine)
        if call.method != "GET" or call.row.policy["no token"] is None or address == download:
            continue
        answer = await http.get(f"{address}{'&' if '?' in address else '?'}ticket={ticket}")
        if answer.status_code != 401:
            wrong.append((call.name, answer.status_code, answer.text[:200]))
    assert wrong == []


async def test_nobody_gets_a_ticket_for_what_they_may_not_read(
    http: httpx.AsyncClient, world: World, calls: list[Call]
) -> None:
    ends = ("/files/{format_}", "/export", "/events")
    asked = [call for call in calls if call.method == "GET" and call.name.endswith(ends)]
    assert len(asked) >= 3
    for call in asked:
        for kind in KINDS:
            body = {"path": call.address(world.mine)}
            answer = await http.post("/tickets", json=body, headers=world.headers[kind])
            assert answer_of(answer) == (call.row.policy[kind] or (201, "")), (call.name, kind)

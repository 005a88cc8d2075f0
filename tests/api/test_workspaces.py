"""Workspaces and explorations: who may enter, in which order refusals come, what is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from core.db import session as db
from core.events.models import Event
from core.jobs.models import Job
from core.workspaces.models import Workspace
from tests.factories.users import NOBODY, join, log_in, make_user

Json = dict[str, Any]
UNREADABLE = [b"{", b'{"title": "\xff"}', b"[" * 100_000, b"[]", b'{"surprise": 1}']


async def test_a_workspace_is_created_read_changed_and_listed(client: httpx.AsyncClient) -> None:
    made = await client.post("/workspaces", json={"name": "  Brand study "})
    assert made.status_code == 201
    place = made.headers["location"]
    assert place == f"/workspaces/{made.json()['id']}"
    changed = await client.patch(place, json={"description": "all of it"})
    assert changed.json() == made.json() | {"name": "Brand study", "description": "all of it"}
    assert (await client.get(place)).json() == changed.json()
    listed = (await client.get("/workspaces", params={"limit": 1})).json()
    assert listed["items"] == [changed.json()]


async def test_a_list_is_read_page_by_page(client: httpx.AsyncClient) -> None:
    headers = await log_in(client, await make_user())
    made = [(await client.post("/workspaces", json={"name": f"n{n}"}, headers=headers)).json()["id"] for n in range(5)]
    found, cursor = [], None
    for _ in range(3):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/workspaces", params=params, headers=headers)).json()
        found += [row["id"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert found == made[::-1]


@pytest.mark.parametrize("superadmin", [False, True])
async def test_outsiders_find_nothing_superadmins_included(client: httpx.AsyncClient, superadmin: bool) -> None:
    owner = await log_in(client, await make_user())
    made = (await client.post("/workspaces", json={"name": "mine"}, headers=owner)).json()
    outsider = await log_in(client, await make_user(superadmin=superadmin))
    for path in (
        f"/workspaces/{made['id']}",
        f"/workspaces/{made['id']}/explorations",
        f"/workspaces/{uuid4()}",
    ):
        answer = await client.get(path, headers=outsider)
        assert (answer.status_code, answer.json()["code"]) == (404, "workspace_not_found")
    assert (await client.get("/workspaces", headers=outsider)).json()["items"] == []


@pytest.mark.parametrize("body", UNREADABLE)
async def test_refusals_come_in_order_whatever_the_body(
    client: httpx.AsyncClient, workspace: Json, body: bytes
) -> None:
    path = f"/workspaces/{workspace['id']}"
    json_type = {"Content-Type": "application/json"}
    outsider, member = await make_user(), await make_user()
    await join(workspace["id"], member)

    async def send(method: str, where: str, who: dict[str, str]) -> int:
        return (await client.request(method, where, content=body, headers=json_type | who)).status_code

    assert await send("POST", f"{path}/explorations", NOBODY) == 401
    assert await send("POST", f"{path}/explorations", await log_in(client, outsider)) == 404
    assert await send("POST", f"{path}/explorations", await log_in(client, member)) == 422
    assert await send("PATCH", path, await log_in(client, member)) == 403
    assert await send("PATCH", path, {}) == 422
    assert await send("POST", "/workspaces", NOBODY) == 401


async def test_a_member_reads_and_writes_research_but_not_the_workspace(
    client: httpx.AsyncClient, workspace: Json
) -> None:
    member = await make_user()
    await join(workspace["id"], member)
    headers, path = await log_in(client, member), f"/workspaces/{workspace['id']}"
    assert (await client.post(f"{path}/explorations", json={"title": "t"}, headers=headers)).status_code == 201
    refused = await client.delete(path, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "workspace_role_too_low")


async def test_row_level_security_hides_a_workspace_from_other_scopes(workspace: Json) -> None:
    own = UUID(workspace["id"])
    for scope, visible in (([own], True), ([uuid4()], False), ([], False)):
        async with db.scope(scope) as session:
            found = await session.execute(select(Workspace).where(col(Workspace.id) == own))
            assert (found.scalar_one_or_none() is not None) is visible


async def test_a_busy_workspace_stays_and_an_idle_one_goes_with_all_in_it(client: httpx.AsyncClient) -> None:
    made = (await client.post("/workspaces", json={"name": "short-lived"})).json()
    path = f"/workspaces/{made['id']}"
    await client.post(f"{path}/explorations", json={"title": "t"})
    job = Job(
        workspace_id=UUID(made["id"]), kind="test.kind", pool="batch", args={}, status="running",
        max_attempts=1, timeout_s=1, created_by_type="system",
    )  # fmt: skip
    async with db.scope(db.SYSTEM) as session:
        session.add(job)
    refused = await client.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "workspace_busy")
    async with db.scope(db.SYSTEM) as session:
        stored = await session.get(Job, job.id)
        assert stored is not None
        stored.status = "cancelled"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    async with db.scope(db.SYSTEM) as session:
        assert await session.get(Job, job.id) is None


async def test_an_exploration_lives_ends_and_is_deleted(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    made = await client.post(base, json={"title": "Mood", "description": "How is it?", "country": "US"})
    place = made.headers["location"]
    assert (made.json()["is_quantitative"], made.json()["is_ended"]) == (True, False)
    assert (await client.patch(place, json={"country": None})).json()["country"] is None
    ended = await client.post(f"{place}/method", json={"is_qualitative": True, "is_ended": True})
    assert (ended.json()["is_qualitative"], ended.json()["is_ended"]) == (True, True)
    assert (await client.get(base)).json()["items"] == [ended.json()]
    assert (await client.delete(place)).status_code == 204
    gone = await client.get(place)
    assert (gone.status_code, gone.json()["code"]) == (404, "exploration_not_found")
    assert (await client.get(base)).json()["items"] == []
    async with db.scope([UUID(workspace["id"])]) as session:
        told = await session.execute(select(col(Event.type)).order_by(col(Event.id)))
    assert list(told.scalars()) == [f"exploration.{fact}" for fact in ("created", "updated", "updated", "deleted")]


async def test_wrong_fields_are_named_and_nothing_is_stored(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    for body, loc in (
        ({}, ["body", "title"]),
        ({"title": " "}, ["body", "title"]),
        ({"title": "x" * 201}, ["body", "title"]),
        ({"title": "a\x00b"}, ["body", "title"]),
        ({"title": "t", "description": "x" * 20_001}, ["body", "description"]),
        ({"title": "t", "tilte": "t"}, ["body", "tilte"]),
    ):
        answer = await client.post(base, json=body)
        assert answer.status_code == 422
        assert [e["loc"] for e in answer.json()["errors"]] == [loc]
    assert (await client.get(base)).json()["items"] == []

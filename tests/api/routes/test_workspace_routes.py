"""Workspaces over HTTP: who may enter, what may be changed, when one may go."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from core.db import session as db
from core.jobs.models import Job
from tests.factories import jobs
from tests.factories.organizations import actions
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]


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


async def test_a_member_reads_and_writes_research_but_not_the_workspace(
    client: httpx.AsyncClient, workspace: Json
) -> None:
    member = await make_user()
    await join(workspace["id"], member)
    headers, path = await log_in(client, member), f"/workspaces/{workspace['id']}"
    assert (await client.post(f"{path}/explorations", json={"title": "t"}, headers=headers)).status_code == 201
    refused = await client.delete(path, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "workspace_role_too_low")


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


@pytest.mark.parametrize(
    ("query", "name"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor"), ("cursor=", "cursor")],
)
async def test_a_wrong_page_is_refused_by_name(
    client: httpx.AsyncClient, workspace: Json, query: str, name: str
) -> None:
    for path in ("/workspaces", f"/workspaces/{workspace['id']}/explorations", "/jobs"):
        answer = await client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert [error["loc"] for error in answer.json()["errors"]] == [["query", name]]


@pytest.mark.parametrize(
    ("body", "loc"),
    [({}, "name"), ({"name": " "}, "name"), ({"name": "x" * 201}, "name"), ({"name": 5}, "name"),
     ({"name": "n", "description": "x" * 2001}, "description"),
     ({"name": "n", "organization_id": "x"}, "organization_id")],
)  # fmt: skip
async def test_wrong_fields_of_a_workspace_are_named(client: httpx.AsyncClient, body: Json, loc: str) -> None:
    answer = await client.post("/workspaces", json=body)
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["errors"]] == [["body", loc]]


async def test_a_workspace_is_not_made_in_someone_elses_organization(client: httpx.AsyncClient) -> None:
    owner = await log_in(client, await make_user())
    theirs = (await client.post("/workspaces", json={"name": "n"}, headers=owner)).json()["organization_id"]
    answer = await client.post("/workspaces", json={"name": "n", "organization_id": theirs})
    assert (answer.status_code, answer.json()["code"]) == (404, "organization_not_found")


async def test_a_busy_workspace_goes_where_its_jobs_may_be_cancelled(client: httpx.AsyncClient) -> None:
    made = (await client.post("/workspaces", json={"name": "short-lived"})).json()
    # A worker of another test, which may be running, has no such pool.
    waiting = replace(jobs.PROBE, pool="delivery")
    path, job_id = f"/workspaces/{made['id']}", await jobs.submit(UUID(made["id"]), waiting)
    refused = await client.delete(path, params={"cancel_jobs": "false"})
    assert (refused.status_code, refused.json()["code"]) == (409, "workspace_busy")
    wrong = await client.delete(path, params={"cancel_jobs": "perhaps"})
    assert (wrong.status_code, wrong.json()["errors"][0]["loc"]) == (422, ["query", "cancel_jobs"])
    assert (await client.delete(path, params={"cancel_jobs": "true"})).status_code == 204
    for gone in (path, f"/jobs/{job_id}"):
        assert (await client.get(gone)).status_code == 404
    assert ("workspace.deleted", UUID(made["id"])) in await actions(workspace_id=made["id"])


async def test_a_workspace_is_deleted_once_by_many_while_jobs_come_in(client: httpx.AsyncClient) -> None:
    made = (await client.post("/workspaces", json={"name": "short-lived"})).json()
    workspace_id, path = UUID(made["id"]), f"/workspaces/{made['id']}"
    coming = [jobs.submit(workspace_id) for _ in range(10)]
    going = [client.delete(path, params={"cancel_jobs": "true"}) for _ in range(4)]
    answers = (await asyncio.gather(*coming, *going, return_exceptions=True))[len(coming) :]
    statuses = sorted(answer.status_code for answer in answers if isinstance(answer, httpx.Response))
    assert len(statuses) == len(going)
    assert set(statuses) <= {204, 404, 409}
    if 204 not in statuses:
        assert (await client.delete(path, params={"cancel_jobs": "true"})).status_code == 204
    assert (await client.get(path)).status_code == 404

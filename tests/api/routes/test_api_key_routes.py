"""API keys: made and revoked by admins, shown once, members of one workspace and nothing more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from core import clock
from core.api_keys.models import ApiKey
from core.audit import service as audit
from core.audit.service import Wanted
from core.auth.models import User
from core.db import session as db
from core.jobs.models import Job
from tests.factories.api_keys import headers_of, make_key
from tests.factories.studies import Study, new_study
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]


async def row(key: Json) -> ApiKey:
    async with db.scope(db.SYSTEM) as session:
        return (await session.execute(select(ApiKey).where(col(ApiKey.id) == UUID(key["id"])))).scalar_one()


async def change(key: Json, **values: Any) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(update(ApiKey).where(col(ApiKey.id) == UUID(key["id"])).values(**values))


async def a_job(workspace_id: str, status: str = "queued") -> str:
    """Store a job that nobody runs; return its path."""
    job = Job(
        workspace_id=UUID(workspace_id), kind="test.kind", pool="nobody", args={}, status=status,
        max_attempts=1, timeout_s=1, created_by_type="system",
    )  # fmt: skip
    async with db.scope(db.SYSTEM) as session:
        session.add(job)
    return f"/jobs/{job.id}"


async def test_a_key_is_shown_once_and_only_its_hash_is_stored(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await make_key(client, workspace["id"], "read")
    path = f"/workspaces/{workspace['id']}/api-keys"
    shown = (await client.get(f"{path}/{made['id']}")).json()
    assert made == shown | {"secret": made["secret"]}
    assert made["secret"].startswith(f"sp_{made['prefix']}_")
    assert (await client.get(path)).json()["items"] == [shown]
    stored = (await row(made)).model_dump_json()
    assert made["secret"].split("_", 2)[2] not in stored
    me = (await client.get("/auth/me")).json()
    assert shown["created_by"] == {"type": "user", "id": me["id"]}


async def test_a_key_that_writes_does_what_a_member_does(client: httpx.AsyncClient, workspace: Json) -> None:
    headers, path = headers_of(await make_key(client, workspace["id"])), f"/workspaces/{workspace['id']}"
    made = await client.post(f"{path}/explorations", json={"title": "t"}, headers=headers)
    assert made.status_code == 201
    assert (await client.get(made.headers["location"], headers=headers)).status_code == 200
    assert [one["id"] for one in (await client.get("/workspaces", headers=headers)).json()["items"]] == [
        workspace["id"]
    ]


async def test_making_and_revoking_a_key_is_on_record(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await make_key(client, workspace["id"], "read")
    for _ in range(2):
        await client.delete(f"/workspaces/{workspace['id']}/api-keys/{made['id']}")
    async with db.scope([UUID(workspace["id"])]) as session:
        found = await audit.list_entries(session, Wanted("api_key.*", workspace_id=UUID(workspace["id"])), limit=10)
    assert [(one.action, str(one.subject_id)) for one in found] == [
        ("api_key.revoked", made["id"]),
        ("api_key.created", made["id"]),
    ]
    assert made["secret"].split("_", 2)[2] not in str(found)


@pytest.mark.parametrize("given", [["write"], ["write", "read"], ["read", "write"]])
async def test_who_writes_reads_too(client: httpx.AsyncClient, workspace: Json, given: list[str]) -> None:
    assert (await make_key(client, workspace["id"], *given))["scopes"] == ["read", "write"]


async def test_a_key_that_reads_changes_nothing(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    headers = headers_of(await make_key(client, study.workspace_id, "read"))
    assert (await client.get(study.base, headers=headers)).status_code == 200
    job = await a_job(study.workspace_id)
    for method, path in (
        ("POST", f"{study.workspace}/explorations"),
        ("PATCH", study.base),
        ("DELETE", study.base),
        ("POST", f"{job}/cancel"),
        ("POST", f"{job}/retry"),
    ):
        for content in (b"", b"{", b'{"title": "t"}'):
            answer = await client.request(method, path, content=content, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_too_low"), (method, path)
    assert (await client.get(job, headers=headers)).json()["status"] == "queued"


async def test_a_key_is_never_an_admin(client: httpx.AsyncClient, workspace: Json) -> None:
    headers, path = headers_of(await make_key(client, workspace["id"])), f"/workspaces/{workspace['id']}"
    for method, where in (
        ("PATCH", path),
        ("DELETE", path),
        ("PATCH", f"{path}/settings"),
        ("GET", f"{path}/api-keys"),
        ("POST", f"{path}/api-keys"),
        ("DELETE", f"{path}/api-keys/{uuid4()}"),
    ):
        answer = await client.request(method, where, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "workspace_role_too_low"), (method, where)


async def test_in_another_workspace_of_its_maker_a_key_finds_nothing(client: httpx.AsyncClient) -> None:
    mine, other = await new_study(client), await new_study(client)
    job = await a_job(other.workspace_id)
    for scopes in (["read"], ["read", "write"]):
        headers = headers_of(await make_key(client, mine.workspace_id, *scopes))
        for method, path in (
            ("GET", other.workspace),
            ("GET", other.base),
            ("POST", f"{other.workspace}/explorations"),
            ("GET", f"{other.workspace}/api-keys"),
            ("GET", job),
            ("GET", f"{job}/events"),
            ("POST", f"{job}/cancel"),
            ("POST", f"{job}/retry"),
        ):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 404, (scopes, method, path)


async def test_jobs_of_a_key_are_those_of_its_workspace_and_bear_its_name(client: httpx.AsyncClient) -> None:
    mine, other = await new_study(client), await new_study(client)
    key = await make_key(client, mine.workspace_id)
    await a_job(other.workspace_id)
    body = {"count": 1}
    job = await client.post(f"{mine.base}/personas/auto-generate", json=body, headers=headers_of(key))
    assert job.status_code == 202
    assert job.json()["created_by"] == {"type": "api_key", "id": key["id"]}
    listed = (await client.get("/jobs", headers=headers_of(key))).json()["items"]
    assert {one["workspace_id"] for one in listed} == {mine.workspace_id}
    aside = await client.get("/jobs", params={"workspace_id": other.workspace_id}, headers=headers_of(key))
    assert aside.json()["items"] == []
    await client.post(f"{job.headers['location']}/cancel")


@pytest.mark.parametrize(("method", "path"), [("GET", "/auth/me"), ("POST", "/auth/logout"), ("POST", "/workspaces")])
async def test_a_key_is_no_user(client: httpx.AsyncClient, workspace: Json, method: str, path: str) -> None:
    headers = headers_of(await make_key(client, workspace["id"]))
    answer = await client.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "api_key_not_accepted")


async def test_a_revoked_key_is_refused_from_its_next_request_on(client: httpx.AsyncClient, workspace: Json) -> None:
    made, path = await make_key(client, workspace["id"]), f"/workspaces/{workspace['id']}"
    assert (await client.get(path, headers=headers_of(made))).status_code == 200
    for _ in range(2):
        assert (await client.delete(f"{path}/api-keys/{made['id']}")).status_code == 204
    answer = await client.get(path, headers=headers_of(made))
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_revoked")
    assert (await client.get(f"{path}/api-keys/{made['id']}")).json()["revoked_at"] is not None


async def test_a_key_ends_at_its_time(client: httpx.AsyncClient, workspace: Json) -> None:
    at = (clock.now() + timedelta(hours=1)).isoformat()
    made, path = await make_key(client, workspace["id"], expires_at=at), f"/workspaces/{workspace['id']}"
    assert (await client.get(path, headers=headers_of(made))).status_code == 200
    await change(made, expires_at=clock.now() - timedelta(seconds=1))
    answer = await client.get(path, headers=headers_of(made))
    assert (answer.status_code, answer.json()["code"]) == (401, "api_key_expired")


async def test_when_a_key_was_used_is_noted_once_a_minute(client: httpx.AsyncClient, workspace: Json) -> None:
    made, path = await make_key(client, workspace["id"]), f"/workspaces/{workspace['id']}"
    assert made["last_used_at"] is None
    await asyncio.gather(*(client.get(path, headers=headers_of(made)) for _ in range(20)))
    first = (await row(made)).last_used_at
    assert first is not None
    await client.get(path, headers=headers_of(made))
    assert (await row(made)).last_used_at == first
    await change(made, last_used_at=first - timedelta(seconds=61))
    await client.get(path, headers=headers_of(made))
    noted = (await row(made)).last_used_at
    assert noted is not None
    assert noted >= first


@pytest.mark.parametrize("wrong", ["cut", "changed", "prefix only", "of another", "long", "bytes"])
async def test_a_key_with_anything_changed_is_none(client: httpx.AsyncClient, workspace: Json, wrong: str) -> None:
    made, other = await make_key(client, workspace["id"]), await make_key(client, workspace["id"])
    good, path = made["secret"], f"/workspaces/{workspace['id']}"
    bad = {
        "cut": good[:-1],
        "changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "prefix only": f"sp_{made['prefix']}_",
        "of another": f"sp_{made['prefix']}_{other['secret'][16:]}",
        "long": good + "A" * 10_000,
        "bytes": "sp_é",
    }[wrong]
    headers = [(b"authorization", b"Bearer " + token.encode()) for token in (good, bad)]
    answers = [await client.get(path, headers=[one]) for one in headers]
    assert [a.status_code for a in answers] == [200, 401]
    assert answers[1].json()["code"] == "invalid_token"


async def test_users_and_keys_that_come_at_once_each_get_their_own(client: httpx.AsyncClient) -> None:
    studies = [await new_study(client) for _ in range(3)]
    keys = [headers_of(await make_key(client, study.workspace_id)) for study in studies]
    user, outsider = await make_user(), await make_user()
    await join(studies[0].workspace_id, user)
    people = [await log_in(client, user), await log_in(client, outsider)]

    async def status(study: Study, headers: dict[str, str]) -> int:
        return (await client.get(study.workspace, headers=headers)).status_code

    asked = [(s, h) for _ in range(10) for s in studies for h in [*keys, *people, {"Authorization": "Bearer x"}]]
    got = await asyncio.gather(*(status(study, headers) for study, headers in asked))
    allowed = [*zip(studies, keys, strict=True), (studies[0], people[0])]
    expected = [401 if h["Authorization"] == "Bearer x" else 200 if (s, h) in allowed else 404 for s, h in asked]
    assert got == expected


async def test_a_key_outlives_who_made_it(client: httpx.AsyncClient, workspace: Json) -> None:
    maker = await make_user()
    await join(workspace["id"], maker, "admin")
    headers, path = await log_in(client, maker), f"/workspaces/{workspace['id']}"
    body = {"name": "n", "scopes": ["read"]}
    made = (await client.post(f"{path}/api-keys", json=body, headers=headers)).json()
    async with db.scope(db.SYSTEM) as session:
        await session.execute(update(User).where(col(User.id) == maker.id).values(is_active=False))
    assert (await client.get(path, headers=headers_of(made))).status_code == 200


async def test_members_and_outsiders_see_no_keys(client: httpx.AsyncClient, workspace: Json) -> None:
    made, member, outsider = await make_key(client, workspace["id"]), await make_user(), await make_user()
    await join(workspace["id"], member)
    path = f"/workspaces/{workspace['id']}/api-keys"
    for who, status in ((member, 403), (outsider, 404)):
        headers = await log_in(client, who)
        for method, where in (("GET", path), ("POST", path), ("DELETE", f"{path}/{made['id']}")):
            assert (await client.request(method, where, headers=headers)).status_code == status
    other = (await client.post("/workspaces", json={"name": "n"})).json()
    aside = await client.delete(f"/workspaces/{other['id']}/api-keys/{made['id']}")
    assert (aside.status_code, aside.json()["code"]) == (404, "api_key_not_found")


@pytest.mark.parametrize(
    ("changes", "loc"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2090-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:00"}, "expires_at"),
    ],
)
async def test_wrong_fields_of_a_key_are_named(
    client: httpx.AsyncClient, workspace: Json, changes: Json, loc: str
) -> None:
    body = {"name": "n", "scopes": ["read"]} | changes
    answer = await client.post(f"/workspaces/{workspace['id']}/api-keys", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][:2] == ["body", loc]

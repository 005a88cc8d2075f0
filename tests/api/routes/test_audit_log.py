"""The audit log over HTTP: a workspace's for its admins, everything for superadmins."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from core.audit import service as audit
from core.db import session as db
from tests.factories.studies import new_study
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]


async def recorded(action: str, *, actor: UUID, workspace_id: str | None = None) -> None:
    async with db.scope(db.SYSTEM) as session:
        place = UUID(workspace_id) if workspace_id else None
        await audit.record(session, action, actor_type="user", actor_id=actor, workspace_id=place, data={"a": 1})


async def actions(client: httpx.AsyncClient, path: str, **params: Any) -> list[str]:
    """Return the actions of a log's first page."""
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [one["action"] for one in answer.json()["items"]]


async def test_admins_read_their_workspaces_log(client: httpx.AsyncClient, workspace: Json) -> None:
    actor = uuid4()
    await recorded("thing.done", actor=actor, workspace_id=workspace["id"])
    await recorded("thing.done", actor=actor, workspace_id=str(uuid4()))
    found = (await client.get(f"/workspaces/{workspace['id']}/audit-log", params={"actor": str(actor)})).json()
    [entry] = found["items"]
    assert (entry["action"], entry["workspace_id"], entry["data"]) == ("thing.done", workspace["id"], {"a": 1})
    assert entry["actor"] == {"type": "user", "id": str(actor)}


async def test_members_do_not_read_it(client: httpx.AsyncClient, workspace: Json) -> None:
    member = await make_user()
    await join(workspace["id"], member)
    headers = await log_in(client, member)
    for query in ("", "?since=never"):
        refused = await client.get(f"/workspaces/{workspace['id']}/audit-log{query}", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "workspace_role_too_low")


async def test_superadmins_read_all_of_it(client: httpx.AsyncClient, workspace: Json) -> None:
    actor = uuid4()
    await recorded("thing.done", actor=actor, workspace_id=workspace["id"])
    await recorded("other.done", actor=actor)
    path = "/admin/audit-log"
    assert await actions(client, path, actor=str(actor)) == ["other.done", "thing.done"]
    assert await actions(client, path, actor=str(actor), workspace_id=workspace["id"]) == ["thing.done"]
    assert await actions(client, path, actor=str(actor), action="other.*") == ["other.done"]


async def test_it_is_read_from_when_to_when(client: httpx.AsyncClient) -> None:
    actor = uuid4()
    for action in ("first.done", "second.done"):
        await recorded(action, actor=actor)
    found = (await client.get("/admin/audit-log", params={"actor": str(actor)})).json()["items"]
    second = found[0]["created_at"]
    assert await actions(client, "/admin/audit-log", actor=str(actor), since=second) == ["second.done"]
    assert await actions(client, "/admin/audit-log", actor=str(actor), until=second) == ["first.done"]


async def test_pages_follow_each_other(client: httpx.AsyncClient) -> None:
    actor = uuid4()
    for number in range(3):
        await recorded(f"thing.done_{number}", actor=actor)
    params = {"actor": str(actor), "limit": "2"}
    first = (await client.get("/admin/audit-log", params=params)).json()
    second = (await client.get("/admin/audit-log", params=params | {"cursor": first["next_cursor"]})).json()
    got = [one["action"] for one in first["items"] + second["items"]]
    assert got == ["thing.done_2", "thing.done_1", "thing.done_0"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "since=2026-01-01T00:00:00", "until=9999-12-31T23:59:59-23:00", "actor=me", "action="],
)
async def test_what_is_no_filter_is_named(client: httpx.AsyncClient, query: str) -> None:
    refused = await client.get(f"/admin/audit-log?{query}")
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["loc"] == ["query", query.partition("=")[0]]


async def test_a_workspaces_entries_outlive_it(client: httpx.AsyncClient, workspace: Json) -> None:
    assert (await client.delete(f"/workspaces/{workspace['id']}")).status_code == 204
    await recorded("thing.done", actor=uuid4(), workspace_id=workspace["id"])
    assert "thing.done" in await actions(client, "/admin/audit-log", workspace_id=workspace["id"])
    assert "workspace.deleted" in await actions(client, "/admin/audit-log", workspace_id=workspace["id"])


async def test_what_members_delete_is_on_record(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    things = [
        ("persona", f"{study.base}/personas/{study.persona_ids[0]}"),
        ("questionnaire", f"{study.base}/questionnaires/{study.questionnaire_id}"),
        ("exploration", study.base),
    ]
    for _, address in things:
        assert (await client.delete(address)).status_code == 204
    entries = (await client.get(f"{study.workspace}/audit-log", params={"limit": 3})).json()["items"]
    told = [(one["action"], one["subject_id"]) for one in reversed(entries)]
    assert told == [(f"{noun}.deleted", address.rpartition("/")[2]) for noun, address in things]

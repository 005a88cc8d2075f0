"""Accounts in the hands of superadmins: found, changed from the next request on, and never the last one lost."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text

from core.auth.models import User
from core.db import session as db
from core.settings import Settings
from tests.factories import jobs
from tests.factories.organizations import new_colleague, new_organization
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]


async def audited(client: httpx.AsyncClient, subject_id: UUID) -> list[Json]:
    """Return what the audit log has about an account, newest first."""
    found = (await client.get("/admin/audit-log", params={"action": "user.*", "limit": 200})).json()["items"]
    return [one for one in found if one["subject_id"] == str(subject_id)]


async def test_accounts_are_found_by_parts_of_address_and_name(client: httpx.AsyncClient) -> None:
    user, other = await make_user(), await make_user()
    for search in (user.email[:12].upper(), f" {user.email} "):
        found = (await client.get("/admin/users", params={"search": search})).json()["items"]
        assert [one["id"] for one in found] == [str(user.id)]
    names = (await client.get("/admin/users", params={"search": "some one", "limit": 200})).json()["items"]
    assert {str(user.id), str(other.id)} <= {one["id"] for one in names}
    assert "password_hash" not in names[0]
    assert (await client.get("/admin/users", params={"search": "%"})).json()["items"] == []


async def test_accounts_are_filtered_and_paged(client: httpx.AsyncClient) -> None:
    inactive, boss = await make_user(active=False), await make_user(superadmin=True)
    await make_user(verified=False)
    for params, expected in (({"is_active": False}, inactive), ({"role": "superadmin"}, boss)):
        found = (await client.get("/admin/users", params=params | {"limit": 200})).json()["items"]
        assert str(expected.id) in {one["id"] for one in found}
        assert all(one[name] == value for one in found for name, value in params.items())
    first = (await client.get("/admin/users", params={"limit": 1})).json()
    second = (await client.get("/admin/users", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert first["items"][0]["created_at"] >= second["items"][0]["created_at"]
    assert first["items"][0]["id"] != second["items"][0]["id"]


async def test_who_is_deactivated_is_out_at_the_next_request(client: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(client, user)
    changed = await client.patch(f"/admin/users/{user.id}", json={"is_active": False})
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    refused = await client.get("/auth/me", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "user_inactive")
    await client.patch(f"/admin/users/{user.id}", json={"is_active": True})
    ended = await client.get("/auth/me", headers=headers)
    assert (ended.status_code, ended.json()["code"]) == (401, "session_revoked")
    assert (await client.get("/auth/me", headers=await log_in(client, user))).status_code == 200


async def test_a_role_counts_from_the_next_request_on(client: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(client, user)
    for role, status in (("superadmin", 200), ("user", 403)):
        changed = await client.patch(f"/admin/users/{user.id}", json={"role": role})
        assert changed.json()["role"] == role
        assert (await client.get("/admin/dashboard", headers=headers)).status_code == status


async def test_each_change_is_on_record_with_who_did_it_and_from_where(client: httpx.AsyncClient) -> None:
    user = await make_user()
    me = (await client.get("/auth/me")).json()["id"]
    body = {"is_active": False, "is_verified": False, "role": "superadmin"}
    await client.patch(f"/admin/users/{user.id}", json=body, headers={"X-Request-ID": "change-1"})
    await client.patch(f"/admin/users/{user.id}", json=body)  # changes nothing any more
    entries = await audited(client, user.id)
    assert {one["action"] for one in entries} == {"user.deactivated", "user.unverified", "user.role_changed"}
    assert len(entries) == 3
    assert {(one["actor"]["type"], one["actor"]["id"], one["request_id"]) for one in entries} == {
        ("user", me, "change-1")
    }
    assert all(one["ip"] for one in entries)


@pytest.mark.parametrize("body", [{"is_active": False}, {"is_verified": False}, {"role": "user"}])
async def test_the_superadmin_of_the_settings_stays(client: httpx.AsyncClient, settings: Settings, body: Json) -> None:
    async with db.scope(db.SYSTEM) as session:
        query = select(User).where(User.email == settings.superadmin_email)  # type: ignore[arg-type]
        protected = (await session.execute(query)).scalar_one()
    refused = await client.patch(f"/admin/users/{protected.id}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "superadmin_protected")
    assert (await client.get("/auth/me")).status_code == 200


async def test_of_two_last_superadmins_who_dismiss_each_other_one_stays(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    one, two = await make_user(superadmin=True), await make_user(superadmin=True)
    headers = [await log_in(client, user) for user in (one, two)]
    others = text("UPDATE app_user SET is_superadmin = :is WHERE is_superadmin <> :is AND NOT id = ANY(:ids)")
    async with db.scope(db.SYSTEM) as session:
        kept = list((await session.execute(select(User.id).where(User.is_superadmin))).scalars())  # type: ignore[call-overload]
        await session.execute(others, {"is": False, "ids": [one.id, two.id]})
    try:
        answers = await asyncio.gather(
            *(
                client.patch(f"/admin/users/{user.id}", json={"role": "user"}, headers=by)
                for user, by in zip((two, one), headers, strict=True)
            )
        )
    finally:
        async with db.scope(db.SYSTEM) as session:
            restore = text("UPDATE app_user SET is_superadmin = true WHERE id = ANY(:ids)")
            await session.execute(restore, {"ids": [i for i in kept if i not in (one.id, two.id)]})
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 403])
    roles = [(await client.get(f"/admin/users/{user.id}")).json()["role"] for user in (one, two)]
    assert sorted(roles) == ["superadmin", "user"]


@pytest.mark.parametrize(
    ("body", "place"),
    [({"role": "king"}, "role"), ({"is_active": "perhaps"}, "is_active"), ({"email": "x@example.org"}, "email")],
)
async def test_what_cannot_be_changed_is_named(client: httpx.AsyncClient, body: Json, place: str) -> None:
    user = await make_user()
    refused = await client.patch(f"/admin/users/{user.id}", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["body", place]


async def test_who_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    for path in (f"/admin/users/{uuid4()}", f"/admin/users/{uuid4()}/stats"):
        assert (await client.get(path)).json()["code"] == "user_not_found"
    assert (await client.patch(f"/admin/users/{uuid4()}", json={})).json()["code"] == "user_not_found"
    assert (await client.get("/admin/users/nobody")).status_code == 404


async def test_stats_count_what_a_user_has_and_has_done(client: httpx.AsyncClient, workspace: Json) -> None:
    user = await make_user()
    await log_in(client, user)
    await join(workspace["id"], user)
    by_user: Json = {"created_by_type": "user", "created_by_id": user.id}
    usage: Json = {"usage_calls": 3, "usage_input_tokens": 20, "usage_output_tokens": 10, "usage_cost_usd": 0.5}
    await jobs.submit(UUID(workspace["id"]), status="succeeded", **by_user, **usage)
    await jobs.submit(UUID(workspace["id"]), status="failed", **by_user, **usage)
    stats = (await client.get(f"/admin/users/{user.id}/stats")).json()
    assert stats["workspaces"] == 1
    assert stats["active_sessions"] == 1
    assert stats["last_seen_at"]
    assert stats["jobs"] == {"queued": 0, "running": 0, "succeeded": 1, "failed": 1, "cancelled": 0}
    assert stats["usage"] == {
        "calls": 6,
        "input_tokens": 40,
        "output_tokens": 20,
        "cost_usd": 1.0,
        "replayed_calls": 0,
    }


async def test_stats_count_no_session_that_was_idle_for_too_long(client: httpx.AsyncClient, settings: Settings) -> None:
    user = await make_user()
    await log_in(client, user)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE auth_session SET last_seen_at = now() - make_interval(mins => :idle) WHERE user_id = :id"),
            {"id": user.id, "idle": settings.idle_timeout + 1},
        )
    await log_in(client, user)
    assert (await client.get(f"/admin/users/{user.id}/stats")).json()["active_sessions"] == 1


async def test_stats_count_the_workspaces_that_a_user_enters_by_their_organization(client: httpx.AsyncClient) -> None:
    org = await new_organization(client)
    for name in ("a", "b"):
        await client.post("/workspaces", json={"name": name, "organization_id": org["id"]})
    runs, _ = await new_colleague(client, org["id"], "admin")
    sees, _ = await new_colleague(client, org["id"], "member")
    counts = [(await client.get(f"/admin/users/{one.id}/stats")).json()["workspaces"] for one in (runs, sees)]
    assert counts == [2, 0]


async def test_a_superadmin_finds_no_workspace_of_others(client: httpx.AsyncClient, workspace: Json) -> None:
    headers = await log_in(client, await make_user(superadmin=True))
    for path in ("", "/settings", "/audit-log"):
        assert (await client.get(f"/workspaces/{workspace['id']}{path}", headers=headers)).status_code == 404

"""An account is erased: what is personal goes, what others work with stays, nobody is left without an owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from core.auth.models import User
from core.db import session as db
from core.db.base import metadata
from core.mail import service as mail_service
from core.mail.content import HasAccount
from tests.factories.jobs import submit
from tests.factories.users import PASSWORD, join, log_in, make_user


async def erase(client: httpx.AsyncClient, headers: dict[str, str], password: str = PASSWORD) -> tuple[int, str]:
    answer = await client.request("DELETE", "/auth/me", json={"password": password}, headers=headers)
    return answer.status_code, answer.json()["code"] if answer.content else ""


async def made(client: httpx.AsyncClient, path: str, headers: dict[str, str], **body: Any) -> str:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def add_member(organization_id: str, user: User, role: str) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("INSERT INTO organization_member (organization_id, user_id, role) VALUES (:org, :user, :role)"),
            {"org": UUID(organization_id), "user": user.id, "role": role},
        )


async def rows(query: str, **values: Any) -> list[Any]:
    async with db.scope(db.SYSTEM) as session:
        return list((await session.execute(text(query), values)).scalars())


async def test_an_erased_account_is_gone_with_its_own_workspaces(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    workspace_id = await made(anonymous, "/workspaces", headers, name="Mine")
    assert await erase(anonymous, headers) == (204, "")
    assert (await anonymous.get("/auth/me", headers=headers)).status_code == 401
    login = await anonymous.post("/auth/login", json={"email": user.email, "password": PASSWORD})
    assert (login.status_code, login.json()["code"]) == (401, "bad_credentials")
    assert await rows("SELECT id FROM workspace WHERE id = :id", id=UUID(workspace_id)) == []
    assert await rows("SELECT id FROM organization WHERE personal_of = :id", id=user.id) == []


async def test_the_address_is_in_no_table_any_more(anonymous: httpx.AsyncClient) -> None:
    user, admin = await make_user(), await make_user()
    headers, others = await log_in(anonymous, user), await log_in(anonymous, admin)
    workspace_id = await made(anonymous, "/workspaces", others, name="Theirs")
    await made(anonymous, f"/workspaces/{workspace_id}/invitations", others, email=user.email, role="member")
    async with db.scope(db.SYSTEM) as session:
        await mail_service.send(session, HasAccount(user.full_name), to=user.email)
    await anonymous.post("/auth/forgot-password", json={"email": user.email})
    assert await tables_with(user.email) >= {"app_user", "invitation", "mail"}
    assert await erase(anonymous, headers) == (204, "")
    assert await tables_with(user.email) == set()


async def tables_with(word: str) -> set[str]:
    """Return the tables with a row that says a word."""
    queries = {table: f'SELECT 1 FROM "{table}" AS t WHERE t::text LIKE :word LIMIT 1' for table in metadata.tables}
    return {table for table, query in queries.items() if await rows(query, word=f"%{word}%")}


async def test_what_others_work_with_stays_under_the_authors_id(anonymous: httpx.AsyncClient) -> None:
    owner, user = await make_user(), await make_user()
    headers = await log_in(anonymous, owner)
    workspace_id = await made(anonymous, "/workspaces", headers, name="Shared")
    await join(workspace_id, user)
    job_id = await submit(UUID(workspace_id), created_by_type="user", created_by_id=user.id)
    assert await erase(anonymous, await log_in(anonymous, user)) == (204, "")
    job = (await anonymous.get(f"/jobs/{job_id}", headers=headers)).json()
    assert job["created_by"] == {"type": "user", "id": str(user.id)}
    people = (await anonymous.get(f"/workspaces/{workspace_id}/members", headers=headers)).json()["items"]
    assert [one["user_id"] for one in people] == [str(owner.id)]


async def test_the_last_owner_of_an_organization_with_others_in_it_stays(anonymous: httpx.AsyncClient) -> None:
    user, other = await make_user(), await make_user()
    headers = await log_in(anonymous, user)
    organization_id = await made(anonymous, "/orgs", headers, name="A firm")
    await add_member(organization_id, other, "admin")
    answer = await anonymous.request("DELETE", "/auth/me", json={"password": PASSWORD}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert "A firm" in answer.json()["detail"]
    assert (await anonymous.get("/auth/me", headers=headers)).status_code == 200
    await rows(
        "UPDATE organization_member SET role = 'owner' WHERE user_id = :id AND organization_id = :org RETURNING role",
        id=other.id,
        org=UUID(organization_id),
    )
    assert await erase(anonymous, headers) == (204, "")
    assert await rows("SELECT id FROM organization WHERE id = :id", id=UUID(organization_id)) == [UUID(organization_id)]


async def test_guests_of_a_firms_workspace_are_not_left_without_an_owner(anonymous: httpx.AsyncClient) -> None:
    user, guest = await make_user(), await make_user()
    headers = await log_in(anonymous, user)
    organization_id = await made(anonymous, "/orgs", headers, name="A firm")
    workspace_id = await made(anonymous, "/workspaces", headers, name="Study", organization_id=organization_id)
    await join(workspace_id, guest)
    assert await erase(anonymous, headers) == (409, "last_owner")


async def test_an_organization_nobody_else_is_in_goes_along(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    organization_id = await made(anonymous, "/orgs", headers, name="A firm")
    await made(anonymous, "/workspaces", headers, name="Study", organization_id=organization_id)
    assert await erase(anonymous, headers) == (204, "")
    assert await rows("SELECT id FROM organization WHERE id = :id", id=UUID(organization_id)) == []


async def test_ones_own_organization_stays_with_who_owns_it_too(anonymous: httpx.AsyncClient) -> None:
    user, other = await make_user(), await make_user()
    headers = await log_in(anonymous, user)
    workspace_id = await made(anonymous, "/workspaces", headers, name="Mine")
    [organization_id] = await rows("SELECT id FROM organization WHERE personal_of = :id", id=user.id)
    await add_member(str(organization_id), other, "owner")
    assert await erase(anonymous, headers) == (204, "")
    answer = await anonymous.get(f"/workspaces/{workspace_id}", headers=await log_in(anonymous, other))
    assert answer.status_code == 200


async def test_while_jobs_run_in_ones_workspaces_nothing_is_erased(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    workspace_id = await made(anonymous, "/workspaces", headers, name="Mine")
    job_id = await submit(UUID(workspace_id), status="retry_wait", next_attempt_at="now() + interval '1 day'")
    assert await erase(anonymous, headers) == (409, "workspace_busy")
    await anonymous.post(f"/jobs/{job_id}/cancel", headers=headers)
    assert await erase(anonymous, headers) == (204, "")


async def test_erasing_needs_the_password(anonymous: httpx.AsyncClient) -> None:
    headers = await log_in(anonymous, await make_user())
    assert await erase(anonymous, headers, "not mine, I guess") == (403, "wrong_password")
    assert (await anonymous.get("/auth/me", headers=headers)).status_code == 200


async def test_a_superadmin_cannot_be_erased(anonymous: httpx.AsyncClient) -> None:
    headers = await log_in(anonymous, await make_user(superadmin=True))
    assert await erase(anonymous, headers) == (409, "superadmin_stays")


async def test_an_erasure_is_on_record_without_the_person(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(anonymous, user)
    await made(anonymous, "/workspaces", headers, name="Mine")
    await erase(anonymous, headers)
    query = "SELECT {} FROM audit_entry WHERE actor_id = :id AND action <> 'workspace.created'"
    actions = await rows(query.format("action"), id=user.id)
    assert sorted(actions) == ["organization.deleted", "user.erased", "workspace.deleted"]
    assert not any(
        user.full_name in str(one) or user.email in str(one) for one in await rows(query.format("data"), id=user.id)
    )

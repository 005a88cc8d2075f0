"""Invitations over HTTP: mailed tokens, used once, by the address they were sent to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from core import clock
from core.auth.models import User
from core.db import session as db
from core.invitations.models import Invitation
from tests.factories.organizations import actions, new_colleague, new_organization
from tests.factories.users import NOBODY, PASSWORD, join, log_in, make_user
from tests.fixtures.smtp import Mails

Json = dict[str, Any]
Headers = dict[str, str]
ACCEPT = "/invitations/accept"


def address() -> str:
    """An address nobody has."""
    return f"{uuid4().hex}@example.org"


def path(workspace: Json) -> str:
    return f"/workspaces/{workspace['id']}/invitations"


async def invite(client: httpx.AsyncClient, workspace: Json, email: str, role: str = "member") -> Json:
    """Invite an address into a workspace."""
    made = await client.post(path(workspace), json={"email": email, "role": role})
    assert made.status_code == 201, made.text
    document: Json = made.json()
    return document


async def token_of(mails: Mails, email: str) -> str:
    """The token last mailed to an address."""
    return (await mails.for_address(email))[-1].token


async def age(invitation: Json, by: timedelta = timedelta(days=8)) -> None:
    """Let an invitation have been made earlier."""
    async with db.scope(db.SYSTEM) as session:
        stored = await session.get(Invitation, UUID(invitation["id"]))
        assert stored is not None
        stored.expires_at = clock.now() - by + timedelta(days=7)


async def test_an_invited_address_gets_a_mail_and_the_answer_no_token(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    email = address()
    made = await client.post(path(workspace), json={"email": f" {email.upper()} ", "role": "admin"})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["email"], shown["role"], shown["state"]) == (email, "admin", "pending")
    assert made.headers["location"] == f"{path(workspace)}/{shown['id']}"
    assert (await client.get(made.headers["location"])).json() == shown
    [said] = await mails.for_address(email)
    assert said.kind == "invitation"
    assert workspace["name"] in said.text
    assert "admin" in said.text
    async with db.scope(db.SYSTEM) as session:
        stored = await session.get(Invitation, UUID(shown["id"]))
    assert stored is not None
    assert said.token not in repr(stored.model_dump())
    assert said.token not in made.text
    assert timedelta(days=6) < stored.expires_at - clock.now() < timedelta(days=7)
    assert ("invitation.created", stored.id) in await actions(workspace_id=workspace["id"])


async def test_an_existing_account_is_asked_in_and_accepts_once(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    user = await make_user()
    headers = await log_in(client, user)
    made = await invite(client, workspace, user.email, "admin")
    body = {"token": await token_of(mails, user.email)}
    shown = (await client.get(ACCEPT, params=body, headers=NOBODY)).json()
    assert (shown["to"], shown["name"], shown["has_account"]) == ("workspace", workspace["name"], True)
    assert (await client.get(f"/workspaces/{workspace['id']}", headers=headers)).status_code == 404
    accepted = await client.post(ACCEPT, json=body, headers=headers)
    assert accepted.status_code == 200
    assert accepted.json() == {"workspace_id": workspace["id"], "organization_id": None, "role": "admin"}
    renamed = await client.patch(f"/workspaces/{workspace['id']}", json={"name": "n"}, headers=headers)
    assert renamed.status_code == 200
    again = await client.post(ACCEPT, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "invitation_accepted")
    assert (await client.get(f"{path(workspace)}/{made['id']}")).json()["state"] == "accepted"
    assert ("invitation.accepted", UUID(made["id"])) in await actions(workspace_id=workspace["id"])


async def test_a_new_account_is_made_verified_by_the_token(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    email = address()
    await invite(client, workspace, email)
    token = await token_of(mails, email)
    assert (await client.get(ACCEPT, params={"token": token}, headers=NOBODY)).json()["has_account"] is False
    body = {"token": token, "full_name": "New Person", "password": PASSWORD}
    accepted = await client.post(ACCEPT, json=body, headers=NOBODY)
    assert accepted.status_code == 200, accepted.text
    login = await client.post("/auth/login", json={"email": email, "password": PASSWORD}, headers=NOBODY)
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    me = (await client.get("/auth/me", headers=headers)).json()
    assert (me["full_name"], me["is_verified"], me["is_superadmin"]) == ("New Person", True, False)
    assert (await client.get(f"/workspaces/{workspace['id']}", headers=headers)).status_code == 200
    again = await client.post(ACCEPT, json=body, headers=NOBODY)
    assert (again.status_code, again.json()["code"]) == (409, "invitation_accepted")


async def test_who_can_read_the_mail_takes_over_an_account_that_was_never_verified(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    squatter = await make_user(verified=False)
    await invite(client, workspace, squatter.email)
    body = {"token": await token_of(mails, squatter.email), "full_name": "Owner", "password": "another good one"}
    assert (await client.post(ACCEPT, json=body, headers=NOBODY)).status_code == 200
    for password, status in ((PASSWORD, 401), ("another good one", 200)):
        answer = await client.post("/auth/login", json={"email": squatter.email, "password": password})
        assert answer.status_code == status


@pytest.mark.parametrize(
    "state",
    [{}, {"active": False}, {"active": False, "verified": False}, {"verified": False, "superadmin": True}],
)
async def test_an_account_is_never_replaced(
    client: httpx.AsyncClient, workspace: Json, mails: Mails, state: Json
) -> None:
    user = await make_user(**state)
    await invite(client, workspace, user.email)
    body = {"token": await token_of(mails, user.email), "full_name": "Thief", "password": "another good one"}
    refused = await client.post(ACCEPT, json=body, headers=NOBODY)
    assert (refused.status_code, refused.json()["code"]) == (409, "invited_account_exists")
    async with db.scope(db.SYSTEM) as session:
        stored = await session.get(User, user.id)
    assert stored is not None
    assert (stored.full_name, stored.password_hash) == (user.full_name, user.password_hash)


async def test_another_account_is_refused_and_uses_nothing_up(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    user = await make_user()
    await invite(client, workspace, user.email)
    body = {"token": await token_of(mails, user.email)}
    other = await log_in(client, await make_user())
    refused = await client.post(ACCEPT, json=body, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (403, "invitation_for_another")
    assert user.email not in refused.text
    assert (await client.post(ACCEPT, json=body, headers=await log_in(client, user))).status_code == 200


async def test_a_token_sent_again_is_a_new_one_and_the_old_one_is_dead(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    user = await make_user()
    headers, made = await log_in(client, user), await invite(client, workspace, user.email)
    old = await token_of(mails, user.email)
    await age(made)
    assert (await client.get(f"{path(workspace)}/{made['id']}")).json()["state"] == "expired"
    again = await client.post(f"{path(workspace)}/{made['id']}/resend")
    assert (again.status_code, again.json()["state"], again.json()["id"]) == (200, "pending", made["id"])
    new = await token_of(mails, user.email)
    refused = await client.post(ACCEPT, json={"token": old}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "invitation_not_found")
    assert (await client.post(ACCEPT, json={"token": new}, headers=headers)).status_code == 200
    late = await client.post(f"{path(workspace)}/{made['id']}/resend")
    assert (late.status_code, late.json()["code"]) == (409, "invitation_accepted")


@pytest.mark.parametrize("end", ["expired", "revoked"])
async def test_an_invitation_that_ended_is_not_accepted(
    client: httpx.AsyncClient, workspace: Json, mails: Mails, end: str
) -> None:
    email = address()
    made = await invite(client, workspace, email)
    if end == "expired":
        await age(made)
    else:
        for _ in range(2):
            assert (await client.delete(f"{path(workspace)}/{made['id']}")).status_code == 204
    body = {"token": await token_of(mails, email)}
    assert (await client.get(ACCEPT, params=body, headers=NOBODY)).json()["state"] == end
    account = {"full_name": "New Person", "password": PASSWORD}
    refused = await client.post(ACCEPT, json=body | account, headers=NOBODY)
    assert (refused.status_code, refused.json()["code"]) == (409, f"invitation_{end}")
    assert (await client.get(f"{path(workspace)}/{made['id']}")).json()["state"] == end


async def test_inviting_again_replaces_what_is_open_and_its_role(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    user = await make_user()
    first = await invite(client, workspace, user.email)
    old = await token_of(mails, user.email)
    second = await invite(client, workspace, user.email, "admin")
    assert (await client.get(f"{path(workspace)}/{first['id']}")).json()["state"] == "revoked"
    headers = await log_in(client, user)
    assert (await client.post(ACCEPT, json={"token": old}, headers=headers)).json()["code"] == "invitation_revoked"
    body = {"token": await token_of(mails, user.email)}
    assert (await client.post(ACCEPT, json=body, headers=headers)).json()["role"] == "admin"
    listed = (await client.get(path(workspace), params={"limit": 1})).json()
    assert [row["id"] for row in listed["items"]] == [second["id"]]
    rest = (await client.get(path(workspace), params={"cursor": listed["next_cursor"]})).json()
    assert [row["id"] for row in rest["items"]] == [first["id"]]


async def test_of_many_at_the_same_moment_one_invitation_stays_open(client: httpx.AsyncClient, workspace: Json) -> None:
    body = {"email": address(), "role": "member"}
    answers = await asyncio.gather(*(client.post(path(workspace), json=body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    states = [row["state"] for row in (await client.get(path(workspace))).json()["items"]]
    assert sorted(states) == ["pending"] + ["revoked"] * 4


async def test_of_many_at_the_same_moment_one_accepts(client: httpx.AsyncClient, workspace: Json, mails: Mails) -> None:
    email = address()
    await invite(client, workspace, email)
    body = {"token": await token_of(mails, email), "full_name": "New Person", "password": PASSWORD}
    answers = await asyncio.gather(*(client.post(ACCEPT, json=body, headers=NOBODY) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


@pytest.mark.parametrize("through", ["workspace", "organization"])
async def test_who_may_enter_already_is_not_invited(client: httpx.AsyncClient, workspace: Json, through: str) -> None:
    if through == "workspace":
        user = await make_user()
        await join(workspace["id"], user)
    else:
        user, _ = await new_colleague(client, workspace["organization_id"], "admin")
    refused = await client.post(path(workspace), json={"email": user.email, "role": "member"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_member")


async def test_only_admins_have_to_do_with_invitations(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await invite(client, workspace, address())
    member = await make_user()
    await join(workspace["id"], member)
    insider, outsider = await log_in(client, member), await log_in(client, await make_user())
    one = f"{path(workspace)}/{made['id']}"
    for method, where in (
        ("POST", path(workspace)), ("GET", path(workspace)), ("GET", one), ("DELETE", one), ("POST", f"{one}/resend"),
    ):  # fmt: skip
        for headers, expected in ((insider, (403, "workspace_role_too_low")), (outsider, (404, "workspace_not_found"))):
            answer = await client.request(method, where, json={"surprise": 1}, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == expected, (method, where)


async def test_an_invitation_of_another_workspace_is_not_found(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await invite(client, workspace, address())
    other = (await client.post("/workspaces", json={"name": "other"})).json()
    for method, tail in (("GET", ""), ("DELETE", ""), ("POST", "/resend")):
        answer = await client.request(method, f"{path(other)}/{made['id']}{tail}")
        assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")


@pytest.mark.parametrize(
    ("body", "loc"),
    [({"email": "x", "role": "member"}, "email"), ({"email": "a@b", "role": "member"}, "email"),
     ({"email": "a b@example.org", "role": "member"}, "email"), ({"email": "a@example.org", "role": "owner"}, "role"),
     ({"email": "a,b@example.org", "role": "member"}, "email"), ({"email": "a@example.org"}, "role"),
     ({"email": "a@example.org\x00", "role": "member"}, "email")],
)  # fmt: skip
async def test_wrong_fields_of_an_invitation_are_named(
    client: httpx.AsyncClient, workspace: Json, body: Json, loc: str
) -> None:
    answer = await client.post(path(workspace), json=body)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", loc])


@pytest.mark.parametrize(
    ("more", "status", "told"),
    [({}, 401, "invalid_token"), ({"full_name": "N"}, 422, "password"), ({"password": PASSWORD}, 422, "full_name"),
     ({"full_name": "N", "password": "short"}, 422, "password"), ({"full_name": " ", "password": PASSWORD}, 422,
     "full_name"), ({"full_name": "N", "password": PASSWORD}, 404, "invitation_not_found")],
)  # fmt: skip
async def test_accepting_without_a_login_needs_a_whole_account(
    client: httpx.AsyncClient, more: Json, status: int, told: str
) -> None:
    answer = await client.post(ACCEPT, json={"token": "nobody has it"} | more, headers=NOBODY)
    assert answer.status_code == status
    assert told in answer.text


async def test_a_token_nobody_has_shows_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get(ACCEPT, params={"token": "x"}, headers=NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")
    for wrong in ({}, {"token": ""}, {"token": "x" * 501}):
        assert (await client.get(ACCEPT, params=wrong, headers=NOBODY)).status_code == 422


async def test_an_organization_is_joined_the_same_way(client: httpx.AsyncClient, mails: Mails) -> None:
    org = await new_organization(client)
    user = await make_user()
    headers = await log_in(client, user)
    made = await client.post(f"/orgs/{org['id']}/members", json={"email": user.email, "role": "admin"})
    assert made.status_code == 201
    place = made.headers["location"]
    assert place == f"/orgs/{org['id']}/invitations/{made.json()['id']}"
    assert (await client.get(place)).json() == made.json()
    assert (await client.post(f"{place}/resend")).status_code == 200
    token = await token_of(mails, user.email)
    shown = (await client.get(ACCEPT, params={"token": token})).json()
    assert (shown["to"], shown["name"]) == ("organization", org["name"])
    assert all("organization" in said.text for said in await mails.for_address(user.email))
    assert (await client.post(ACCEPT, json={"token": token}, headers=headers)).status_code == 200
    assert (await client.get(f"/orgs/{org['id']}", headers=headers)).json()["role"] == "admin"
    refused = await client.post(f"/orgs/{org['id']}/members", json={"email": user.email, "role": "member"})
    assert refused.json()["code"] == "already_member"
    gone = (await client.post(f"/orgs/{org['id']}/members", json={"email": address(), "role": "member"})).json()
    assert (await client.delete(f"/orgs/{org['id']}/invitations/{gone['id']}")).status_code == 204
    states = [row["state"] for row in (await client.get(f"/orgs/{org['id']}/invitations")).json()["items"]]
    assert states == ["revoked", "accepted"]


async def test_an_unknown_address_and_an_account_get_the_same_answer(client: httpx.AsyncClient) -> None:
    org, user = await new_organization(client), await make_user()
    known, unknown = [
        (await client.post(f"/orgs/{org['id']}/members", json={"email": email, "role": "member"})).json()
        for email in (user.email, address())
    ]
    varying = ("id", "email", "created_at", "expires_at")
    assert {k: v for k, v in known.items() if k not in varying} == {
        k: v for k, v in unknown.items() if k not in varying
    }


async def test_a_workspace_deleted_takes_its_invitations_with_it(
    client: httpx.AsyncClient, workspace: Json, mails: Mails
) -> None:
    email = address()
    await invite(client, workspace, email)
    token = await token_of(mails, email)
    assert (await client.delete(f"/workspaces/{workspace['id']}")).status_code == 204
    answer = await client.get(ACCEPT, params={"token": token}, headers=NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (404, "invitation_not_found")
    async with db.scope(db.SYSTEM) as session:
        left = await session.execute(text("SELECT count(*) FROM invitation WHERE email = :email"), {"email": email})
    assert left.scalar_one() == 0

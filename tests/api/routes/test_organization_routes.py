"""Organizations over HTTP: who sees them, who changes what in them, and the owner who always stays."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.organizations import actions, join_organization, new_colleague, new_organization
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]
ROLES = ("owner", "admin", "member")


@pytest.fixture
async def founder(client: httpx.AsyncClient) -> dict[str, str]:
    """The headers of a new user."""
    return await log_in(client, await make_user())


@pytest.fixture
async def org(client: httpx.AsyncClient, founder: dict[str, str]) -> Json:
    """An organization of the founder."""
    return await new_organization(client, founder)


async def roles(client: httpx.AsyncClient, org: Json, headers: dict[str, str]) -> list[str]:
    """The roles of an organization's members, sorted."""
    found = (await client.get(f"/orgs/{org['id']}/members", headers=headers)).json()["items"]
    return sorted(row["role"] for row in found)


async def own_id(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    return str((await client.get("/auth/me", headers=headers)).json()["id"])


async def test_an_organization_is_made_read_changed_listed_and_deleted(
    client: httpx.AsyncClient, founder: dict[str, str]
) -> None:
    made = await client.post("/orgs", json={"name": " House "}, headers=founder)
    assert made.status_code == 201
    place = made.headers["location"]
    assert place == f"/orgs/{made.json()['id']}"
    assert (made.json()["name"], made.json()["role"], made.json()["is_personal"]) == ("House", "owner", False)
    changed = await client.patch(place, json={"name": "Home"}, headers=founder)
    assert changed.json() == made.json() | {"name": "Home"}
    assert (await client.get(place, headers=founder)).json() == changed.json()
    listed = (await client.get("/orgs", headers=founder)).json()["items"]
    assert changed.json() in listed
    assert (await client.delete(place, headers=founder)).status_code == 204
    assert (await client.get(place, headers=founder)).json()["code"] == "organization_not_found"
    told = [action for action, _ in await actions(organization_id=made.json()["id"])]
    assert told == ["organization.created", "organization.updated", "organization.deleted"]


async def test_organizations_and_members_are_listed_page_by_page(
    client: httpx.AsyncClient, founder: dict[str, str]
) -> None:
    made = [(await new_organization(client, founder))["id"] for _ in range(3)]
    for _ in range(2):
        await new_colleague(client, made[0])
    for path, expected in (("/orgs", 3), (f"/orgs/{made[0]}/members", 3)):
        first = (await client.get(path, params={"limit": 2}, headers=founder)).json()
        rest = (await client.get(path, params={"cursor": first["next_cursor"]}, headers=founder)).json()
        found = [row.get("id") or row["user_id"] for row in first["items"] + rest["items"]]
        assert len(first["items"]) == 2
        assert len(set(found)) == len(found) == expected
        assert rest["next_cursor"] is None


@pytest.mark.parametrize("superadmin", [False, True])
async def test_to_an_outsider_there_is_no_organization(client: httpx.AsyncClient, org: Json, superadmin: bool) -> None:
    outsider = await log_in(client, await make_user(superadmin=superadmin))
    path, someone = f"/orgs/{org['id']}", uuid4()
    for method, tail, body in (
        ("GET", "", None), ("PATCH", "", {"surprise": 1}), ("DELETE", "", None), ("GET", "/members", None),
        ("PATCH", f"/members/{someone}", {"role": "boss"}), ("DELETE", f"/members/{someone}", None),
        ("POST", "/transfer", {}), ("POST", "/leave", None),
    ):  # fmt: skip
        answer = await client.request(method, path + tail, json=body, headers=outsider)
        assert (answer.status_code, answer.json()["code"]) == (404, "organization_not_found"), (method, tail)


@pytest.mark.parametrize(
    ("method", "tail", "allowed"),
    [("PATCH", "", 2), ("DELETE", "", 1), ("PATCH", "/members/{other}", 2), ("DELETE", "/members/{other}", 2),
     ("POST", "/transfer", 1)],
)  # fmt: skip
async def test_a_role_that_is_too_low_is_refused_before_the_body(
    client: httpx.AsyncClient, org: Json, method: str, tail: str, allowed: int
) -> None:
    other, _ = await new_colleague(client, org["id"])
    for role in ROLES[allowed:]:
        _, headers = await new_colleague(client, org["id"], role)
        path = f"/orgs/{org['id']}{tail.format(other=other.id)}"
        answer = await client.request(method, path, json={"surprise": 1}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "organization_role_too_low"), role


@pytest.mark.parametrize(
    ("caller", "of", "to", "status"),
    [("owner", "member", "owner", 200), ("owner", "owner", "member", 200), ("owner", "admin", "member", 200),
     ("admin", "member", "admin", 200), ("admin", "admin", "member", 200), ("admin", "member", "owner", 403),
     ("admin", "owner", "member", 403)],
)  # fmt: skip
async def test_only_an_owner_makes_owners_or_changes_one(
    client: httpx.AsyncClient, org: Json, caller: str, of: str, to: str, status: int
) -> None:
    _, headers = await new_colleague(client, org["id"], caller)
    other, _ = await new_colleague(client, org["id"], of)
    answer = await client.patch(f"/orgs/{org['id']}/members/{other.id}", json={"role": to}, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert (answer.json()["user_id"], answer.json()["role"]) == (str(other.id), to)
    told = ("organization.member_role_changed", other.id)
    assert (told in await actions(organization_id=org["id"])) is (status == 200)


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "LEAVE"])
async def test_the_last_owner_stays(client: httpx.AsyncClient, org: Json, founder: dict[str, str], method: str) -> None:
    await new_colleague(client, org["id"], "admin")
    path = f"/orgs/{org['id']}/members/{await own_id(client, founder)}"
    if method == "PATCH":
        refused = await client.patch(path, json={"role": "admin"}, headers=founder)
    elif method == "DELETE":
        refused = await client.delete(path, headers=founder)
    else:
        refused = await client.post(f"/orgs/{org['id']}/leave", headers=founder)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    assert await roles(client, org, founder) == ["admin", "owner"]


async def test_one_owner_is_left_when_all_leave_at_the_same_moment(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    everyone = [founder] + [(await new_colleague(client, org["id"], "owner"))[1] for _ in range(5)]
    left = await asyncio.gather(*(client.post(f"/orgs/{org['id']}/leave", headers=one) for one in everyone))
    assert sorted(answer.status_code for answer in left) == [204] * 5 + [409]


async def test_one_owner_is_left_when_two_demote_each_other_at_the_same_moment(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    other, headers = await new_colleague(client, org["id"], "owner")
    path, founder_id = f"/orgs/{org['id']}/members", await own_id(client, founder)
    answers = await asyncio.gather(
        client.patch(f"{path}/{other.id}", json={"role": "member"}, headers=founder),
        client.patch(f"{path}/{founder_id}", json={"role": "member"}, headers=headers),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    assert await roles(client, org, founder) == ["member", "owner"]


async def test_who_goes_loses_the_organizations_workspaces_too(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    body = {"name": "w", "organization_id": org["id"]}
    workspace = (await client.post("/workspaces", json=body, headers=founder)).json()
    elsewhere = (await client.post("/workspaces", json={"name": "w"}, headers=founder)).json()
    colleague, headers = await new_colleague(client, org["id"])
    for one in (workspace, elsewhere):
        await join(one["id"], colleague)
    removed = await client.delete(f"/orgs/{org['id']}/members/{colleague.id}", headers=founder)
    assert removed.status_code == 204
    assert (await client.get(f"/workspaces/{workspace['id']}", headers=headers)).status_code == 404
    assert (await client.get(f"/workspaces/{elsewhere['id']}", headers=headers)).status_code == 200
    assert ("organization.member_removed", colleague.id) in await actions(organization_id=org["id"])


async def test_an_organization_is_handed_over(client: httpx.AsyncClient, org: Json, founder: dict[str, str]) -> None:
    colleague, headers = await new_colleague(client, org["id"])
    path = f"/orgs/{org['id']}"
    for wrong, status in (({"user_id": str(uuid4())}, 404), ({"user_id": "x"}, 422), ({}, 422)):
        assert (await client.post(f"{path}/transfer", json=wrong, headers=founder)).status_code == status
    handed = await client.post(f"{path}/transfer", json={"user_id": str(colleague.id)}, headers=founder)
    assert handed.status_code == 204
    assert (await client.get(path, headers=headers)).json()["role"] == "owner"
    assert (await client.get(path, headers=founder)).json()["role"] == "admin"
    assert (await client.post(f"{path}/leave", headers=founder)).status_code == 204
    assert (await client.get(path, headers=founder)).status_code == 404
    told = [action for action, _ in await actions(organization_id=org["id"])]
    assert told[-2:] == ["organization.transferred", "organization.member_left"]


async def test_a_persons_own_organization_stays_theirs(client: httpx.AsyncClient, founder: dict[str, str]) -> None:
    own = (await client.post("/workspaces", json={"name": "w"}, headers=founder)).json()["organization_id"]
    colleague, headers = await new_colleague(client, own, "owner")
    path, founder_id = f"/orgs/{own}", await own_id(client, founder)
    assert (await client.get(path, headers=founder)).json()["is_personal"] is True
    for answer in (
        await client.delete(path, headers=founder),
        await client.post(f"{path}/leave", headers=founder),
        await client.post(f"{path}/transfer", json={"user_id": str(colleague.id)}, headers=founder),
        await client.patch(f"{path}/members/{founder_id}", json={"role": "member"}, headers=headers),
        await client.delete(f"{path}/members/{founder_id}", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "organization_personal")


async def test_an_organization_with_workspaces_is_not_deleted(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    body = {"name": "w", "organization_id": org["id"]}
    workspace = (await client.post("/workspaces", json=body, headers=founder)).json()
    refused = await client.delete(f"/orgs/{org['id']}", headers=founder)
    assert (refused.status_code, refused.json()["code"]) == (409, "organization_not_empty")
    assert (await client.delete(f"/workspaces/{workspace['id']}", headers=founder)).status_code == 204
    assert (await client.delete(f"/orgs/{org['id']}", headers=founder)).status_code == 204


@pytest.mark.parametrize("role", ["boss", None, 5, ""])
async def test_a_role_that_is_none_is_refused_by_name(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str], role: object
) -> None:
    colleague, _ = await new_colleague(client, org["id"])
    answer = await client.patch(f"/orgs/{org['id']}/members/{colleague.id}", json={"role": role}, headers=founder)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "role"])


async def test_a_stranger_is_no_member_to_change_or_take_out(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    stranger = await make_user()
    path = f"/orgs/{org['id']}/members/{stranger.id}"
    for answer in (
        await client.patch(path, json={"role": "admin"}, headers=founder),
        await client.delete(path, headers=founder),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "organization_member_not_found")


async def test_a_new_role_counts_from_the_next_request(
    client: httpx.AsyncClient, org: Json, founder: dict[str, str]
) -> None:
    body = {"name": "w", "organization_id": org["id"]}
    workspace = (await client.post("/workspaces", json=body, headers=founder)).json()
    colleague = await make_user()
    headers = await log_in(client, colleague)
    assert (await client.get(f"/workspaces/{workspace['id']}", headers=headers)).status_code == 404
    await join_organization(org["id"], colleague, "admin")
    renamed = await client.patch(f"/workspaces/{workspace['id']}", json={"name": "n"}, headers=headers)
    assert renamed.status_code == 200
    path = f"/orgs/{org['id']}/members/{colleague.id}"
    assert (await client.patch(path, json={"role": "member"}, headers=founder)).status_code == 200
    assert (await client.get(f"/workspaces/{workspace['id']}", headers=headers)).status_code == 404

"""Members of a workspace over HTTP: who is shown, who changes whom, who may go."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.auth.models import User
from tests.factories.organizations import actions, new_colleague, new_organization
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]
Headers = dict[str, str]


@pytest.fixture
async def place(client: httpx.AsyncClient) -> Json:
    """A workspace of an organization of `client`."""
    org = await new_organization(client)
    made: Json = (await client.post("/workspaces", json={"name": "w", "organization_id": org["id"]})).json()
    return made


@pytest.fixture
async def member(client: httpx.AsyncClient, place: Json) -> tuple[User, Headers]:
    """A member of the workspace."""
    user = await make_user()
    await join(place["id"], user)
    return user, await log_in(client, user)


def path(place: Json, user: User | None = None) -> str:
    tail = f"/{user.id}" if user else ""
    return f"/workspaces/{place['id']}/members{tail}"


async def test_all_who_may_enter_are_listed_with_what_they_act_as(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    runs, _ = await new_colleague(client, place["organization_id"], "admin")
    joined, _ = await new_colleague(client, place["organization_id"], "admin")
    await join(place["id"], joined)
    outside, _ = await new_colleague(client, place["organization_id"], "member")
    listed = (await client.get(path(place), headers=member[1])).json()
    shown = {row["user_id"]: (row["role"], row["workspace_role"], row["organization_role"]) for row in listed["items"]}
    assert shown.pop(str(member[0].id)) == ("member", "member", None)
    assert shown.pop(str(runs.id)) == ("admin", None, "admin")
    assert shown.pop(str(joined.id)) == ("admin", "member", "admin")
    assert str(outside.id) not in shown
    assert list(shown.values()) == [("admin", "admin", "owner")]


async def test_everyone_is_told_what_they_act_as_themselves(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    _, runs = await new_colleague(client, place["organization_id"], "admin")
    made = await client.post(f"/workspaces/{place['id']}/api-keys", json={"name": "k", "scopes": ["write"]})
    key = {"Authorization": f"Bearer {made.json()['secret']}"}
    owner = {"Authorization": client.headers["Authorization"]}
    for headers, role in ((owner, "admin"), (runs, "admin"), (member[1], "member"), (key, "member")):
        read = (await anonymous.get(f"/workspaces/{place['id']}", headers=headers)).json()
        listed = (await anonymous.get("/workspaces", headers=headers)).json()["items"]
        assert read["role"] == role
        assert read in listed


async def test_members_are_listed_page_by_page(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    await new_colleague(client, place["organization_id"], "owner")
    first = (await client.get(path(place), params={"limit": 2})).json()
    rest = (await client.get(path(place), params={"cursor": first["next_cursor"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)
    assert len({row["user_id"] for row in first["items"] + rest["items"]}) == 3


async def test_an_admin_changes_a_role_and_it_counts_at_once(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    user, headers = member
    renaming, workspace = {"name": "mine"}, f"/workspaces/{place['id']}"
    assert (await client.patch(workspace, json=renaming, headers=headers)).status_code == 403
    changed = await client.patch(path(place, user), json={"role": "admin"})
    assert (changed.status_code, changed.json()["role"]) == (200, "admin")
    assert (await client.patch(workspace, json=renaming, headers=headers)).status_code == 200
    assert ("workspace.member_role_changed", user.id) in await actions(workspace_id=place["id"])


async def test_an_admin_takes_a_member_out_who_finds_nothing_then(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    user, headers = member
    assert (await client.delete(path(place, user))).status_code == 204
    assert (await client.get(f"/workspaces/{place['id']}", headers=headers)).status_code == 404
    assert (await client.delete(path(place, user))).json()["code"] == "member_not_found"
    assert ("workspace.member_removed", user.id) in await actions(workspace_id=place["id"])


async def test_a_member_leaves_but_takes_out_nobody_else(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers]
) -> None:
    user, headers = member
    other = await make_user()
    await join(place["id"], other)
    for answer in (
        await client.delete(path(place, other), headers=headers),
        await client.patch(path(place, other), json={"role": "boss"}, headers=headers),
        await client.patch(path(place, user), json={"role": "admin"}, headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "workspace_role_too_low")
    assert (await client.delete(path(place, user), headers=headers)).status_code == 204
    assert (await client.get(path(place), headers=headers)).status_code == 404
    assert ("workspace.member_left", user.id) in await actions(workspace_id=place["id"])


@pytest.mark.parametrize("role", ["owner", None, 5])
async def test_a_role_that_is_none_is_refused_by_name(
    client: httpx.AsyncClient, place: Json, member: tuple[User, Headers], role: object
) -> None:
    answer = await client.patch(path(place, member[0]), json={"role": role})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", "role"])

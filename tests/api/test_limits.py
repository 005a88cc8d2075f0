"""Limits over HTTP: 429 with what is left and when to come again; users, keys and addresses each by themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from api.limiting import NOT_COUNTED
from core.embedded.valkey import Valkey, running_valkey
from core.settings import Rate, RateName, Settings
from tests.factories.api_keys import headers_of, make_key
from tests.factories.users import PASSWORD, log_in, make_user
from tests.fixtures.smtp import Mails

Json = dict[str, Any]
PROXY = "10.9.9.9"
SMALL: dict[RateName, Rate] = {
    "requests": Rate(quota=5, window_s=600),
    "anonymous": Rate(quota=12, window_s=600),
    "login_pair": Rate(quota=2, window_s=600),
}


def address() -> str:
    """Return an address nobody had before."""
    number = uuid4().int
    return f"198.{18 + number % 2}.{number // 2 % 256}.{number // 512 % 256}"


@asynccontextmanager
async def limited(settings: Settings, *, peer: str = PROXY, **changes: Any) -> AsyncIterator[httpx.AsyncClient]:
    """An application with small limits behind a proxy, and a client of it."""
    changes = {"rate_limits": SMALL, "trusted_proxies": [PROXY]} | changes
    app = create_app(settings.model_copy(update=changes))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client,
    ):
        client.headers["X-Forwarded-For"] = address()
        yield client


@pytest.fixture
async def door(database: str, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with small limits, from an address of its own."""
    async with limited(settings) as client:
        yield client


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to be killed."""
    with running_valkey(tmp_path / "valkey", durable=False) as server:
        yield server


async def statuses(client: httpx.AsyncClient, times: int, **headers: str) -> list[int]:
    return [(await client.get("/auth/me", headers=headers)).status_code for _ in range(times)]


async def test_a_user_is_told_what_is_left_and_refused_when_nothing_is(door: httpx.AsyncClient) -> None:
    headers = await log_in(door, await make_user())
    answers = [await door.get("/auth/me", headers=headers) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["ratelimit-policy"] == '"requests";q=5;w=600'
    left = [answer.headers["ratelimit"].split(";t=")[0] for answer in answers]
    assert left == [f'"requests";r={n}' for n in (4, 3, 2, 1, 0, 0)]
    refused = answers[-1]
    assert (refused.json()["code"], refused.headers["content-type"]) == ("rate_limited", "application/problem+json")
    assert 110 <= int(refused.headers["retry-after"]) <= 120
    assert refused.json()["request_id"] == refused.headers["x-request-id"]


async def test_a_user_is_one_however_many_sessions_and_addresses(door: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = [await log_in(door, user) for _ in range(3)]
    got = [s for one in headers for s in await statuses(door, 2, **one, **{"X-Forwarded-For": address()})]
    assert got == [200] * 5 + [429]
    assert await statuses(door, 1, **await log_in(door, await make_user())) == [200]


async def test_each_key_is_counted_by_itself(door: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    workspace = (await client.post("/workspaces", json={"name": "w"})).json()["id"]
    keys = [headers_of(await make_key(client, workspace)) for _ in range(2)]
    for key in keys:
        first = await door.get(f"/workspaces/{workspace}", headers=key)
        assert first.headers["ratelimit"].startswith('"anonymous"')  # not known yet
        later = [(await door.get(f"/workspaces/{workspace}", headers=key)).status_code for _ in range(6)]
        assert later == [200] * 5 + [429]


async def test_who_makes_up_keys_and_tokens_is_counted_by_address(
    door: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    workspace = (await client.post("/workspaces", json={"name": "w"})).json()["id"]
    key = await make_key(client, workspace)
    await door.get(f"/workspaces/{workspace}", headers=headers_of(key))  # is known from now on
    made_up = [key["secret"][:-3] + f"{n:03}" for n in range(20)] + ["a.b.c"]
    got = [(await statuses(door, 1, Authorization=f"Bearer {one}"))[0] for one in made_up]
    assert got == [401] * 11 + [429] * 10
    answer = await door.get(f"/workspaces/{workspace}", headers=headers_of(key))
    assert answer.headers["ratelimit"].startswith('"requests";r=4')


async def test_addresses_are_counted_apart_and_what_a_client_forwards_by_itself_is_not_believed(
    door: httpx.AsyncClient,
) -> None:
    assert await statuses(door, 13) == [401] * 12 + [429]
    mine = door.headers["X-Forwarded-For"]
    for hostile in (f"203.0.113.9, {mine}", f"{PROXY}, {mine}", f"nonsense, {mine}, {PROXY}"):
        assert await statuses(door, 1, **{"X-Forwarded-For": hostile}) == [429], hostile
    assert await statuses(door, 1, **{"X-Forwarded-For": f"{mine}, {address()}"}) == [401]


async def test_without_a_trusted_proxy_forwarding_makes_nobody_new(database: str, settings: Settings) -> None:
    async with limited(settings, peer=address()) as client:
        got = [(await statuses(client, 1, **{"X-Forwarded-For": address()}))[0] for _ in range(13)]
    assert got == [401] * 12 + [429]


async def try_to_log_in(client: httpx.AsyncClient, email: str, password: str, **headers: str) -> httpx.Response:
    return await client.post("/auth/login", json={"email": email, "password": password}, headers=headers)


@pytest.mark.parametrize("known", [True, False])
async def test_guessing_a_password_is_stopped_alike_for_known_and_unknown_accounts(
    door: httpx.AsyncClient, known: bool
) -> None:
    email = (await make_user()).email if known else f"{uuid4().hex}@example.org"
    answers = [await try_to_log_in(door, email, "wrong") for _ in range(3)]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [
        (401, "bad_credentials"),
        (401, "bad_credentials"),
        (429, "too_many_attempts"),
    ]
    assert '"login_pair";q=2;w=600' in answers[0].headers["ratelimit-policy"]
    assert [a.headers["ratelimit"].split(", ")[1].split(";t")[0] for a in answers] == [
        '"login_pair";r=1', '"login_pair";r=0', '"login_pair";r=0',
    ]  # fmt: skip
    assert 290 <= int(answers[2].headers["retry-after"]) <= 300


async def test_whoever_is_stopped_the_owner_gets_in_from_elsewhere(door: httpx.AsyncClient) -> None:
    user = await make_user()
    for _ in range(5):
        last = await try_to_log_in(door, user.email, "wrong")
    assert last.status_code == 429
    assert (await try_to_log_in(door, user.email, PASSWORD)).status_code == 429
    elsewhere = {"X-Forwarded-For": address()}
    assert (await try_to_log_in(door, user.email, PASSWORD, **elsewhere)).status_code == 200


async def test_after_a_new_password_by_mail_the_owner_gets_in_from_there(door: httpx.AsyncClient, mails: Mails) -> None:
    user = await make_user()
    for _ in range(3):
        last = await try_to_log_in(door, user.email, "forgotten")
    assert last.status_code == 429
    await door.post("/auth/forgot-password", json={"email": user.email})
    [token] = [mail.token for mail in await mails.for_address(user.email)]
    body = {"new_password": "another one nobody would guess"}
    assert (await door.post(f"/auth/reset-password/{token}", json=body)).status_code == 204
    assert (await try_to_log_in(door, user.email, body["new_password"])).status_code == 200


async def test_the_form_of_the_docs_page_is_no_way_around(door: httpx.AsyncClient) -> None:
    user = await make_user()
    for _ in range(2):
        await door.post("/auth/token", data={"username": user.email.upper(), "password": "wrong"})
    assert (await try_to_log_in(door, user.email, PASSWORD)).status_code == 429


async def test_with_redis_killed_logins_are_limited_and_requests_go_on(
    database: str, settings: Settings, mortal: Valkey
) -> None:
    async with limited(settings, redis_url=mortal.url) as client:
        user = await make_user()
        headers = await log_in(client, user)
        mortal.kill()
        got = [(await try_to_log_in(client, user.email, "wrong")).status_code for _ in range(4)]
        assert got == [401, 401, 429, 429]
        assert await statuses(client, 4, **headers) == [200] * 4
        mortal.start()
        assert await statuses(client, 1, **headers) == [200]


async def test_switched_off_there_are_no_limits(database: str, settings: Settings) -> None:
    async with limited(settings, rate_limit_enabled=False) as client:
        assert await statuses(client, 30) == [401] * 30
        user = await make_user()
        got = [await try_to_log_in(client, user.email, "wrong") for _ in range(5)]
        assert {a.status_code for a in got} == {401}
        assert "ratelimit" not in got[0].headers


async def test_what_monitoring_asks_is_not_counted(door: httpx.AsyncClient) -> None:
    for path in NOT_COUNTED:
        answers = [await door.get(path) for _ in range(15)]
        assert 429 not in {answer.status_code for answer in answers}
        assert "ratelimit" not in answers[0].headers


async def test_a_browser_may_read_why_it_was_refused(database: str, settings: Settings) -> None:
    async with limited(settings, cors_origins=["https://ui.example"]) as client:
        for _ in range(13):
            answer = await client.get("/auth/me", headers={"Origin": "https://ui.example"})
        assert answer.status_code == 429
        assert answer.headers["access-control-allow-origin"] == "https://ui.example"
        asked = {"Origin": "https://ui.example", "Access-Control-Request-Method": "GET"}
        assert (await client.options("/auth/me", headers=asked)).status_code == 200


async def test_a_person_invites_only_so_many(database: str, settings: Settings) -> None:
    """Whichever workspace or organization, a first mail or one more."""
    few: dict[RateName, Rate] = {"invite_account": Rate(quota=3, window_s=600)}
    async with limited(settings, rate_limits=few) as client:
        headers = await log_in(client, await make_user())
        workspace = (await client.post("/workspaces", json={"name": "w"}, headers=headers)).json()
        places = [f"/workspaces/{workspace['id']}/invitations", f"/orgs/{workspace['organization_id']}/members"]
        made = [
            await client.post(place, json={"email": f"{uuid4().hex}@example.org", "role": "member"}, headers=headers)
            for place in places
        ]
        again = [await client.post(f"{made[0].headers['location']}/resend", headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in [*made, *again]] == [201, 201, 200, 429]
        assert again[1].json()["code"] == "too_many_attempts"
        other = await log_in(client, await make_user())
        theirs = (await client.post("/workspaces", json={"name": "w"}, headers=other)).json()
        body = {"email": f"{uuid4().hex}@example.org", "role": "member"}
        answer = await client.post(f"/workspaces/{theirs['id']}/invitations", json=body, headers=other)
        assert answer.status_code == 201

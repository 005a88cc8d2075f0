"""One's sessions: seen, ended one by one, outlived; a refresh token stolen ends all that came of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
from sqlalchemy import update
from sqlmodel import col

from core import clock
from core.audit import service as audit
from core.auth.models import AuthSession, User
from core.db import session as db
from core.settings import get_settings
from tests.factories.users import PASSWORD, log_in, make_user


async def log_in_with(client: httpx.AsyncClient, user: User, user_agent: str) -> dict[str, str]:
    body = {"email": user.email, "password": PASSWORD}
    answer = await client.post("/auth/login", json=body, headers={"User-Agent": user_agent})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


async def test_one_sees_ones_own_sessions_and_which_is_this_one(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    await log_in(anonymous, await make_user())
    await log_in_with(anonymous, user, "A telephone")
    here = await log_in_with(anonymous, user, "A computer" + "x" * 1000)
    found = (await anonymous.get("/auth/sessions", headers=here)).json()["items"]
    assert [(one["user_agent"][:11], one["current"]) for one in found] == [
        ("A computerx", True),
        ("A telephone", False),
    ]
    assert len(found[0]["user_agent"]) == 200


async def test_sessions_are_listed_page_by_page(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = [await log_in(anonymous, user) for _ in range(3)][-1]
    first = (await anonymous.get("/auth/sessions?limit=2", headers=headers)).json()
    rest = (await anonymous.get(f"/auth/sessions?limit=2&cursor={first['next_cursor']}", headers=headers)).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


async def test_one_ends_a_session_elsewhere_and_it_is_over_at_once(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    there, here = await log_in(anonymous, user), await log_in(anonymous, user)
    [other] = [
        one["id"] for one in (await anonymous.get("/auth/sessions", headers=here)).json()["items"] if not one["current"]
    ]
    assert (await anonymous.delete(f"/auth/sessions/{other}", headers=here)).status_code == 204
    assert (await anonymous.get("/auth/me", headers=there)).json()["code"] == "session_revoked"
    assert (await anonymous.get("/auth/me", headers=here)).status_code == 200
    again = await anonymous.delete(f"/auth/sessions/{other}", headers=here)
    assert (again.status_code, again.json()["code"]) == (404, "session_not_found")


async def test_nobody_ends_anothers_session(anonymous: httpx.AsyncClient) -> None:
    victim, attacker = await log_in(anonymous, await make_user()), await log_in(anonymous, await make_user())
    [theirs] = (await anonymous.get("/auth/sessions", headers=victim)).json()["items"]
    answer = await anonymous.delete(f"/auth/sessions/{theirs['id']}", headers=attacker)
    assert answer.status_code == 404
    assert (await anonymous.get("/auth/me", headers=victim)).status_code == 200


async def test_sessions_that_are_over_are_not_listed(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    for column, value in (
        ("revoked_at", clock.now()),
        ("expires_at", clock.now() - timedelta(seconds=1)),
        ("last_seen_at", clock.now() - timedelta(minutes=get_settings().idle_timeout + 1)),
    ):
        await log_in(anonymous, user)
        async with db.scope(db.SYSTEM) as session:
            await session.execute(
                update(AuthSession).where(col(AuthSession.user_id) == user.id).values({column: value})
            )
    headers = await log_in(anonymous, user)
    [only] = (await anonymous.get("/auth/sessions", headers=headers)).json()["items"]
    assert only["current"]


async def test_a_session_ends_in_the_end_however_much_it_is_used(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    answer = await anonymous.post("/auth/login", json={"email": user.email, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    [only] = (await anonymous.get("/auth/sessions", headers=headers)).json()["items"]
    limit = timedelta(hours=get_settings().session_limit_hours)
    async with db.scope(db.SYSTEM) as session:
        stored = await session.get_one(AuthSession, only["id"])
        assert abs(stored.expires_at - stored.created_at - limit) < timedelta(seconds=5)
        stored.expires_at = clock.now() - timedelta(seconds=1)
    assert (await anonymous.get("/auth/me", headers=headers)).json()["code"] == "session_revoked"
    again = await anonymous.post("/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]})
    assert (again.status_code, again.json()["code"]) == (401, "invalid_refresh_token")


async def test_refreshing_lengthens_no_session(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    answer = await anonymous.post("/auth/login", json={"email": user.email, "password": PASSWORD})
    ends = []
    for _ in range(2):
        answer = await anonymous.post("/auth/refresh", json={"refresh_token": answer.json()["refresh_token"]})
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        [only] = (await anonymous.get("/auth/sessions", headers=headers)).json()["items"]
        ends.append(only["expires_at"])
    assert ends[0] == ends[1]


async def test_of_twenty_refreshes_at_once_one_wins_and_the_session_is_over(anonymous: httpx.AsyncClient) -> None:
    """Two who hold the same token are one too many, however close together they come."""
    user = await make_user()
    tokens = (await anonymous.post("/auth/login", json={"email": user.email, "password": PASSWORD})).json()
    body = {"refresh_token": tokens["refresh_token"]}
    answers = await asyncio.gather(*(anonymous.post("/auth/refresh", json=body) for _ in range(20)))
    [won] = [answer.json() for answer in answers if answer.status_code == 200]
    assert {answer.json()["code"] for answer in answers if answer.status_code != 200} == {"invalid_refresh_token"}
    for token in (tokens["access_token"], won["access_token"]):
        me = await anonymous.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert (me.status_code, me.json()["code"]) == (401, "session_revoked")
    later = await anonymous.post("/auth/refresh", json={"refresh_token": won["refresh_token"]})
    assert later.status_code == 401


async def test_a_stolen_refresh_token_ends_its_own_session_and_no_other(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    elsewhere = await log_in(anonymous, user)
    tokens = (await anonymous.post("/auth/login", json={"email": user.email, "password": PASSWORD})).json()
    for _ in range(2):
        await anonymous.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (await anonymous.get("/auth/me", headers=elsewhere)).status_code == 200


async def test_ending_a_session_is_on_record(anonymous: httpx.AsyncClient) -> None:
    user = await make_user()
    await log_in(anonymous, user)
    headers = await log_in(anonymous, user)
    found = (await anonymous.get("/auth/sessions", headers=headers)).json()["items"]
    await anonymous.delete(f"/auth/sessions/{found[1]['id']}", headers=headers)
    async with db.scope(db.SYSTEM) as session:
        [entry] = await audit.list_entries(session, audit.Wanted(actor_id=user.id), limit=5)
    assert (entry.action, entry.data) == ("session.revoked", {"session_id": found[1]["id"]})

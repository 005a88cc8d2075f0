"""Log in, refresh, log out, be refused."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from passlib.hash import bcrypt
from sqlalchemy import select, update
from sqlmodel import col

from core import clock
from core.audit.models import AuditEntry
from core.auth import service as auth
from core.auth import tokens
from core.auth.models import AuthSession, User
from core.db import session as db
from core.orgs import service as orgs
from core.settings import Settings, get_settings
from tests.factories.users import NOBODY, PASSWORD, log_in, make_user


async def tokens_of(client: httpx.AsyncClient, user: User) -> dict[str, Any]:
    answer = await client.post("/auth/login", json={"email": user.email.upper(), "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def age_sessions(user_id: UUID, **ago: float) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            update(AuthSession)
            .where(col(AuthSession.user_id) == user_id)
            .values(last_seen_at=clock.now() - timedelta(**ago))
        )


async def last_seen(user_id: UUID) -> Any:
    async with db.scope(db.SYSTEM) as session:
        query = select(col(AuthSession.last_seen_at)).where(col(AuthSession.user_id) == user_id)
        return (await session.execute(query)).scalar_one()


async def test_login_answers_tokens_that_work(client: httpx.AsyncClient) -> None:
    user = await make_user()
    tokens = await tokens_of(client, user)
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == get_settings().access_token_expire_minutes * 60
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.json()["email"] == user.email
    assert "password" not in me.text


async def test_the_docs_page_logs_in_with_a_form(client: httpx.AsyncClient) -> None:
    user = await make_user()
    answer = await client.post("/auth/token", data={"username": user.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json()["access_token"]


async def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(client: httpx.AsyncClient) -> None:
    user = await make_user()
    answers = [
        await client.post("/auth/login", json={"email": email, "password": "wrong"})
        for email in (user.email, "unknown@example.org")
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "request_id"} for a in answers]
    assert [a.status_code for a in answers] == [401, 401]
    assert bodies[0] == bodies[1]
    assert bodies[0]["code"] == "bad_credentials"


async def test_inactive_and_unverified_users_are_told_so(client: httpx.AsyncClient) -> None:
    for user, code in (
        (await make_user(active=False), "user_inactive"),
        (await make_user(verified=False), "email_not_verified"),
    ):
        answer = await client.post("/auth/login", json={"email": user.email, "password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_disabling_a_user_takes_effect_on_the_next_request(client: httpx.AsyncClient) -> None:
    user = await make_user()
    headers = await log_in(client, user)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(update(User).where(col(User.id) == user.id).values(is_active=False))
    answer = await client.get("/auth/me", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "user_inactive")


async def test_a_bcrypt_hash_is_upgraded_at_login(client: httpx.AsyncClient) -> None:
    user = await make_user(password_hash=bcrypt.using(rounds=4).hash(PASSWORD))
    await log_in(client, user)
    async with db.scope(db.SYSTEM) as session:
        stored = await auth.find_user(session, user.email)
    assert stored is not None
    assert stored.password_hash.startswith("$argon2id$")


async def test_a_refresh_token_is_exchanged_once_and_its_reuse_ends_the_session(
    client: httpx.AsyncClient,
) -> None:
    first = await tokens_of(client, await make_user())
    second = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    again = await client.post("/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert (again.status_code, again.json()["code"]) == (401, "invalid_refresh_token")
    later = await client.post("/auth/refresh", json={"refresh_token": second.json()["refresh_token"]})
    assert later.status_code == 401
    headers = {"Authorization": f"Bearer {second.json()['access_token']}"}
    me = await client.get("/auth/me", headers=headers)
    assert (me.status_code, me.json()["code"]) == (401, "session_revoked")


async def test_of_twenty_refreshes_at_once_one_wins(client: httpx.AsyncClient) -> None:
    tokens = await tokens_of(client, await make_user())
    body = {"refresh_token": tokens["refresh_token"]}
    answers = await asyncio.gather(*(client.post("/auth/refresh", json=body) for _ in range(20)))
    assert sorted(a.status_code for a in answers) == [200] + [401] * 19


async def test_logout_ends_the_session_at_once(client: httpx.AsyncClient) -> None:
    headers = await log_in(client, await make_user())
    assert (await client.post("/auth/logout", headers=headers)).status_code == 204
    assert (await client.get("/auth/me", headers=headers)).status_code == 401


async def test_an_idle_session_is_over(client: httpx.AsyncClient) -> None:
    user = await make_user()
    tokens = await tokens_of(client, user)
    await age_sessions(user.id, minutes=get_settings().idle_timeout + 1)
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert (me.status_code, me.json()["code"]) == (401, "session_idle")
    refreshed = await client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "session_idle")


async def test_polling_jobs_and_refreshing_are_no_activity(client: httpx.AsyncClient) -> None:
    user = await make_user()
    tokens = await tokens_of(client, user)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    await age_sessions(user.id, minutes=2)
    before = await last_seen(user.id)
    assert (await client.get("/jobs", headers=headers)).status_code == 200
    assert (await client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})).status_code == 200
    assert await last_seen(user.id) == before
    assert (await client.get("/auth/me", headers=headers)).status_code == 200
    assert await last_seen(user.id) > before


@pytest.mark.parametrize(
    ("changes", "secret", "algorithm"),
    [
        ({"aud": "another-api"}, None, "HS256"),
        ({"iss": "another-issuer"}, None, "HS256"),
        ({"typ": "refresh"}, None, "HS256"),
        ({"exp": 1_600_000_000}, None, "HS256"),
        ({}, "another key, of thirty-two letters and more", "HS256"),
        ({}, None, "HS512"),
        ({}, "", "none"),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_token_with_anything_changed_is_refused(
    client: httpx.AsyncClient, settings: Settings, changes: dict[str, Any], secret: str | None, algorithm: str
) -> None:
    good = (await log_in(client, await make_user()))["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(good, settings.jwt_secret, algorithms=["HS256"], audience=tokens.AUDIENCE)
    same = jwt.encode(claims, settings.jwt_secret, algorithm="HS256")
    key = settings.jwt_secret if secret is None else secret
    forged = jwt.encode(claims | changes, key, algorithm=algorithm)
    answers = [await client.get("/auth/me", headers={"Authorization": f"Bearer {t}"}) for t in (same, forged)]
    assert [a.status_code for a in answers] == [200, 401]
    assert answers[1].json()["code"] == "invalid_token"


async def test_one_users_token_does_not_open_anothers_session(client: httpx.AsyncClient, settings: Settings) -> None:
    mine, other = await make_user(), await make_user()
    token = (await log_in(client, mine))["Authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, settings.jwt_secret, algorithms=["HS256"], audience=tokens.AUDIENCE)
    mixed = jwt.encode(claims | {"sub": str(other.id)}, settings.jwt_secret, algorithm="HS256")
    answer = await client.get("/auth/me", headers={"Authorization": f"Bearer {mixed}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


async def test_a_refresh_token_is_no_access_token_and_the_reverse(client: httpx.AsyncClient) -> None:
    tokens_ = await tokens_of(client, await make_user())
    me = await client.get("/auth/me", headers={"Authorization": f"Bearer {tokens_['refresh_token']}"})
    refreshed = await client.post("/auth/refresh", json={"refresh_token": tokens_["access_token"]})
    assert (me.status_code, refreshed.status_code) == (401, 401)


async def test_the_form_and_json_refuse_alike(client: httpx.AsyncClient) -> None:
    user = await make_user()
    form = await client.post("/auth/token", data={"username": user.email, "password": "wrong"})
    body = await client.post("/auth/login", json={"email": user.email, "password": "wrong"})
    assert (form.status_code, form.json()["code"]) == (body.status_code, body.json()["code"])
    incomplete = await client.post("/auth/token", data={"username": user.email})
    assert incomplete.json()["errors"][0]["loc"] == ["body", "password"]


async def test_a_logged_out_session_gives_no_new_tokens(client: httpx.AsyncClient) -> None:
    tokens_ = await tokens_of(client, await make_user())
    await client.post("/auth/logout", headers={"Authorization": f"Bearer {tokens_['access_token']}"})
    answer = await client.post("/auth/refresh", json={"refresh_token": tokens_["refresh_token"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_refresh_token")


async def test_without_a_token_nobody_is_anybody(client: httpx.AsyncClient) -> None:
    for value in ("", "Bearer", "Bearer ", "Basic YTpi", "Bearer not.a.token"):
        answer = await client.get("/auth/me", headers={"Authorization": value})
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert (await client.get("/auth/me", headers=NOBODY)).status_code == 401


async def test_a_restart_restores_the_superadmin_but_not_the_password(
    database: object, client: httpx.AsyncClient
) -> None:
    user = await make_user()
    settings = Settings(superadmin_email=user.email, superadmin_password="another password")
    async with db.scope(db.SYSTEM) as session:
        await orgs.ensure_personal(session, user)
        await session.execute(update(User).where(col(User.id) == user.id).values(is_active=False, is_verified=False))
    for _ in range(2):
        async with db.scope(db.SYSTEM) as session:
            await auth.ensure_superadmin(session, settings)
    async with db.scope(db.SYSTEM) as session:
        query = select(AuditEntry.action).where(col(AuditEntry.subject_id) == user.id)  # type: ignore[call-overload]
        assert list((await session.execute(query)).scalars()) == ["superadmin.restored"]
    headers = await log_in(client, user)
    assert (await client.get("/auth/me", headers=headers)).json()["is_superadmin"] is True


@pytest.mark.parametrize("active", [True, False])
async def test_who_signed_up_with_the_superadmins_address_first_is_not_the_superadmin(
    database: object, client: httpx.AsyncClient, active: bool
) -> None:
    squatter = await make_user(verified=False, active=active)
    settings = Settings(superadmin_email=squatter.email, superadmin_password="the operator's own password")
    async with db.scope(db.SYSTEM) as session:
        made = await auth.ensure_superadmin(session, settings)
        assert (made.id, made.is_superadmin, made.is_active) == (squatter.id, True, True)
    for password, status in ((PASSWORD, 401), (settings.superadmin_password, 200)):
        answer = await client.post("/auth/login", json={"email": squatter.email, "password": password})
        assert answer.status_code == status


async def test_another_superadmin_address_makes_another_account_and_takes_nothing_from_the_first(
    database: object, client: httpx.AsyncClient
) -> None:
    first = await make_user(superadmin=True)
    other = Settings(superadmin_email=f"other-{first.email}")
    async with db.scope(db.SYSTEM) as session:
        made = await auth.ensure_superadmin(session, other)
        assert (made.email, made.is_superadmin) == (other.superadmin_email, True)
    headers = await log_in(client, first)
    assert (await client.get("/auth/me", headers=headers)).json()["is_superadmin"] is True

"""What changes while a password is checked: an old one opens nothing, and a better hash of it is not written back."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from passlib.hash import bcrypt
from sqlalchemy import select, update
from sqlmodel import col

from core.auth import passwords, sessions
from core.auth import service as auth
from core.auth.models import AuthSession, User
from core.db import session as db
from tests.factories.users import PASSWORD, make_user

OTHER = "another one nobody would guess"


async def login_status(client: httpx.AsyncClient, user: User, password: str) -> int:
    return (await client.post("/auth/login", json={"email": user.email, "password": password})).status_code


def change_during_check(patch: pytest.MonkeyPatch, user: User, **values: object) -> None:
    """Have somebody change an account, once, when a login has checked the password and opened nothing yet."""
    check = auth.check_password
    waiting = [values]

    async def check_and_change(checked: User | None, password: str) -> str | None:
        upgraded = await check(checked, password)
        if waiting:
            async with db.scope(db.SYSTEM) as session:
                await session.execute(update(User).where(col(User.id) == user.id).values(**waiting.pop()))
                await sessions.revoke_all(session, user.id)
        return upgraded

    patch.setattr(auth, "check_password", check_and_change)


async def open_sessions(user: User) -> list[AuthSession]:
    async with db.scope(db.SYSTEM) as session:
        query = select(AuthSession).where(col(AuthSession.user_id) == user.id, col(AuthSession.revoked_at).is_(None))
        return list((await session.execute(query)).scalars())


@pytest.mark.parametrize("kind", ["argon2", "bcrypt"])
async def test_a_password_that_changes_during_a_login_opens_nothing(
    anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    user = await make_user(password_hash=bcrypt.using(rounds=4).hash(PASSWORD) if kind == "bcrypt" else None)
    change_during_check(monkeypatch, user, password_hash=await passwords.hash_password(OTHER))
    assert await login_status(anonymous, user, PASSWORD) == 401
    assert await open_sessions(user) == []
    assert await login_status(anonymous, user, PASSWORD) == 401
    assert await login_status(anonymous, user, OTHER) == 200


async def test_an_account_that_is_locked_during_a_login_opens_nothing(
    anonymous: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await make_user()
    change_during_check(monkeypatch, user, is_active=False)
    assert await login_status(anonymous, user, PASSWORD) == 403
    assert await open_sessions(user) == []


async def test_logins_at_once_that_upgrade_a_hash_all_succeed(anonymous: httpx.AsyncClient) -> None:
    user = await make_user(password_hash=bcrypt.using(rounds=4).hash(PASSWORD))
    found = await asyncio.gather(*(login_status(anonymous, user, PASSWORD) for _ in range(8)))
    assert found == [200] * 8

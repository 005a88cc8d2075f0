"""A mailed token is used once, for its purpose, in time, and only the last one of several works."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from core.auth import onetime
from core.auth.errors import LinkNotUsable
from core.auth.tokens import hashed
from core.db import session as db
from tests.factories.users import make_user


async def issued(purpose: onetime.Purpose = "reset_password") -> str:
    user = await make_user()
    async with db.scope(db.SYSTEM) as session:
        token, _ = await onetime.issue(session, purpose, user.id)
    return token


async def redeem(token: str, purpose: onetime.Purpose = "reset_password") -> bool:
    try:
        async with db.scope(db.SYSTEM) as session:
            await onetime.redeem(session, purpose, token)
    except LinkNotUsable:
        return False
    return True


async def test_of_twenty_who_use_a_token_at_once_one_does(database: str) -> None:
    token = await issued()
    assert sorted(await asyncio.gather(*(redeem(token) for _ in range(20)))) == [False] * 19 + [True]


async def test_looking_at_a_token_does_not_use_it(database: str) -> None:
    token = await issued()
    async with db.scope(db.SYSTEM) as session:
        assert await onetime.look(session, "reset_password", token) == await onetime.look(
            session, "reset_password", token
        )
    assert await redeem(token)


async def test_a_token_is_of_no_use_for_another_purpose(database: str) -> None:
    token = await issued("verify_email")
    assert await redeem(token, "reset_password") is False
    assert await redeem(token, "verify_email") is True


async def test_an_expired_token_is_of_no_use(database: str) -> None:
    token = await issued()
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("UPDATE auth_token SET expires_at = clock_timestamp() - interval '1 second'"))
    assert await redeem(token) is False


async def test_a_newer_token_replaces_the_one_that_waits(database: str) -> None:
    user = await make_user()
    async with db.scope(db.SYSTEM) as session:
        first, _ = await onetime.issue(session, "reset_password", user.id)
        other_purpose, _ = await onetime.issue(session, "verify_email", user.id)
    async with db.scope(db.SYSTEM) as session:
        second, _ = await onetime.issue(session, "reset_password", user.id)
    assert await redeem(first) is False
    assert await redeem(second) is True
    assert await redeem(other_purpose, "verify_email") is True


async def test_the_database_holds_no_token(database: str) -> None:
    token = await issued()
    async with db.scope(db.SYSTEM) as session:
        rows = (await session.execute(text("SELECT auth_token::text FROM auth_token"))).scalars().all()
    assert rows
    assert not any(token in row for row in rows)


async def test_tokens_that_expired_long_ago_are_deleted_and_waiting_ones_stay(database: str) -> None:
    old, waiting = await issued(), await issued()
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE auth_token SET expires_at = now() - interval '8 days' WHERE token_hash = :hash"),
            {"hash": hashed(old)},
        )
        await onetime.purge(session)
        left = (await session.execute(text("SELECT token_hash FROM auth_token"))).scalars().all()
    assert hashed(old) not in left
    assert hashed(waiting) in left


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800", "a" * 10_000])
async def test_what_is_no_token_is_refused(database: str, token: str) -> None:
    assert await redeem(token) is False

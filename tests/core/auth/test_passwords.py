"""Password hashes: their kind, upgrades, and the same work for unknown users."""

from __future__ import annotations

import asyncio

import pytest
from passlib.hash import bcrypt

from core.auth import passwords
from core.auth.errors import PasswordsBusy
from tests.fixtures.quick_passwords import FULL_COST


@pytest.fixture(autouse=True)
def _as_the_product_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_context", FULL_COST)


async def test_a_password_is_hashed_with_argon2id() -> None:
    stored = await passwords.hash_password("correct horse")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.verify("correct horse", stored) == (True, None)
    assert await passwords.verify("wrong horse", stored) == (False, None)


async def test_a_bcrypt_hash_is_verified_and_replaced() -> None:
    fits, upgraded = await passwords.verify("correct horse", bcrypt.using(rounds=4).hash("correct horse"))
    assert fits
    assert upgraded is not None
    assert upgraded.startswith("$argon2id$")


async def test_nobody_has_the_password_of_the_unknown_user() -> None:
    assert (await passwords.verify("nobody has this password", None))[0] is False


async def test_a_flood_is_refused_and_what_was_in_line_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_AT_ONCE", 3)
    found = await asyncio.gather(*(passwords.hash_password("correct horse") for _ in range(10)), return_exceptions=True)
    refused = [one for one in found if isinstance(one, PasswordsBusy)]
    assert len(refused) == 7
    assert {one.retry_after_s for one in refused} == {passwords.RETRY_AFTER_S}
    assert (await passwords.verify("correct horse", await passwords.hash_password("correct horse")))[0]


async def test_who_gives_up_waiting_leaves_the_line() -> None:
    waiting = [asyncio.create_task(passwords.hash_password("correct horse")) for _ in range(20)]
    await asyncio.sleep(0)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert len(passwords._under_way) == 0


async def test_the_event_loop_goes_on_while_passwords_are_hashed() -> None:
    hashing = asyncio.gather(*(passwords.hash_password("correct horse") for _ in range(10)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 20

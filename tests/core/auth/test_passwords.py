"""Password hashes: their kind, upgrades, and the same work for unknown users."""

from __future__ import annotations

from passlib.hash import bcrypt

from core.auth import passwords


async def test_a_password_is_hashed_with_argon2id() -> None:
    stored = await passwords.hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify("correct horse", stored) == (True, None)
    assert await passwords.verify("wrong horse", stored) == (False, None)


async def test_a_bcrypt_hash_is_verified_and_replaced() -> None:
    fits, upgraded = await passwords.verify("correct horse", bcrypt.using(rounds=4).hash("correct horse"))
    assert fits
    assert upgraded is not None
    assert upgraded.startswith("$argon2id$")


async def test_nobody_has_the_password_of_the_unknown_user() -> None:
    assert (await passwords.verify("nobody has this password", None))[0] is False

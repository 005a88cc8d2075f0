"""Password hashes: Argon2id; bcrypt is verified and upgraded. Hashing runs in a bounded pool of threads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")


@lru_cache(maxsize=1)
def _context() -> Any:
    from passlib.context import CryptContext

    return CryptContext(schemes=["argon2", "bcrypt"], deprecated=["bcrypt"], argon2__type="ID")


@lru_cache(maxsize=1)
def _unknown_user_hash() -> str:
    return str(_context().hash("nobody has this password"))


async def hash_password(password: str) -> str:
    """Return a new hash of `password`."""
    return await asyncio.get_running_loop().run_in_executor(_pool, lambda: str(_context().hash(password)))


async def verify(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Tell whether `password` fits, and return a new hash where the stored one is of an older kind.

    Without a stored hash a verification is done all the same, so that an unknown user takes as long.
    """

    def check() -> tuple[bool, str | None]:
        unknown = _unknown_user_hash()  # made once, whoever comes first
        fits, upgraded = _context().verify_and_update(password, stored or unknown)
        return bool(fits) and stored is not None, upgraded

    return await asyncio.get_running_loop().run_in_executor(_pool, check)

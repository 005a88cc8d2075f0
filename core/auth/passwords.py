"""Password hashes: Argon2id; bcrypt is verified and upgraded. Hashing runs in a bounded pool of threads."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, TypeVar

from core.auth.errors import PasswordsBusy

MOST_AT_ONCE: Final = 128
"""How many may be hashed or wait for it, in one process."""
RETRY_AFTER_S: Final = 5
_NICE: Final = 5

Result = TypeVar("Result")


def _stand_back() -> None:
    """Let the event loop's thread go first: on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


_pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password", initializer=_stand_back)
_under_way: set[asyncio.Future[Any]] = set()


async def _in_pool(work: Callable[[], Result]) -> Result:
    """Run `work` in the pool; raises PasswordsBusy where too many wait already. Who gives up leaves the line."""
    if len(_under_way) >= MOST_AT_ONCE:
        raise PasswordsBusy(retry_after_s=RETRY_AFTER_S)
    future = asyncio.get_running_loop().run_in_executor(_pool, work)
    _under_way.add(future)
    future.add_done_callback(_under_way.discard)
    return await future


@lru_cache(maxsize=1)
def _context() -> Any:
    from passlib.context import CryptContext

    return CryptContext(schemes=["argon2", "bcrypt"], deprecated=["bcrypt"], argon2__type="ID")


@lru_cache(maxsize=1)
def _unknown_user_hash() -> str:
    return str(_context().hash("nobody has this password"))


async def hash_password(password: str) -> str:
    """Return a new hash of `password`; raises PasswordsBusy."""
    return await _in_pool(lambda: str(_context().hash(password)))


async def verify(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Tell whether `password` fits, and return a new hash where the stored one is of an older kind.

    Without a stored hash a verification is done all the same, so that an unknown user takes as long. Raises
    PasswordsBusy.
    """

    def check() -> tuple[bool, str | None]:
        unknown = _unknown_user_hash()  # made once, whoever comes first
        fits, upgraded = _context().verify_and_update(password, stored or unknown)
        return bool(fits) and stored is not None, upgraded

    return await _in_pool(check)

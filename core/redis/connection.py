"""Connections with timeouts, keepalive and retries, so that a dead Redis delays nobody for long."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from core.settings import SettingsInvalid

# A refused connection surfaces as builtin OSError, everything else as RedisError.
REDIS_ERRORS: Final = (RedisError, OSError)
HEALTH_CHECK_S: Final = 15


def connection_pool(
    url: str, *, timeout_s: float = 2.0, retries: int = 1, max_connections: int = 100
) -> ConnectionPool:
    """Return a pool for `url`; `timeout_s` bounds each connect and each reply."""
    return ConnectionPool.from_url(
        url,
        max_connections=max_connections,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        socket_keepalive=True,
        health_check_interval=HEALTH_CHECK_S,
        redis_connect_func=_greet,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
    )


async def require_entry(url: str, *, timeout_s: float = 2.0) -> None:
    """Raise SettingsInvalid when the server at `url` lets nobody in; one that is away may come yet."""
    try:
        client = Redis(connection_pool=connection_pool(url, timeout_s=timeout_s, retries=0, max_connections=1))
    except ValueError as error:  # an option in its query that is none
        raise SettingsInvalid(f"REDIS_URL: {error}") from None
    try:
        async with asyncio.timeout(timeout_s):
            await client.ping()
    except (AuthenticationError, AuthorizationError, ResponseError) as error:
        raise SettingsInvalid(f"REDIS_URL: the server lets nobody in: {' '.join(str(error).split())}") from None
    except REDIS_ERRORS:  # a timeout is an OSError
        return
    finally:
        with suppress(*REDIS_ERRORS):
            await client.aclose(close_connection_pool=True)


async def _greet(connection: Any) -> None:
    """Introduce a new connection, without the health check on the way.

    The check of a connection that was just made asks a server that wants a password before it is told one, fails,
    connects again to be checked again, and so on until the stack is used up.
    """
    connection.health_check_interval = 0
    try:
        await connection.on_connect()
    finally:
        connection.health_check_interval = HEALTH_CHECK_S
    connection.next_health_check = asyncio.get_running_loop().time() + HEALTH_CHECK_S

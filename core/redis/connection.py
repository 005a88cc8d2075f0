"""Connections with timeouts, keepalive and retries, so that a dead Redis delays nobody for long."""

from __future__ import annotations

from typing import Final

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

# A refused connection surfaces as builtin OSError, everything else as RedisError.
REDIS_ERRORS: Final = (RedisError, OSError)


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
        health_check_interval=15,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), retries),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, OSError],
    )

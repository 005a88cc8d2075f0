"""A Redis that lets nobody in is told at start, and costs what one that is away costs; an absent one is waited for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from core.embedded.ports import find_free_port
from core.embedded.valkey import Valkey
from core.jobs.queue import JobQueue, arq_redis
from core.redis.connection import connection_pool, require_entry
from core.settings import Settings, SettingsInvalid
from tests.fixtures.wire import Wire


def address(server: Valkey, *, password: str = "", database: int = 0) -> str:
    """The address of a server that wants a password, with another one or with none."""
    parts = urlsplit(server.url)
    secret = f":{password}@" if password else ""
    return f"redis://{secret}{parts.hostname}:{parts.port}/{database}"


@pytest.mark.parametrize("database", [0, 3])
async def test_a_password_that_is_missing_is_an_error_of_redis(valkey_server: Valkey, database: int) -> None:
    url = address(valkey_server, database=database)
    queue = JobQueue(arq_redis(url, timeout_s=0.5))
    async with asyncio.timeout(1):
        assert await queue.ping() is False
    await queue.aclose()
    listener = Redis(connection_pool=connection_pool(url))
    async with asyncio.timeout(1), listener.pubsub() as pubsub:
        with pytest.raises(AuthenticationError):
            await pubsub.subscribe("sp:any")
    await listener.aclose(close_connection_pool=True)


async def test_a_connection_is_still_checked_when_it_was_idle(valkey_server: Valkey) -> None:
    pool = connection_pool(valkey_server.url)
    client = Redis(connection_pool=pool)
    pings = _pings(await client.info("commandstats"))
    connection = await pool.get_connection()
    connection.next_health_check = 0
    await connection.send_command("TIME")
    await connection.read_response()
    await pool.release(connection)
    assert _pings(await client.info("commandstats")) == pings + 1
    await client.aclose(close_connection_pool=True)


def _pings(stats: dict[str, dict[str, int]]) -> int:
    return stats.get("cmdstat_ping", {"calls": 0})["calls"]


@pytest.mark.parametrize(("password", "database"), [("", 0), ("", 3), ("wrong", 0), ("right", 999_999)])
async def test_who_is_let_in_nowhere_is_told_so_without_the_password(
    valkey_server: Valkey, password: str, database: int
) -> None:
    secret = urlsplit(valkey_server.url).password or ""
    url = address(valkey_server, password=secret if password == "right" else password, database=database)
    with pytest.raises(SettingsInvalid, match=r"^REDIS_URL: the server lets nobody in: ") as caught:
        await require_entry(url)
    assert secret not in str(caught.value)


async def test_an_option_that_is_none_is_told() -> None:
    with pytest.raises(SettingsInvalid, match=r"^REDIS_URL: .*max_connections"):
        await require_entry("redis://127.0.0.1/0?max_connections=many")


async def test_a_server_that_is_away_or_good_is_no_wrong_setting(valkey_server: Valkey) -> None:
    await require_entry(valkey_server.url)
    await require_entry(f"redis://127.0.0.1:{find_free_port()}/0")
    wire = await Wire(valkey_server.port).open()
    wire.hold_up()
    async with asyncio.timeout(2):
        await require_entry(wire.through(valkey_server.url), timeout_s=0.2)
    await wire.close()


@pytest.mark.parametrize("process", ["api", "worker"])
def test_a_process_ends_with_one_line_where_redis_lets_nobody_in(
    settings: Settings, valkey_server: Valkey, process: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", process],
        env=os.environ | {"REDIS_URL": address(valkey_server)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("settings: REDIS_URL: the server lets nobody in")
    assert done.stderr.count("\n") == 1

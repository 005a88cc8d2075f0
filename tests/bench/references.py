"""The least that could be done instead, measured beside each figure: the same servers, none of the guarantees."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import redis.asyncio
from openai import AsyncOpenAI

from core.db.session import asyncpg_url
from core.embedded.model import API_KEY

TABLE = """
    CREATE TABLE IF NOT EXISTS bare_job (
        id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'queued', epoch int NOT NULL DEFAULT 0, args jsonb)
"""
INSERT = "INSERT INTO bare_job (args) VALUES ('{}') RETURNING id"
CLAIM = "UPDATE bare_job SET status = 'running', epoch = epoch + 1 WHERE id = $1 AND status = 'queued' RETURNING epoch"
FINISH = "UPDATE bare_job SET status = 'succeeded' WHERE id = $1 AND epoch = 1"


async def in_parallel(count: int, width: int, do: Callable[[int], Awaitable[Any]]) -> float:
    """Do something `count` times, `width` at a time; return how many a second."""
    numbers = iter(range(count))

    async def lane() -> None:
        for number in numbers:
            await do(number)

    started = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(width)))
    return count / (time.perf_counter() - started)


class PlainClient:
    """One kept connection that posts JSON and reads statuses: it costs a tenth of a full client's CPU."""

    def __init__(self, host: str, port: int, authorization: str) -> None:
        self._address = host, port
        self._headers = f"Host: {host}:{port}\r\nAuthorization: {authorization}\r\nContent-Type: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> int:
        """Post a body; return the status."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
        reader, writer = self._streams
        writer.write(f"POST {path} HTTP/1.1\r\n{self._headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()


async def bare_inserts(url: str, count: int, width: int) -> float:
    """Insert and commit one row at a time; return rows a second."""
    async with asyncpg.create_pool(asyncpg_url(url), min_size=width, max_size=width) as pool:
        await pool.execute(TABLE)
        return await in_parallel(count, width, lambda _: pool.fetchval(INSERT))


async def bare_claims(url: str, count: int, width: int) -> float:
    """Claim and finish rows by two plain statements each; return rows a second."""
    async with asyncpg.create_pool(asyncpg_url(url), min_size=width, max_size=width) as pool:
        await pool.execute(TABLE)
        many = "INSERT INTO bare_job (args) SELECT '{}' FROM generate_series(1, $1) RETURNING id"
        ids = [row["id"] for row in await pool.fetch(many, count)]

        async def do(number: int) -> None:
            await pool.fetchval(CLAIM, ids[number])
            await pool.execute(FINISH, ids[number])

        return await in_parallel(count, width, do)


async def bare_pickups(database_url: str, redis_url: str, count: int) -> list[float]:
    """Insert, publish, and claim on the other side of the channel; return milliseconds of each."""
    inserting = await asyncpg.connect(asyncpg_url(database_url))
    claiming = await asyncpg.connect(asyncpg_url(database_url))
    client = redis.asyncio.Redis.from_url(redis_url)
    found: list[float] = []
    try:
        await inserting.execute(TABLE)
        async with client.pubsub() as channel:
            await channel.subscribe("bare")
            await channel.get_message(timeout=2)
            for _ in range(count):
                started = time.perf_counter()
                await client.publish("bare", str(await inserting.fetchval(INSERT)))
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=2)
                assert message is not None
                assert await claiming.fetchval(CLAIM, int(message["data"])) == 1
                found.append(1000 * (time.perf_counter() - started))
                await asyncio.sleep(0.02)
    finally:
        await client.aclose()
        await claiming.close()
        await inserting.close()
    return found


async def bare_model_calls(url: str, count: int, width: int, schema: dict[str, Any]) -> float:
    """Ask a model with the plain SDK, a semaphore and nothing kept; return the seconds it took."""
    gate = asyncio.Semaphore(width)
    shape: Any = {"type": "json_schema", "json_schema": {"name": "bare", "strict": True, "schema": schema}}
    async with AsyncOpenAI(base_url=url, api_key=API_KEY, max_retries=3) as client:

        async def ask(number: int) -> None:
            async with gate:
                answer = await client.chat.completions.create(
                    model="offline-demonstration-2",
                    messages=[{"role": "user", "content": f"Respondent {number}"}],
                    response_format=shape,
                    seed=number,
                )
            assert answer.choices[0].message.content

        await ask(count)
        started = time.perf_counter()
        await asyncio.gather(*(ask(number) for number in range(count)))
        return time.perf_counter() - started

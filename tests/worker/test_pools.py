"""Workers share a pool's line of messages: none takes it all, and who has people standing in line comes last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from core import tasks
from core.embedded.valkey import Valkey
from core.jobs.queue import NUDGE_CHANNEL, JobQueue, arq_redis, queue_name
from core.jobs.records import Hint
from worker.pools import PoolWorker, listen, patience_s

# A line that no worker of another test takes from.
POOL = "shared"
MESSAGES = 16


class Taking:
    """A worker whose jobs never end: what it took."""

    def __init__(self, line: Callable[[], float] | None = None) -> None:
        self.line = line
        self.jobs: list[UUID] = []

    async def run(self, job_id: UUID) -> None:
        self.jobs.append(job_id)
        await asyncio.Event().wait()


@pytest.fixture
async def queue(valkey_server: Valkey) -> AsyncIterator[JobQueue]:
    redis = arq_redis(valkey_server.url)
    await redis.delete(queue_name(POOL))
    yield JobQueue(redis)
    await redis.delete(queue_name(POOL))
    await redis.aclose(close_connection_pool=True)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(2000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about within 20 s")


async def _are_heard(queue: JobQueue, count: int) -> bool:
    [(_, listening)] = await queue.redis.pubsub_numsub("sp:doorbell:shared")
    return bool(listening >= count)


async def _have(takers: Sequence[Taking], count: int) -> bool:
    return sum(len(taker.jobs) for taker in takers) >= count


@asynccontextmanager
async def listening(valkey: Valkey, *takers: Taking) -> AsyncIterator[None]:
    """Run workers, each with a connection of its own, as processes have them."""
    queues = [JobQueue(arq_redis(valkey.url)) for _ in takers]
    pools = [PoolWorker(one, POOL, 20, taker.run, taker.line) for one, taker in zip(queues, takers, strict=True)]
    loops = [
        asyncio.create_task(listen(one.redis, [pool], NUDGE_CHANNEL, lambda: None))
        for one, pool in zip(queues, pools, strict=True)
    ]
    await _until(lambda: _are_heard(queues[0], len(takers)))
    loops += [asyncio.create_task(pool.main()) for pool in pools]
    try:
        yield
    finally:
        await tasks.end([*loops, *(task for pool in pools for task in pool.tasks.values())])
        for one in queues:
            await one.aclose()


async def taken(*takers: Taking, count: int = MESSAGES) -> list[int]:
    """Wait until all messages are taken and return how many each took."""
    await _until(lambda: _have(takers, count))
    jobs = [job_id for taker in takers for job_id in taker.jobs]
    assert len(jobs) == len(set(jobs)) == count
    return [len(taker.jobs) for taker in takers]


async def announce(queue: JobQueue, count: int = MESSAGES) -> None:
    assert await queue.announce([Hint(uuid4(), POOL, 0) for _ in range(count)])


async def test_a_lone_worker_takes_all(valkey_server: Valkey, queue: JobQueue) -> None:
    alone = Taking(line=lambda: 9.0)
    async with listening(valkey_server, alone):
        await announce(queue)
        assert await taken(alone) == [MESSAGES]


async def test_two_workers_share_what_comes_at_once(valkey_server: Valkey, queue: JobQueue) -> None:
    two = Taking(), Taking()
    async with listening(valkey_server, *two):
        await announce(queue)
        assert min(await taken(*two)) >= MESSAGES // 8


async def test_who_has_a_line_leaves_a_message_to_who_has_none(valkey_server: Valkey, queue: JobQueue) -> None:
    crowded, idle = Taking(line=lambda: 50.0), Taking()
    async with listening(valkey_server, crowded, idle):
        await announce(queue, 4)
        assert await taken(crowded, idle, count=4) == [0, 4]


async def test_what_nobody_else_takes_is_taken_by_the_crowded(valkey_server: Valkey, queue: JobQueue) -> None:
    crowded, crowded_too = Taking(line=lambda: 0.5), Taking(line=lambda: 0.5)
    async with listening(valkey_server, crowded, crowded_too):
        await announce(queue, 4)
        await taken(crowded, crowded_too, count=4)


def test_patience_grows_with_the_line_and_has_an_end() -> None:
    assert patience_s(0.5) < patience_s(5) == 0.5 < patience_s(500) < 1

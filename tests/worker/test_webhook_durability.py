"""Nothing told is lost, whatever is killed: workers in the middle of deliveries, Redis with all it had, receivers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from core.db import session as db
from core.events import service as events
from core.settings import get_settings
from core.webhooks import delivering
from tests.factories import webhooks as factory
from tests.factories.webhooks import SECRET, attempts, messages
from tests.fixtures.jobs import new_workspace
from tests.fixtures.receiver import Receiver, plain
from tests.fixtures.system import WorkerHandle

pytestmark = pytest.mark.usefixtures("job_database")
EVENTS = 120
WITHIN_S = 60


@pytest.fixture
async def receivers() -> AsyncIterator[list[Receiver]]:
    """Three receivers, a little slow; one of them refuses now and then."""
    made = [await Receiver(hang_s=0.02).start() for _ in range(3)]
    flaky = iter(range(10_000))

    made[1].answers = [lambda _got: plain(503 if next(flaky) % 20 == 3 else 200)]
    yield made
    for one in made:
        await one.stop()


async def write_events(workspace_ids: list[UUID], count: int) -> None:
    """Write events for workspaces in turns."""
    for number in range(count):
        workspace_id = workspace_ids[number % len(workspace_ids)]
        async with db.scope([workspace_id]) as session:
            await events.record(session, type="report.ready", workspace_id=workspace_id)


async def shorten_waits() -> None:
    """Let leases of dead workers lapse and waits be over: no test waits for a minute."""
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text(
                "UPDATE webhook_message SET lease_until = least(lease_until, now() + interval '1 s'),"
                " next_at = least(next_at, now() + interval '1 s') WHERE status = 'pending'"
            )
        )
        await session.execute(text("UPDATE webhook_endpoint SET open_until = NULL"))


@pytest.mark.timeout(150)
async def test_a_killed_worker_and_an_empty_redis_lose_nothing(receivers: list[Receiver]) -> None:
    workspace_ids = [await new_workspace() for _ in receivers]
    for workspace_id, receiver in zip(workspace_ids, receivers, strict=True):
        await factory.make(workspace_id, receiver.url)
    settings = get_settings()
    environment = {
        "DATABASE_URL": str(settings.database_url),
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "WORKER_POOLS": "delivery",
    }
    workers = [WorkerHandle.start(environment) for _ in range(2)]
    redis = Redis.from_url(str(settings.redis_url))
    try:
        writing = asyncio.create_task(write_events(workspace_ids, EVENTS))
        await receivers[0].has(5, within_s=WITHIN_S)
        await asyncio.to_thread(workers[0].kill)
        await redis.flushall()
        await writing
        async with asyncio.timeout(WITHIN_S):
            while not await all_delivered(workspace_ids):
                await shorten_waits()
                await asyncio.sleep(0.5)
    finally:
        await redis.aclose()
        for worker in workers:
            await asyncio.to_thread(worker.close)
    for workspace_id, receiver in zip(workspace_ids, receivers, strict=True):
        await assert_whole(workspace_id, receiver)


async def all_delivered(workspace_ids: list[UUID]) -> bool:
    """Tell whether every event has become a message, and all messages are delivered."""
    found = [one["status"] for workspace_id in workspace_ids for one in await messages(workspace_id)]
    return len(found) == EVENTS and set(found) == {"delivered"}


async def assert_whole(workspace_id: UUID, receiver: Receiver) -> None:
    """Assert that each message came, under one id, and that what came of it is written once."""
    stored = await messages(workspace_id)
    names = {f"msg_{one['id'].hex}" for one in stored}
    came = Counter(got.id for got in receiver.got)
    assert set(came) == names
    doubles = sum(came.values()) - len(await attempts(workspace_id))
    assert 0 <= doubles <= 2 * delivering.AT_ONCE, "only what was in flight at a kill may come again"
    assert {got.verified(SECRET)["data"]["sequence"] for got in receiver.got} == set(range(1, len(stored) + 1))

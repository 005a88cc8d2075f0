"""Ten thousand events for fifty receivers, ten of them dead: how soon the others have all of theirs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from tests.bench.conftest import taking_part
from tests.bench.meter import Meter
from tests.bench.page import WEBHOOKS, record
from tests.factories import webhooks as factory
from tests.fixtures.jobs import new_workspace
from tests.fixtures.receiver import Receiver
from tests.fixtures.system import System, running_system

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EVENTS = 10_000
ENDPOINTS = 50
SILENT = 5
GONE = 5
EACH = EVENTS // ENDPOINTS
SUBJECTS = 20
WITHIN_S = 180.0
_WRITE = """
    INSERT INTO event (workspace_id, type, subject_type, subject_id, data)
    SELECT w.id, 'report.ready', 'report', md5(w.id::text || n % $2)::uuid, '{}'
    FROM generate_series(1, $3) AS n, unnest($1::uuid[]) AS w(id) ORDER BY n
"""
_STANDING = """
    SELECT w.id, count(m.id) AS written, count(m.id) FILTER (WHERE m.status = 'delivered') AS delivered,
        count(m.id) FILTER (WHERE m.status = 'failed') AS failed
    FROM unnest($1::uuid[]) AS w(id) LEFT JOIN webhook_message m ON m.workspace_id = w.id GROUP BY w.id
"""


@pytest.fixture
async def product() -> AsyncIterator[System]:
    """The product, whose workers call local receivers; this process writes to its database too."""
    async with (
        running_system(WEBHOOK_ALLOW_PRIVATE="true", WORKER_POOLS="delivery", LOG_LEVEL="warning") as running,
        taking_part(running),
    ):
        yield running


@pytest.fixture
async def receivers() -> AsyncIterator[list[Receiver]]:
    """Fifty receivers: five never answer, at five nobody listens any more, the others take everything."""
    async with AsyncExitStack() as stack:
        made = []
        for number in range(ENDPOINTS):
            one = await Receiver(hang_s=3600 if number < SILENT else 0).start()
            stack.push_async_callback(one.stop)
            made.append(one)
        for one in made[SILENT : SILENT + GONE]:
            await one.stop()
        yield made


async def workspaces_of(receivers: list[Receiver]) -> list[UUID]:
    """Make a workspace with a webhook for each receiver."""
    found = []
    for receiver in receivers:
        found.append(await new_workspace())
        await factory.make(found[-1], receiver.url)
    return found


async def standing(product: System, workspace_ids: list[UUID]) -> dict[UUID, Any]:
    """Return how many messages of each workspace there are, and how many were delivered or given up."""
    return {row["id"]: row for row in await product.rows(_STANDING, workspace_ids)}


async def all_have_theirs(product: System, workspace_ids: list[UUID]) -> None:
    """Wait until all events of these workspaces are delivered."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            rows = await standing(product, workspace_ids)
            if all(row["delivered"] == EACH for row in rows.values()):
                return
            await asyncio.sleep(0.25)


@pytest.mark.parametrize("killed", [False, True], ids=["quiet", "killed"])
async def test_the_dead_delay_nobody(product: System, receivers: list[Receiver], killed: bool) -> None:
    workspace_ids = await workspaces_of(receivers)
    alive, well = receivers[SILENT + GONE :], workspace_ids[SILENT + GONE :]
    product.add_workers(2)
    await asyncio.sleep(3)  # they have started
    pids = tuple(worker.process.pid for worker in product.workers)
    with Meter({"workers": pids, "postgres": (product.postgres.pid or 0,)}) as used:
        began = time.monotonic()
        await product.rows(_WRITE, workspace_ids, SUBJECTS, EACH)
        if killed:
            await alive[0].has(EACH // 4, within_s=WITHIN_S)
            await asyncio.to_thread(product.workers[0].kill)
            await _empty(product)
            product.add_workers(1)
        await all_have_theirs(product, well)
        took_s = time.monotonic() - began
    rows = await standing(product, workspace_ids)
    assert {row["written"] for row in rows.values()} == {EACH}, "none is lost"
    assert {row["failed"] for row in rows.values()} == {0}, "nor given up: the dead may come back"
    for receiver in alive:
        assert len({got.id for got in receiver.got}) == EACH
    name = f"{WEBHOOKS}, a worker killed and Redis emptied" if killed else WEBHOOKS
    record(name, f"{took_s:.1f} s", took_s, said=f"{len(well) * EACH / took_s:.0f} deliveries/s; {used.busy()}")


async def _empty(product: System) -> None:
    redis = Redis.from_url(product.environment["REDIS_URL"])
    await redis.flushall()
    await redis.aclose()

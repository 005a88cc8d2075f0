"""Who sends what, and when: few at a time, in order, by one worker only; one dead receiver delays nobody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session as db
from core.db.direct import direct
from core.jobs.service import Author
from core.settings import get_settings
from core.webhooks import deliveries, delivering
from core.webhooks import service as webhooks
from core.webhooks.delivering import AT_ONCE
from core.webhooks.guard import Guard
from tests.factories import webhooks as factory
from tests.factories.webhooks import SECRET, attempts, deliver, messages
from tests.fixtures.courier import Clock
from tests.fixtures.jobs import new_workspace
from tests.fixtures.receiver import Receiver, plain
from worker import courier as couriers
from worker.courier import Courier

pytestmark = pytest.mark.usefixtures("job_database", "nothing_else")
HOUR = 3600.0


async def test_one_endpoint_gets_a_few_at_a_time(workspace_id: UUID, receiver: Receiver, courier: Courier) -> None:
    receiver.hang_s = 0.05
    await factory.make(workspace_id, receiver.url)
    for _ in range(12):
        await factory.tell(workspace_id)
    others = factory.courier()
    await asyncio.gather(deliver(courier), deliver(others))
    await deliver(courier)
    await others.drain(0)
    assert len({got.id for got in receiver.got}) == len(receiver.got) == 12
    assert receiver.most_at_once == AT_ONCE


async def test_messages_about_one_subject_are_sent_in_order(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id, *["report.ready"] * 10)
    await deliver(courier)
    assert [got.verified(SECRET)["data"]["sequence"] for got in receiver.got] == list(range(1, 11))


async def test_what_is_recovered_does_not_hold_what_came_after_it(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "LOOKED_AT", 2)
    webhook_id = await factory.make(workspace_id, receiver.url, status="disabled")
    subject_id = await factory.tell(workspace_id)
    await factory.change(webhook_id, status="enabled")
    await factory.tell(workspace_id, *["report.ready"] * 4, subject_id=subject_id)
    time.move(1)
    async with db.scope([workspace_id]) as session:
        endpoint = await webhooks.get(session, workspace_id, webhook_id)
        assert await deliveries.recover(session, endpoint, datetime(2026, 1, 1, tzinfo=UTC)) == 1
    assert await deliver(courier) == 5


async def test_one_that_failed_does_not_hold_those_behind_it(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    receiver.answers = [plain(500), plain(200)]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id, *["report.ready"] * 3)
    await deliver(courier)
    assert [one["status"] for one in await messages(workspace_id)] == ["pending", "delivered", "delivered"]


async def test_a_dead_receiver_delays_nobody(workspace_id: UUID, receiver: Receiver) -> None:
    dead = await Receiver(hang_s=30).start()
    small = factory.courier(slots=8)
    await factory.make(workspace_id, dead.url)
    await factory.make(workspace_id, receiver.url)
    for _ in range(30):
        await factory.tell(workspace_id)
    running = asyncio.create_task(small.run())
    try:
        await receiver.has(30, within_s=15)
    finally:
        running.cancel()
        await small.drain(0)
        await dead.stop()
    assert dead.connections <= AT_ONCE + 4


async def test_slow_receivers_of_one_workspace_leave_room_for_another(
    workspace_id: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "AT_ONCE_PER_WORKSPACE", 3)
    slow = await Receiver(hang_s=30).start()
    small, other_id = factory.courier(slots=4), await new_workspace()
    for _ in range(6):
        await factory.make(workspace_id, slow.url)
    await factory.make(other_id, receiver.url)
    await factory.tell(workspace_id, "report.ready")
    try:
        assert await small.look() == 3
        await factory.tell(other_id, "report.ready")
        assert await small.look() == 1
        await receiver.has(1)
    finally:
        await small.drain(0)
        await slow.stop()


async def test_the_workspace_with_the_least_under_way_comes_first(workspace_id: UUID) -> None:
    busy, other_id = 5, await new_workspace()
    for owner in [workspace_id] * 30 + [other_id]:
        await factory.make(owner, "https://192.0.43.7/")
    await factory.tell(workspace_id)
    async with direct(db.SYSTEM) as connection:
        assert len(await delivering.take(connection, busy)) == busy
    await factory.tell(other_id)
    async with direct(db.SYSTEM) as connection:
        [parcel] = await delivering.take(connection, 1)
    assert parcel.workspace_id == other_id


async def test_the_newest_attempts_are_kept(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has a message sent again and again does not make a list that no process can show."""
    monkeypatch.setattr(delivering, "MOST_ATTEMPTS", 3)
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    [message] = await messages(workspace_id)
    for _ in range(5):
        async with db.scope([workspace_id]) as session:
            await webhooks.redeliver(session, workspace_id, Author("system", None), message["id"])
        assert await deliver(courier) == 1
    assert [one["number"] for one in await attempts(workspace_id)] == [3, 4, 5]


async def test_what_a_worker_that_died_was_sending_is_anothers(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    receiver.hang_s = 0.5
    dying = factory.courier()
    assert await dying.look() == 1
    for task in dying._sending:
        task.cancel()
    assert await deliver(courier) == 0, "its lease holds"
    await _lapse(workspace_id)
    receiver.hang_s = 0
    assert await deliver(courier) == 1
    assert len({got.id for got in receiver.got}) == 1
    await dying.drain(0)


async def test_what_takes_long_stays_with_who_sends_it(
    workspace_id: UUID, receiver: Receiver, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "RENEW_S", 0.2)
    monkeypatch.setattr(delivering, "LEASE_S", 0.8)
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    receiver.hang_s = 1.5
    slow = Courier(get_settings(), Guard(private=True, total_s=10))
    running = asyncio.create_task(slow.run())
    try:
        await receiver.has(1)
        receiver.hang_s = 0
        for _ in range(10):
            await asyncio.sleep(0.1)
            assert await deliver(courier) == 0
        await slow.sent()
    finally:
        running.cancel()
        await slow.drain(0)
    assert len(receiver.got) == len(await attempts(workspace_id)) == 1


async def test_what_came_of_a_message_is_written_by_who_holds_it_only(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    receiver.hang_s = 0.3
    slow = factory.courier()
    await slow.look()
    await _lapse(workspace_id)
    assert await deliver(courier) == 1
    await slow.sent()
    assert (len(receiver.got), len(await attempts(workspace_id))) == (2, 1)
    await slow.drain(0)


async def test_a_process_that_is_told_to_stop_gives_back_what_it_was_sending(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    receiver.hang_s = 5
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    going = factory.courier()
    await going.look()
    await going.drain(0.1)
    receiver.hang_s = 0
    assert await deliver(courier) == 1


async def _lapse(workspace_id: UUID) -> None:
    async with db.scope(db.SYSTEM) as session:
        await session.execute(
            text("UPDATE webhook_message SET lease_until = now() - interval '1 s' WHERE workspace_id = :id"),
            {"id": workspace_id},
        )

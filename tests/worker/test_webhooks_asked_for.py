"""What an owner asks for is sent at once, whatever rest its receiver is in: a test, one delivery, all it missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.db import session as db
from core.jobs.service import Author
from core.webhooks import deliveries
from core.webhooks import service as webhooks
from core.webhooks.delivering import AT_ONCE
from core.webhooks.schemas import DeliveryRead
from tests.factories import webhooks as factory
from tests.factories.webhooks import SECRET, deliver, messages
from tests.fixtures.courier import Clock
from tests.fixtures.receiver import Receiver, plain
from worker.courier import Courier

pytestmark = pytest.mark.usefixtures("job_database", "nothing_else")
OWNER = Author("user", uuid4())
WAITING = 6


@pytest.fixture
async def resting(workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock) -> UUID:
    """A webhook that is left alone after failures, with some of its messages not tried yet; its receiver is mended."""
    receiver.answers = [*[plain(500)] * AT_ONCE, plain(200)]
    webhook_id = await factory.make(workspace_id, receiver.url)
    for _ in range(WAITING):
        await factory.tell(workspace_id)
    time.move(60)
    assert await deliver(courier) == AT_ONCE
    receiver.got.clear()
    return webhook_id


async def shown(workspace_id: UUID, webhook_id: UUID) -> list[DeliveryRead]:
    """Return the deliveries of a webhook as its owners see them, newest first."""
    async with db.scope([workspace_id]) as session:
        found = await deliveries.list_for(session, workspace_id, limit=50, before=None, webhook_id=webhook_id)
        return await deliveries.read_all(session, found)


async def recovered(workspace_id: UUID, webhook_id: UUID, since: datetime) -> int:
    async with db.scope([workspace_id]) as session:
        return await webhooks.recover(session, workspace_id, OWNER, webhook_id, since)


async def test_a_test_is_sent_before_what_waits(
    workspace_id: UUID, resting: UUID, receiver: Receiver, courier: Courier
) -> None:
    async with db.scope([workspace_id]) as session:
        await webhooks.send_test(session, workspace_id, OWNER, resting)
    await deliver(courier)
    assert receiver.got[0].verified(SECRET)["type"] == "webhook.test"


async def test_so_is_one_that_is_delivered_again(
    workspace_id: UUID, resting: UUID, receiver: Receiver, courier: Courier
) -> None:
    last = (await shown(workspace_id, resting))[0]
    async with db.scope([workspace_id]) as session:
        await webhooks.redeliver(session, workspace_id, OWNER, last.id)
    await deliver(courier)
    assert receiver.got[0].id == last.message_id


async def test_what_waits_for_its_next_attempt_is_recovered_too(
    workspace_id: UUID, resting: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    tried = sum(one["tries"] > 0 for one in await messages(workspace_id))
    assert await recovered(workspace_id, resting, time.moment - timedelta(hours=1)) == tried
    await deliver(courier)
    assert {one["status"] for one in await messages(workspace_id)} == {"delivered"}


async def test_what_was_written_before_and_failed_since_is_recovered(
    workspace_id: UUID, resting: UUID, time: Clock
) -> None:
    rows = await messages(workspace_id)
    since = max(one["created_at"] for one in rows) + timedelta(microseconds=1)
    attempts = await factory.attempts(workspace_id)
    assert await recovered(workspace_id, resting, since) == sum(one["at"] >= since for one in attempts) > 0
    assert await recovered(workspace_id, resting, time.moment + timedelta(hours=1)) == 0


async def test_nothing_is_said_to_be_tried_while_the_receiver_rests(workspace_id: UUID, resting: UUID) -> None:
    until = (await factory.endpoint(resting))["open_until"]
    moments = [one.next_attempt_at for one in await shown(workspace_id, resting)]
    assert len(moments) == WAITING
    assert all(at is not None and at >= until for at in moments)

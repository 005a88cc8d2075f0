"""What changes while a message is under way: its webhook is deleted, or leads elsewhere by now."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session as db
from core.jobs.service import Author
from core.webhooks import deliveries
from core.webhooks import service as webhooks
from core.webhooks.errors import DeliveryNotFound
from tests.factories import webhooks as factory
from tests.factories.webhooks import endpoint, messages
from tests.fixtures.receiver import Receiver, plain
from worker.courier import Courier

pytestmark = pytest.mark.usefixtures("job_database", "nothing_else")
AUTHOR = Author("system", None)


async def test_what_is_sent_again_while_its_webhook_is_deleted_is_not_found(workspace_id: UUID) -> None:
    webhook_id = await factory.make(workspace_id, "https://192.0.43.7/")
    await factory.tell(workspace_id)
    [message] = await messages(workspace_id)

    async def again() -> None:
        async with db.scope([workspace_id]) as session:
            await webhooks.redeliver(session, workspace_id, AUTHOR, message["id"])

    async with db.scope([workspace_id]) as session:
        await webhooks.delete(session, workspace_id, AUTHOR, webhook_id)
        asked = asyncio.create_task(again())
        await asyncio.sleep(0.2)
    with pytest.raises(DeliveryNotFound):
        await asked


async def test_deliveries_are_listed_while_their_webhook_is_deleted(workspace_id: UUID) -> None:
    await factory.make(workspace_id, "https://192.0.43.7/")
    await factory.tell(workspace_id)
    async with db.scope([workspace_id]) as session:
        found = await deliveries.list_for(session, workspace_id, limit=10, before=None)
        async with db.scope(db.SYSTEM) as other:
            await other.execute(text("DELETE FROM webhook_endpoint"))
        assert (len(found), await deliveries.read_all(session, found)) == (1, [])


@pytest.mark.parametrize("status", [410, 500])
async def test_what_the_url_before_answered_says_nothing_of_the_new_one(
    workspace_id: UUID, receiver: Receiver, courier: Courier, status: int
) -> None:
    receiver.hang_s = 0.3
    receiver.answers = [plain(status), plain(200)]
    webhook_id = await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    assert await courier.look() == 1
    await receiver.has(1)
    await factory.change(webhook_id, url=f"{receiver.url}/new")
    await courier.sent()
    row = await endpoint(webhook_id)
    assert (row["status"], row["failures"], row["failing_since"]) == ("enabled", 0, None)
    [message] = await messages(workspace_id)
    assert message["status"] == "pending"

"""Webhooks of a workspace, events for them, and a courier of this process that calls local receivers."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from core.db import session as db
from core.events import service as events
from core.settings import get_settings
from core.webhooks import secrets
from core.webhooks.guard import Guard
from core.webhooks.models import WebhookEndpoint
from tests.factories import jobs as job_rows
from worker.courier import Courier
from worker.fanout import fan_out

SECRET = secrets.new_secret()


async def make(workspace_id: UUID, url: str, *event_types: str, **more: Any) -> UUID:
    """Store a webhook that is signed with SECRET, past the checks of its URL."""
    made = WebhookEndpoint(
        workspace_id=workspace_id,
        url=url,
        event_types=list(event_types or ("*",)),
        secret=secrets.seal(get_settings(), SECRET),
        **more,
    )
    async with db.scope(db.SYSTEM) as session:
        session.add(made)
    return made.id


async def tell(workspace_id: UUID, *types: str, subject_id: UUID | None = None) -> UUID:
    """Write events of one subject and hand them out; return the subject."""
    subject_id = subject_id or uuid4()
    async with db.scope([workspace_id]) as session:
        for type_ in types or ("report.ready",):
            await events.record(
                session, type=type_, workspace_id=workspace_id, subject_type="report", subject_id=subject_id
            )
    await fan_out()
    return subject_id


async def end_job(workspace_id: UUID, status: str = "succeeded", **columns: Any) -> UUID:
    """Submit a job, end it and hand its end out; return its id."""
    job_id = await job_rows.submit(workspace_id, **columns)
    await job_rows.finish(await job_rows.claim(job_id), status)
    await fan_out()
    return job_id


def courier(**more: Any) -> Courier:
    """Return a courier that calls local receivers and waits for a second at most."""
    return Courier(get_settings(), Guard(private=True, total_s=1.0), **more)


async def deliver(by: Courier) -> int:
    """Send all that is due, to the last message; return how many were sent."""
    sent = 0
    while taken := await by.look():
        sent += taken
        await by.sent()
    return sent


async def rows(table: str, workspace_id: UUID, columns: str = "*", order: str = "1") -> list[dict[str, Any]]:
    """Return the rows of a table in a workspace."""
    query = text(f"SELECT {columns} FROM {table} WHERE workspace_id = :id ORDER BY {order}")
    async with db.scope(db.SYSTEM) as session:
        return [dict(row) for row in (await session.execute(query, {"id": workspace_id})).mappings()]


async def messages(workspace_id: UUID) -> list[dict[str, Any]]:
    """Return a workspace's messages in the order of writing."""
    return await rows("webhook_message", workspace_id, order="number")


async def attempts(workspace_id: UUID) -> list[dict[str, Any]]:
    """Return a workspace's attempts, in order."""
    return await rows("webhook_attempt", workspace_id, order="at, number")


async def endpoint(webhook_id: UUID) -> dict[str, Any]:
    """Return a webhook's row."""
    async with db.scope(db.SYSTEM) as session:
        found = await session.execute(text("SELECT * FROM webhook_endpoint WHERE id = :id"), {"id": webhook_id})
        return dict(found.mappings().one())


async def change(webhook_id: UUID, **columns: Any) -> None:
    """Set columns of a webhook's row."""
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text(f"UPDATE webhook_endpoint SET {sets} WHERE id = :id"), {"id": webhook_id} | columns)

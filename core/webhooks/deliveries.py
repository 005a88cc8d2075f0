"""Deliveries as their owners see them: list with attempts, make anew, recover what failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.db.paging import Before, newest_first
from core.webhooks.errors import DeliveryNotFound, WebhookDisabled
from core.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from core.webhooks.schemas import DeliveryRead


async def list_for(
    session: AsyncSession,
    workspace_id: UUID,
    *,
    limit: int,
    before: Before,
    webhook_id: UUID | None = None,
    job_id: UUID | None = None,
    status: str | None = None,
) -> list[WebhookMessage]:
    """Return a workspace's deliveries, newest first, those of callbacks too."""
    query = select(WebhookMessage).where(col(WebhookMessage.workspace_id) == workspace_id)
    if webhook_id is not None:
        query = query.where(col(WebhookMessage.endpoint_id) == webhook_id)
    if job_id is not None:
        query = query.where(col(WebhookMessage.job_id) == job_id)
    if status is not None:
        query = query.where(col(WebhookMessage.status) == status)
    query = newest_first(query, WebhookMessage, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def read_all(session: AsyncSession, found: Sequence[WebhookMessage]) -> list[DeliveryRead]:
    """Return the shapes of deliveries, with their attempts; those of a webhook that was deleted just now are none."""
    attempts: dict[UUID, list[WebhookAttempt]] = defaultdict(list)
    ids = [message.id for message in found]
    query = select(WebhookAttempt).where(col(WebhookAttempt.message_id).in_(ids)).order_by(col(WebhookAttempt.number))
    for attempt in (await session.execute(query)).scalars():
        attempts[attempt.message_id].append(attempt)
    receivers = select(WebhookEndpoint).where(col(WebhookEndpoint.id).in_({one.endpoint_id for one in found}))
    endpoints = {one.id: one for one in (await session.execute(receivers)).scalars()}
    known = [one for one in found if one.endpoint_id in endpoints]
    return [DeliveryRead.of(one, endpoints[one.endpoint_id], attempts[one.id]) for one in known]


# An attempt that is under way is the one that was asked for: what comes of it stands.
_FIRST = text("""
    UPDATE webhook_message m SET status = 'pending', step = 0, error = NULL, delivered_at = NULL,
        next_at = least(:now, (SELECT min(b.next_at) - interval '1 microsecond' FROM webhook_message b
            WHERE b.endpoint_id = m.endpoint_id AND b.status = 'pending' AND b.id <> m.id))
    WHERE m.id = :id
""")
_RECOVER = text("""
    UPDATE webhook_message m SET status = 'pending', step = 0, next_at = :now, error = NULL, delivered_at = NULL
    WHERE m.endpoint_id = :endpoint_id AND m.workspace_id = :workspace_id
        AND (m.status = 'failed' OR (m.status = 'pending' AND m.tries > 0))
        AND (m.created_at >= :since
            OR EXISTS (SELECT FROM webhook_attempt a WHERE a.message_id = m.id AND a.at >= :since))
""")
_DROP = text("""
    UPDATE webhook_message SET status = 'failed', next_at = NULL, lease_id = NULL, lease_until = NULL,
        error = 'webhook_disabled'
    WHERE endpoint_id = :endpoint_id AND status = 'pending'
        AND (lease_id IS NULL OR lease_until < clock_timestamp())
""")


async def find(session: AsyncSession, workspace_id: UUID, delivery_id: UUID) -> WebhookMessage:
    """Return a message; raises DeliveryNotFound."""
    query = select(WebhookMessage).where(
        col(WebhookMessage.id) == delivery_id, col(WebhookMessage.workspace_id) == workspace_id
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise DeliveryNotFound
    return found


async def send_first(session: AsyncSession, endpoint: WebhookEndpoint, message: WebhookMessage) -> DeliveryRead:
    """Make a message the next one its endpoint is sent, from the start of the schedule; the endpoint is held.

    Somebody asked for it and waits: the endpoint's pause is over, and what is due there comes behind.
    """
    await _end_pause(session, endpoint)
    await session.execute(_FIRST, {"id": message.id, "now": clock.now()})
    await session.refresh(message)
    return (await read_all(session, [message]))[0]


async def recover(session: AsyncSession, endpoint: WebhookEndpoint, since: datetime) -> int:
    """Send again all that was written or tried since and not taken, what waits for its next attempt too; return how
    many. The endpoint is held.
    """
    await _end_pause(session, endpoint)
    values = {"endpoint_id": endpoint.id, "workspace_id": endpoint.workspace_id, "since": since, "now": clock.now()}
    done = await session.execute(_RECOVER, values)
    return int(done.rowcount)  # type: ignore[attr-defined]  # it is an update


async def _end_pause(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    if endpoint.status != "enabled":
        raise WebhookDisabled
    endpoint.open_until = None
    await session.flush()


async def drop(session: AsyncSession, endpoint_id: UUID) -> None:
    """Give up what is still to be sent to an endpoint that was disabled; it can be recovered."""
    await session.execute(_DROP, {"endpoint_id": endpoint_id})

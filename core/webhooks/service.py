"""Operations on webhooks, by admins of their workspace: create, read, update, delete, rotate, enable, test."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock, receivers
from core.audit import service as audit
from core.db.base import uuid7
from core.db.paging import Before, newest_first
from core.errors import FieldError, Invalid
from core.jobs.service import Author
from core.settings import get_settings
from core.webhooks import body as bodies
from core.webhooks import deliveries, secrets, telling
from core.webhooks.errors import DeliveryNotFound, TooManyWebhooks, WebhookDisabled, WebhookNotFound
from core.webhooks.models import WebhookEndpoint, WebhookMessage, WebhookSecret
from core.webhooks.schemas import DeliveryRead, WebhookCreate, WebhookUpdate

MOST: Final = 50


def refuse_url(url: str) -> None:
    """Refuse a URL that can be told to be wrong by its look; raises Invalid naming body.url."""
    try:
        receivers.parse(url, private=get_settings().webhook_allow_private)
    except ValueError as error:
        raise Invalid([FieldError(("body", "url"), str(error))]) from None


async def create(
    session: AsyncSession, workspace_id: UUID, author: Author, wanted: WebhookCreate
) -> tuple[WebhookEndpoint, str]:
    """Make a webhook; return it with its secret, which nobody can read again. Raises Invalid, TooManyWebhooks."""
    refuse_url(wanted.url)
    here = select(func.count()).where(
        col(WebhookEndpoint.workspace_id) == workspace_id, col(WebhookEndpoint.kind) == "endpoint"
    )
    if (await session.execute(here)).scalar_one() >= MOST:
        raise TooManyWebhooks
    secret = secrets.new_secret()
    made = WebhookEndpoint(
        workspace_id=workspace_id,
        url=wanted.url,
        description=wanted.description,
        event_types=list(wanted.event_types),
        secret=secrets.seal(get_settings(), secret),
        created_by_type=author.type,
        created_by_id=author.id,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    await _record(session, "webhook.created", author, made, _told(made))
    return made, secret


async def get(session: AsyncSession, workspace_id: UUID, webhook_id: UUID, *, lock: bool = False) -> WebhookEndpoint:
    """Return a webhook; raises WebhookNotFound."""
    query = select(WebhookEndpoint).where(
        col(WebhookEndpoint.id) == webhook_id,
        col(WebhookEndpoint.workspace_id) == workspace_id,
        col(WebhookEndpoint.kind) == "endpoint",
    )
    found = (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if found is None:
        raise WebhookNotFound
    return found


async def list_for(session: AsyncSession, workspace_id: UUID, *, limit: int, before: Before) -> list[WebhookEndpoint]:
    """Return a workspace's webhooks, newest first."""
    query = select(WebhookEndpoint).where(
        col(WebhookEndpoint.workspace_id) == workspace_id, col(WebhookEndpoint.kind) == "endpoint"
    )
    query = newest_first(query, WebhookEndpoint, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def update(
    session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID, wanted: WebhookUpdate
) -> WebhookEndpoint:
    """Change a webhook; with another URL it begins anew. Raises WebhookNotFound, Invalid."""
    if wanted.url is not None:
        refuse_url(wanted.url)
    found = await get(session, workspace_id, webhook_id, lock=True)
    before = _told(found)
    if wanted.url is not None and wanted.url != found.url:
        found.url = wanted.url
        _forget_failures(found)
    if wanted.event_types is not None:
        found.event_types = list(wanted.event_types)
    if wanted.description is not None:
        found.description = wanted.description
    found.updated_at = clock.now()
    await session.flush()
    changed = {name: value for name, value in _told(found).items() if value != before[name]}
    if changed or wanted.url is not None:
        await _record(session, "webhook.updated", author, found, changed)
    if wanted.status == "enabled":
        await _enable(session, author, found)
    elif wanted.status == "disabled" and found.status == "enabled":
        await _disable(session, author, found)
    return found


async def delete(session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID) -> None:
    """Delete a webhook with its deliveries; what was not delivered yet is not. Raises WebhookNotFound."""
    found = await get(session, workspace_id, webhook_id, lock=True)
    await _record(session, "webhook.deleted", author, found, _told(found))
    await session.delete(found)
    await session.flush()


async def rotate(
    session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID
) -> tuple[WebhookEndpoint, str]:
    """Give a webhook a new secret; the one before signs too for 24 hours. Raises WebhookNotFound."""
    found = await get(session, workspace_id, webhook_id, lock=True)
    secret = secrets.new_secret()
    found.previous_secret, found.secret = found.secret, secrets.seal(get_settings(), secret)
    found.previous_secret_expires_at = clock.now() + secrets.OVERLAP
    found.updated_at = clock.now()
    await session.flush()
    await _record(session, "webhook.secret_rotated", author, found, {})
    return found, secret


async def enable(session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID) -> WebhookEndpoint:
    """Let a webhook be called again, from the next event on; raises WebhookNotFound."""
    found = await get(session, workspace_id, webhook_id, lock=True)
    await _enable(session, author, found)
    return found


async def send_test(session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID) -> DeliveryRead:
    """Write a message of the type `webhook.test` to one webhook, sent before all that waits for it.

    Raises WebhookNotFound, WebhookDisabled.
    """
    found = await get(session, workspace_id, webhook_id, lock=True)
    if found.status != "enabled":
        raise WebhookDisabled
    event_id, message_id = uuid4(), uuid7()
    row = {
        "id": message_id,
        "workspace_id": workspace_id,
        "endpoint_id": found.id,
        "url": None,
        "event_id": event_id,
        "type": bodies.TEST,
        "job_id": None,
        "subject_id": None,
        "sequence": 0,
        "body": bodies.test_body(event_id, workspace_id, found.id, clock.now()),
        "status": "pending",
        "error": None,
    }
    await telling.insert(session, [row])
    await _record(session, "webhook.tested", author, found, {})
    return await deliveries.send_first(session, found, await session.get_one(WebhookMessage, message_id))


async def redeliver(session: AsyncSession, workspace_id: UUID, author: Author, delivery_id: UUID) -> DeliveryRead:
    """Send a message again, before all that waits for its receiver; raises DeliveryNotFound, WebhookDisabled."""
    message = await deliveries.find(session, workspace_id, delivery_id)
    endpoint = await session.get(WebhookEndpoint, message.endpoint_id, with_for_update=True)
    if endpoint is None:  # deleted just now, and its messages with it
        raise DeliveryNotFound
    shown = await deliveries.send_first(session, endpoint, message)
    await _record(session, "webhook.redelivered", author, endpoint, {"delivery_id": str(delivery_id)})
    return shown


async def recover(session: AsyncSession, workspace_id: UUID, author: Author, webhook_id: UUID, since: datetime) -> int:
    """Send again all that a webhook missed since a moment; return how many. Raises WebhookNotFound, WebhookDisabled."""
    found = await get(session, workspace_id, webhook_id, lock=True)
    recovered = await deliveries.recover(session, found, since)
    data = {"since": since.isoformat(), "recovered": recovered}
    await _record(session, "webhook.recovered", author, found, data)
    return recovered


async def _enable(session: AsyncSession, author: Author, found: WebhookEndpoint) -> None:
    if found.status == "enabled":
        return
    found.status, found.disabled_reason, found.disabled_at = "enabled", None, None
    _forget_failures(found)
    found.updated_at = clock.now()
    await session.flush()
    await _record(session, "webhook.enabled", author, found, {})


async def _disable(session: AsyncSession, author: Author, found: WebhookEndpoint) -> None:
    found.status, found.disabled_reason, found.disabled_at = "disabled", "by_hand", clock.now()
    await session.flush()
    await deliveries.drop(session, found.id)
    await _record(session, "webhook.disabled", author, found, {"reason": "by_hand"})


def _forget_failures(found: WebhookEndpoint) -> None:
    found.failures, found.failing_since, found.open_until = 0, None, None


async def find_secret(session: AsyncSession, workspace_id: UUID) -> WebhookSecret | None:
    """Return the row of a workspace's webhook secret; None while there is none."""
    return await session.get(WebhookSecret, workspace_id, populate_existing=True)


async def rotate_secret(session: AsyncSession, workspace_id: UUID, author: Author) -> tuple[WebhookSecret, str]:
    """Give a workspace a new webhook secret, or its first one; the one before signs too for 24 hours."""
    secret = secrets.new_secret()
    sealed = secrets.seal(get_settings(), secret)
    row = await session.get(WebhookSecret, workspace_id, with_for_update=True)
    if row is None:
        row = WebhookSecret(workspace_id=workspace_id, secret=sealed)
        session.add(row)
    else:
        row.previous_secret, row.secret = row.secret, sealed
        row.previous_secret_expires_at = clock.now() + secrets.OVERLAP
        row.rotated_at = clock.now()
    await session.flush()
    await session.refresh(row)
    await audit.record(
        session,
        "webhook_secret.rotated",
        actor_type=author.type,
        actor_id=author.id,
        workspace_id=workspace_id,
        subject_type="workspace",
        subject_id=workspace_id,
    )
    return row, secret


def _told(endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Return what the audit log says of a webhook: of the URL where it leads, not its path, which may hold a token."""
    host = receivers.parse(endpoint.url, private=True).origin
    return {"receiver": host, "event_types": list(endpoint.event_types), "description": endpoint.description}


async def _record(
    session: AsyncSession, action: str, author: Author, endpoint: WebhookEndpoint, data: dict[str, Any]
) -> None:
    await audit.record(
        session,
        action,
        actor_type=author.type,
        actor_id=author.id,
        workspace_id=endpoint.workspace_id,
        subject_type="webhook",
        subject_id=endpoint.id,
        data=data,
    )

"""Webhooks of a workspace, their deliveries, and the secret of callbacks (admins)."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AuthenticatedRoute, CurrentAdmin
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.db.moments import Moment
from core.errors import FieldError, Invalid
from core.webhooks import deliveries
from core.webhooks import service as webhooks
from core.webhooks.guard import Guard, Uncalled
from core.webhooks.models import WebhookMessage
from core.webhooks.schemas import (
    DeliveryRead,
    Recovered,
    WebhookCreate,
    WebhookMade,
    WebhookRead,
    WebhookSecretMade,
    WebhookSecretRead,
    WebhookUpdate,
)

router = APIRouter(prefix="/workspaces/{ws}", tags=["webhooks"], route_class=AuthenticatedRoute)
JobFilter = Annotated[UUID | None, Query(description="deliveries about this job")]
Status = Annotated[Literal["pending", "delivered", "failed"] | None, Query(alias="status")]


async def _require_public(request: Request, url: str) -> None:
    """Refuse a URL whose name leads to where it must not; one that nobody can look up now is looked up when called."""
    webhooks.refuse_url(url)
    guard: Guard = request.app.state.receivers
    try:
        await guard.check(url)
    except Uncalled as error:
        if error.code == "address_refused":
            raise Invalid([FieldError(("body", "url"), error.detail)]) from None


@router.post("/webhooks", status_code=201, operation_id="create_webhook")
async def create_webhook(
    member: CurrentAdmin, body: WebhookCreate, request: Request, response: Response
) -> WebhookMade:
    """Make a webhook (admins). Its `secret` is in this answer and in no other."""
    await _require_public(request, body.url)
    async with db.scope([member.workspace_id]) as session:
        made, secret = await webhooks.create(session, member.workspace_id, member.author, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/webhooks/{made.id}"
    return WebhookMade.with_secret(made, secret)


@router.get("/webhooks", operation_id="list_webhooks")
async def list_webhooks(member: CurrentAdmin, limit: Limit = 50, cursor: str | None = None) -> Page[WebhookRead]:
    """List a workspace's webhooks, newest first (admins)."""
    async with db.scope([member.workspace_id]) as session:
        found = await webhooks.list_for(session, member.workspace_id, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [WebhookRead.of(one) for one in found])


@router.get("/webhooks/deliveries", operation_id="list_deliveries")
async def list_deliveries(
    member: CurrentAdmin,
    limit: Limit = 50,
    cursor: str | None = None,
    job_id: JobFilter = None,
    status: Status = None,
) -> Page[DeliveryRead]:
    """List the deliveries of all webhooks and of jobs' callbacks, with their attempts, newest first (admins)."""
    async with db.scope([member.workspace_id]) as session:
        before = decode_cursor(cursor)
        found = await deliveries.list_for(
            session, member.workspace_id, limit=limit + 1, before=before, job_id=job_id, status=status
        )
        return await _page(session, found, limit)


@router.post("/webhooks/deliveries/{delivery_id}/redeliver", status_code=202, operation_id="redeliver")
async def redeliver(member: CurrentAdmin, delivery_id: UUID) -> DeliveryRead:
    """Send a delivery again, delivered or not, under the same `webhook-id` and before all that waits (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return await webhooks.redeliver(session, member.workspace_id, member.author, delivery_id)


@router.get("/webhooks/{webhook_id}", operation_id="get_webhook")
async def get_webhook(member: CurrentAdmin, webhook_id: UUID) -> WebhookRead:
    """Read a webhook (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return WebhookRead.of(await webhooks.get(session, member.workspace_id, webhook_id))


@router.patch("/webhooks/{webhook_id}", operation_id="update_webhook")
async def update_webhook(member: CurrentAdmin, webhook_id: UUID, body: WebhookUpdate, request: Request) -> WebhookRead:
    """Change a webhook's URL, event types or description, or disable or enable it (admins)."""
    async with db.scope([member.workspace_id]) as session:
        await webhooks.get(session, member.workspace_id, webhook_id)
    if body.url is not None:
        await _require_public(request, body.url)
    async with db.scope([member.workspace_id]) as session:
        return WebhookRead.of(await webhooks.update(session, member.workspace_id, member.author, webhook_id, body))


@router.delete("/webhooks/{webhook_id}", status_code=204, operation_id="delete_webhook")
async def delete_webhook(member: CurrentAdmin, webhook_id: UUID) -> None:
    """Delete a webhook with its deliveries (admins)."""
    async with db.scope([member.workspace_id]) as session:
        await webhooks.delete(session, member.workspace_id, member.author, webhook_id)


@router.post("/webhooks/{webhook_id}/rotate-secret", operation_id="rotate_webhook_secret")
async def rotate_webhook_secret(member: CurrentAdmin, webhook_id: UUID) -> WebhookMade:
    """Give a webhook a new secret, shown this once; the one before signs too for 24 hours (admins)."""
    async with db.scope([member.workspace_id]) as session:
        found, secret = await webhooks.rotate(session, member.workspace_id, member.author, webhook_id)
    return WebhookMade.with_secret(found, secret)


@router.post("/webhooks/{webhook_id}/test", status_code=202, operation_id="test_webhook")
async def test_webhook(member: CurrentAdmin, webhook_id: UUID) -> DeliveryRead:
    """Send a `webhook.test` to a webhook, before all that waits for it (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return await webhooks.send_test(session, member.workspace_id, member.author, webhook_id)


@router.post("/webhooks/{webhook_id}/enable", operation_id="enable_webhook")
async def enable_webhook(member: CurrentAdmin, webhook_id: UUID) -> WebhookRead:
    """Let a disabled webhook be called again, from the next event on (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return WebhookRead.of(await webhooks.enable(session, member.workspace_id, member.author, webhook_id))


@router.get("/webhooks/{webhook_id}/deliveries", operation_id="list_webhook_deliveries")
async def list_webhook_deliveries(
    member: CurrentAdmin, webhook_id: UUID, limit: Limit = 50, cursor: str | None = None, status: Status = None
) -> Page[DeliveryRead]:
    """List a webhook's deliveries of the last 30 days with their attempts, newest first (admins)."""
    async with db.scope([member.workspace_id]) as session:
        await webhooks.get(session, member.workspace_id, webhook_id)
        before = decode_cursor(cursor)
        found = await deliveries.list_for(
            session, member.workspace_id, limit=limit + 1, before=before, webhook_id=webhook_id, status=status
        )
        return await _page(session, found, limit)


@router.post("/webhooks/{webhook_id}/recover", status_code=202, operation_id="recover_webhook")
async def recover_webhook(member: CurrentAdmin, webhook_id: UUID, since: Moment) -> Recovered:
    """Send again, now, all that was written or tried since a moment and was not taken (admins).

    What waits for its next attempt is among it, and what came while the webhook was disabled.
    """
    async with db.scope([member.workspace_id]) as session:
        recovered = await webhooks.recover(session, member.workspace_id, member.author, webhook_id, since)
    return Recovered(recovered=recovered)


@router.get("/webhook-secret", operation_id="get_callback_secret")
async def get_callback_secret(member: CurrentAdmin) -> WebhookSecretRead:
    """Read since when there is a secret that signs calls of `callback_url`, not the secret (admins)."""
    async with db.scope([member.workspace_id]) as session:
        found = await webhooks.find_secret(session, member.workspace_id)
    return WebhookSecretRead.model_validate(found) if found else WebhookSecretRead()


@router.post("/webhook-secret/rotate", operation_id="rotate_callback_secret")
async def rotate_callback_secret(member: CurrentAdmin) -> WebhookSecretMade:
    """Make the secret that signs calls of `callback_url`, or a new one, shown this once (admins)."""
    async with db.scope([member.workspace_id]) as session:
        row, secret = await webhooks.rotate_secret(session, member.workspace_id, member.author)
    return WebhookSecretMade.with_secret(row, secret)


async def _page(session: AsyncSession, found: list[WebhookMessage], limit: int) -> Page[DeliveryRead]:
    return page(found, limit, await deliveries.read_all(session, found[:limit]))

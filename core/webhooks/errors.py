"""Refusals of webhooks."""

from __future__ import annotations

from core.errors import Conflict, NotFound


class WebhookNotFound(NotFound):
    """There is no such webhook in this workspace."""

    code = "webhook_not_found"


class DeliveryNotFound(NotFound):
    """There is no such delivery in this workspace, or no longer."""

    code = "delivery_not_found"


class WebhookDisabled(Conflict):
    """The webhook is disabled; enable it first."""

    code = "webhook_disabled"


class TooManyWebhooks(Conflict):
    """A workspace has at most 50 webhooks."""

    code = "too_many_webhooks"

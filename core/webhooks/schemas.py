"""Shapes of webhooks over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.db.text import Text
from core.jobs.schemas import Creator
from core.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage, WebhookSecret

PROGRESS: Final = "job.progress"
EventType = Literal[
    "job.succeeded", "job.failed", "job.cancelled", "job.progress", "report.ready", "simulation.completed", "*"
]
TOLD: Final = ("job.succeeded", "job.failed", "job.cancelled", PROGRESS, "report.ready", "simulation.completed")
"""The types of events that receivers are told of."""


def message_name(message_id: UUID) -> str:
    """Return what `webhook-id` says of a message, the same at every attempt."""
    return f"msg_{message_id.hex}"


def _each_once(value: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(value))


Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2000,
        description="https, port 443 or 8443, a public address; no user name, password or fragment",
    ),
]
EventTypes = Annotated[
    list[EventType],
    Field(min_length=1, max_length=20, description="`*` is all but `job.progress`, which is to be named"),
    AfterValidator(_each_once),
]
Description = Annotated[Text, Field(description="what it is for, up to 2000 characters")]


class WebhookCreate(BaseModel):
    """A webhook to make."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    event_types: EventTypes
    description: Description = ""


class WebhookUpdate(BaseModel):
    """What is to change of a webhook; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    event_types: EventTypes | None = None
    description: Description | None = None
    status: Literal["enabled", "disabled"] | None = None


class WebhookRead(BaseModel):
    """A webhook, without its secret.

    `failing_since` is the first failure of those since the last success; five days after it the webhook is disabled.
    """

    id: UUID
    url: str
    description: str
    event_types: list[str]
    status: Literal["enabled", "disabled"]
    disabled_reason: str | None = Field(description="`gone` (410), `failing` (for five days) or `by_hand`")
    disabled_at: datetime | None
    failing_since: datetime | None
    previous_secret_expires_at: datetime | None = Field(description="until when the secret before signs too")
    created_by: Creator
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> WebhookRead:
        """Build from a row."""
        return cls.model_validate(_shown(endpoint))


class WebhookMade(WebhookRead):
    """A webhook with its new secret, which is shown this once."""

    secret: str = Field(description="`whsec_…`: the key that deliveries are verified with")

    @classmethod
    def with_secret(cls, endpoint: WebhookEndpoint, secret: str) -> WebhookMade:
        """Build from a row and its secret."""
        return cls.model_validate(_shown(endpoint) | {"secret": secret})


def _shown(endpoint: WebhookEndpoint) -> dict[str, Any]:
    creator = Creator.model_validate({"type": endpoint.created_by_type, "id": endpoint.created_by_id})
    row = endpoint.model_dump(exclude={"secret", "previous_secret"})
    return row | {"created_by": creator}


class AttemptRead(BaseModel):
    """One attempt: the receiver's HTTP status, or the error that there was instead."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    status_code: int | None
    latency_ms: int
    response: str = Field(description="the beginning of the answer's body")
    error_code: str | None
    error: str | None


class DeliveryRead(BaseModel):
    """An event on its way to one receiver, with its attempts, oldest first."""

    id: UUID
    webhook_id: UUID | None = Field(description="the webhook; null for a job's `callback_url`")
    message_id: str = Field(description="what the header `webhook-id` says, at every attempt")
    url: str
    event_id: UUID
    event_type: str
    job_id: UUID | None
    subject_id: UUID | None
    sequence: int
    status: Literal["pending", "delivered", "failed"]
    error: str | None = Field(description="why it failed without an attempt: `webhook_disabled`")
    next_attempt_at: datetime | None = Field(description="not before; null unless it is pending")
    created_at: datetime
    delivered_at: datetime | None
    attempts: list[AttemptRead]

    @classmethod
    def of(cls, message: WebhookMessage, endpoint: WebhookEndpoint, attempts: list[WebhookAttempt]) -> DeliveryRead:
        """Build from rows."""
        return cls(
            id=message.id,
            webhook_id=endpoint.id if endpoint.kind == "endpoint" else None,
            message_id=message_name(message.id),
            url=message.url or endpoint.url,
            event_id=message.event_id,
            event_type=message.type,
            job_id=message.job_id,
            subject_id=message.subject_id,
            sequence=message.sequence,
            status=message.status,
            error=message.error,
            next_attempt_at=_next_attempt_at(message, endpoint),
            created_at=message.created_at,
            delivered_at=message.delivered_at,
            attempts=[AttemptRead.model_validate(one) for one in attempts],
        )


def _next_attempt_at(message: WebhookMessage, endpoint: WebhookEndpoint) -> datetime | None:
    """Return before when no attempt is made: a receiver that rests is sent nothing that is due."""
    if message.status != "pending":
        return None
    return max(filter(None, (message.next_at, endpoint.open_until)), default=None)


class Recovered(BaseModel):
    """How many failed deliveries are made anew."""

    recovered: int


class WebhookSecretRead(BaseModel):
    """What is known of a workspace's webhook secret; all null while there is none."""

    model_config = ConfigDict(from_attributes=True)

    created_at: datetime | None = None
    rotated_at: datetime | None = None
    previous_secret_expires_at: datetime | None = None


class WebhookSecretMade(WebhookSecretRead):
    """A workspace's new webhook secret, which is shown this once."""

    secret: str

    @classmethod
    def with_secret(cls, row: WebhookSecret, secret: str) -> WebhookSecretMade:
        """Build from a row and the secret."""
        return cls.model_validate(WebhookSecretRead.model_validate(row).model_dump() | {"secret": secret})

"""The body of a delivery as receivers see it, for the OpenAPI document; `core.webhooks.body` writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from core.jobs.schemas import Progress
from core.jobs.shown import ShownStatus


class WebhookLinks(BaseModel):
    """Where the job and what it is about are read."""

    job: str | None = None
    subject: str | None = None


class WebhookEventData(BaseModel):
    """What happened, by its ids: a receiver reads the rest with its own credentials."""

    event_id: UUID = Field(description="the same for all receivers of an event")
    job_id: UUID | None
    kind: str | None = Field(description="kind of the job")
    status: ShownStatus | None = Field(description="status of the job when it was told")
    workspace_id: UUID
    exploration_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    sequence: int = Field(description="rises by one with each event told of a subject; 0 for a test")
    links: WebhookLinks
    progress: Progress | None = Field(default=None, description="with `job.progress` only")


class WebhookEvent(BaseModel):
    """The body of a delivery, the same at every attempt."""

    type: Literal[
        "job.succeeded",
        "job.failed",
        "job.cancelled",
        "job.progress",
        "report.ready",
        "simulation.completed",
        "webhook.test",
    ]
    timestamp: datetime = Field(description="when it happened")
    data: WebhookEventData

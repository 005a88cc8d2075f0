"""What the API answers, as far as the client itself reads it; members that are not named here are kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class _Document(BaseModel):
    """A newer service may send more than an older client knows."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Progress(_Document):
    """How far a job is: `done` of `total` steps."""

    done: int
    total: int
    message: str = ""


class Usage(_Document):
    """What a job's model calls took so far; `cost_usd` is None where it is not known."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None = None
    replayed_calls: int = 0


class Creator(_Document):
    """Who made something: `id` is that of a user or an API key, None for the service itself."""

    type: Literal["user", "api_key", "system"]
    id: UUID | None = None


class Job(_Document):
    """A job as it stood when it was read."""

    id: UUID
    kind: str
    status: Status
    done: bool
    workspace_id: UUID | None = None
    exploration_id: UUID | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    attempt: int = 0
    max_attempts: int = 1
    next_attempt_at: datetime | None = None
    progress: Progress
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    usage: Usage
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cancel_requested_at: datetime | None = None
    created_by: Creator | None = None

    @property
    def succeeded(self) -> bool:
        """Tell whether it ended well."""
        return self.status == "succeeded"


class JobEvent(_Document):
    """One event of a job's stream: `id` rises, `event` is status, progress, log or done."""

    id: int
    event: str
    data: dict[str, Any]


class Ticket(_Document):
    """A link that needs no header, good for one path until `expires_at`."""

    url: str
    expires_at: datetime

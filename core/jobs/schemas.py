"""Shapes of jobs over HTTP."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_serializer

from core.db.numbers import Whole
from core.jobs.callbacks import CallbackUrl
from core.jobs.models import Job
from core.jobs.shown import ShownStatus, Wait, shown_attempt, shown_message, shown_status, wait_of
from core.limits.schemas import Dollars

PRIORITIES: Final = {"batch": 0, "interactive": 10}


class JobOptions(BaseModel):
    """The optional body member `job` of every submitting endpoint."""

    model_config = ConfigDict(extra="forbid")

    callback_url: CallbackUrl | None = None
    priority: Literal["interactive", "batch"] | None = None
    max_cost_usd: Dollars | None = Field(
        default=None,
        description=(
            "the most that the model calls of the job and all its shards may cost; then it fails with"
            " `budget_exhausted` and keeps what was paid for. Needs prices in MODEL_PRICES"
        ),
    )
    max_attempts: Whole | None = Field(default=None, ge=1, le=20)


class Submission(BaseModel):
    """Base of the bodies that submit work."""

    model_config = ConfigDict(extra="forbid")

    job: JobOptions | None = None


class RetryOptions(BaseModel):
    """What a retry may change of a job; null lifts its budget, what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    max_cost_usd: Dollars | None = Field(
        default=None, description="the job's new budget, what it has spent so far included"
    )


class JobRetry(BaseModel):
    """The optional body of a retry."""

    model_config = ConfigDict(extra="forbid")

    job: RetryOptions | None = None


CreatorType = Literal["user", "api_key", "system"]


class Creator(BaseModel):
    """Who made something."""

    type: CreatorType
    id: UUID | None = None


class Progress(BaseModel):
    """How far a job is: `done` of `total` steps."""

    done: int
    total: int
    message: str


class JobUsage(BaseModel):
    """What a job's model calls took so far. `cost_usd` is their cost, and null as long as that is unknown: while a job
    that is not done has made no call yet, and for good once the price of one of its calls is not in `MODEL_PRICES`.
    """

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    replayed_calls: int

    def __add__(self, other: JobUsage) -> JobUsage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return JobUsage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=(self.cost_usd or 0) + (other.cost_usd or 0) if known else None,
            replayed_calls=self.replayed_calls + other.replayed_calls,
        )

    @field_serializer("cost_usd")
    def _number(self, value: Decimal | None) -> float | None:
        return None if value is None else float(value)


class JobRead(BaseModel):
    """A job, in the one shape it has everywhere.

    `attempt` is the number of the attempt under way, or how many are used up while none is. While a job waits for
    its next attempt, `next_attempt_at` says until when and `progress.message` why; so it does while the job is paused.
    """

    id: UUID
    kind: str
    status: ShownStatus
    done: bool
    workspace_id: UUID | None
    exploration_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    attempt: int
    max_attempts: int
    next_attempt_at: datetime | None
    progress: Progress
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    usage: JobUsage
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None
    created_by: Creator

    @classmethod
    def of(
        cls, job: Job, usage: JobUsage | None = None, wait: Wait | None = None, paused: str | None = None
    ) -> JobRead:
        """Build from a row; `usage` and `wait` replace the row's own (a parent's, with its shards).

        `paused` says why it does not start, or go on, for now.
        """
        wait = wait or wait_of(job)
        done = job.status in ("succeeded", "failed", "cancelled")
        return cls(
            id=job.id,
            kind=job.kind,
            status=shown_status(job),
            done=done,
            workspace_id=job.workspace_id,
            exploration_id=job.exploration_id,
            subject_type=job.subject_type,
            subject_id=job.subject_id,
            attempt=shown_attempt(job),
            max_attempts=job.max_attempts,
            next_attempt_at=wait.until if wait else None,
            progress=Progress(
                done=job.progress_done,
                total=job.progress_total,
                message=paused or shown_message(job, wait),
            ),
            result=job.result,
            error=job.error if done else None,
            usage=known_usage(usage or own_usage(job), done=done),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            cancel_requested_at=job.cancel_requested_at,
            created_by=Creator.model_validate({"type": job.created_by_type, "id": job.created_by_id}),
        )


def own_usage(job: Job) -> JobUsage:
    """Return a job's own usage, without its shards'."""
    return JobUsage(
        calls=job.usage_calls,
        input_tokens=job.usage_input_tokens,
        output_tokens=job.usage_output_tokens,
        cost_usd=job.usage_cost_usd,
        replayed_calls=job.usage_replayed_calls,
    )


def known_usage(usage: JobUsage, *, done: bool) -> JobUsage:
    """Return usage with its cost unknown where nothing tells yet whether the calls to come have a price."""
    return usage if done or usage.calls else usage.model_copy(update={"cost_usd": None})


class JobAttemptRead(BaseModel):
    """One run of a job by a worker and how it ended."""

    model_config = ConfigDict(from_attributes=True)

    attempt: int
    claim_epoch: int
    worker_id: UUID | None
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    error: dict[str, Any] | None


class JobEventRead(BaseModel):
    """One event of a job's stream."""

    model_config = ConfigDict(from_attributes=True)

    sequence: int
    event: str
    data: dict[str, Any]

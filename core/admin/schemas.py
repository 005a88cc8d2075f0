"""Shapes of administration over HTTP."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_serializer, model_validator

from core.auth.models import User
from core.db.moments import Moment
from core.db.numbers import Whole
from core.db.text import ShortText, VisibleText
from core.jobs.models import Pause, WorkerProcess
from core.jobs.pausing import PauseScope
from core.jobs.schemas import JobUsage

Role = Literal["user", "superadmin"]


class AccountUpdate(BaseModel):
    """What may be changed of an account; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    is_active: bool | None = None
    is_verified: bool | None = None
    role: Role | None = None


class AccountRead(BaseModel):
    """An account."""

    id: UUID
    email: str
    full_name: str
    is_active: bool
    is_verified: bool
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> AccountRead:
        """Build from a row."""
        return cls(
            id=user.id,
            email=user.email,
            full_name=user.full_name,
            is_active=user.is_active,
            is_verified=user.is_verified,
            role="superadmin" if user.is_superadmin else "user",
            created_at=user.created_at,
        )


class JobCounts(BaseModel):
    """How many jobs show each status; shards count with their parent."""

    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0


class KindCounts(JobCounts):
    """The same, of one kind."""

    kind: str


class UserStats(BaseModel):
    """What a user has and has done; `usage` sums all their jobs, `cost_usd` null where one price is not known."""

    user_id: UUID
    organizations: int
    workspaces: int
    active_sessions: int
    last_seen_at: datetime | None
    jobs: JobCounts
    usage: JobUsage


class People(BaseModel):
    """How many accounts there are."""

    total: int
    active: int
    verified: int
    superadmins: int
    new_in_7_days: int
    seen_in_24_hours: int


class Spent(BaseModel):
    """What model calls cost since a moment; one without a known cost counts the most it can have cost, or nothing."""

    since: datetime
    usd: Decimal
    unknown_calls: int

    @field_serializer("usd")
    def _number(self, value: Decimal) -> float:
        return float(value)


class Failures(BaseModel):
    """Jobs that failed, by the code of their error."""

    total: int
    by_code: dict[str, int]


class Dashboard(BaseModel):
    """The service in figures. Days and months are UTC's; `queue_depth` counts shards too."""

    at: datetime
    users: People
    organizations: int
    workspaces: int
    jobs: JobCounts
    jobs_by_kind: list[KindCounts]
    queue_depth: int
    spend_today: Spent
    spend_month: Spent
    failures_24h: Failures
    workers_alive: int
    pauses: int


class BulkRetry(BaseModel):
    """Which failed jobs to run again, the oldest first; at least one member besides `limit`."""

    model_config = ConfigDict(extra="forbid")

    kind: ShortText | None = None
    workspace_id: UUID | None = None
    error_code: ShortText | None = None
    since: Moment | None = Field(default=None, description="that failed then or later")
    limit: Whole = Field(default=100, ge=1, le=500)

    @model_validator(mode="after")
    def _not_everything(self) -> Self:
        if not any((self.kind, self.workspace_id, self.error_code, self.since)):
            raise ValueError("name at least one of kind, workspace_id, error_code and since")
        return self


class BulkRetried(BaseModel):
    """What came of it; `skipped` cannot run again any more, `more` tells that others fit too."""

    retried: int
    skipped: int
    more: bool


class RunningJob(BaseModel):
    """A job that a worker runs."""

    id: UUID
    kind: str
    workspace_id: UUID | None
    claimed_at: datetime | None


class WorkerRead(BaseModel):
    """A worker process. `slots` is per pool; one for a suspect job has no pools. Silent for a lease it is not alive."""

    id: UUID
    hostname: str
    pid: int
    version: str | None
    pools: list[str]
    slots: int
    alive: bool
    running: int
    jobs: list[RunningJob]
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None

    @classmethod
    def of(cls, worker: WorkerProcess, alive: bool, jobs: list[RunningJob]) -> WorkerRead:
        """Build from a row; what a silent worker ran is still its own until it is rescued."""
        return cls(**worker.model_dump(exclude={"running"}), alive=alive, running=len(jobs), jobs=jobs)


class QueueRead(BaseModel):
    """The line of a pool: `waiting` for a worker (of which `dispatched` are announced), `delayed` to a later moment,
    `paused`, and `running`; `oldest_waiting_s` is how long the first one waits.
    """

    pool: str
    waiting: int
    dispatched: int
    delayed: int
    paused: int
    running: int
    oldest_waiting_s: float | None
    workers: int
    slots: int


class Queues(BaseModel):
    """All lines. While Redis is degraded, work goes on at the pace of the dispatcher."""

    redis: Literal["ok", "degraded"]
    pools: list[QueueRead]


PausedValue = Annotated[ShortText, StringConstraints(pattern=r"^\S+$")]


class PauseCreate(BaseModel):
    """What to pause: a kind of job, a workspace by its id, or a model by its name. Owners of jobs read the reason."""

    model_config = ConfigDict(extra="forbid")

    scope: PauseScope
    value: PausedValue
    reason: VisibleText


class PauseRead(BaseModel):
    """A pause."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scope: PauseScope
    value: str
    reason: str
    created_by_id: UUID | None
    created_at: datetime

    @classmethod
    def of(cls, pause: Pause) -> PauseRead:
        """Build from a row."""
        return cls.model_validate(pause)

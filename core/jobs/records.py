"""What the engine hands around: claims, steps, hints, finishes, shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.db.base import uuid7
from core.jobs.contract import JobArgs, JobContract


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job: what it needs to run it and to prove its writes.

    `budgeted` tells whether a budget, the job's or its workspace's, has to pay for its calls.
    `model` is what its workspace had chosen when it was submitted, None for that of the settings; `concurrency` bounds
    the workspace's calls in flight at once, in all workers.
    """

    job_id: UUID
    epoch: int
    kind: str
    pool: str
    workspace_id: UUID | None
    exploration_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    parent_id: UUID | None
    args: dict[str, Any]
    attempt: int
    max_attempts: int
    timeout_s: float
    children_total: int
    created_by_type: str
    created_by_id: UUID | None
    budgeted: bool = False
    model: str | None = None
    concurrency: int | None = None

    @property
    def root_id(self) -> UUID:
        """The job whose budget pays: the parent of a shard, else the job itself."""
        return self.parent_id or self.job_id


@dataclass(frozen=True, slots=True)
class Usage:
    """What model calls cost; `cost_usd` is None as soon as one price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    replayed_calls: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step to commit: its key and input hash name it, its output is replayed later."""

    key: str
    input_hash: str
    output: Any
    lineage_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """What one job adds in a commit: steps, what they cost, progress; `tell` adds a progress event.

    Sent twice under one `id`, it adds what it adds once.
    """

    claim: Claim
    steps: Sequence[Step] = ()
    usage: Usage = Usage()
    done: int = 0
    tell: bool = False
    id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True, slots=True)
class Hint:
    """What Redis carries for a job: its id, its queue and the number of this dispatch."""

    job_id: UUID
    pool: str
    dispatch_no: int


@dataclass(frozen=True, slots=True)
class End:
    """How a job is to end, provided that it is still at `epoch` in one of `from_status`."""

    job_id: UUID
    epoch: int
    status: str
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    from_status: Sequence[str] = ("running",)
    counts_attempt: bool = True


@dataclass(frozen=True, slots=True)
class Finished:
    """A finish that was written: `hints` are the jobs that may start now (a parent to reduce, a next shard)."""

    job_id: UUID
    status: str
    parent_id: UUID | None = None
    hints: Sequence[Hint] = ()


@dataclass(frozen=True, slots=True)
class Shard:
    """One child of a fan-out; numbered from 0, unique by parent and number."""

    number: int
    args: JobArgs
    total: int = 0


@dataclass(frozen=True, slots=True)
class Fan:
    """Shards a parent waits for, all of one kind or several."""

    shards: Sequence[tuple[JobContract[Any], Shard]] = field(default_factory=list)
    max_in_flight: int = 16

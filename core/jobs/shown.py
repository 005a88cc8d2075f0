"""What callers see of a job's state, the same in a job and in its events: status, attempt, and what it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, Protocol

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import col

from core.jobs.models import OPEN, Job

ShownStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
SHOWN: Final[dict[str, ShownStatus]] = {
    "queued": "queued",
    "dispatched": "queued",
    "retry_wait": "queued",
    "running": "running",
    "waiting": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
}


class State(Protocol):
    """The columns of a job that its shown state is made from."""

    status: str
    attempt: int
    children_total: int
    next_attempt_at: datetime | None
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for the next attempt: when it ends, and the error that made it necessary."""

    until: datetime
    error: Mapping[str, Any] | None

    @property
    def message(self) -> str:
        """Say it to the job's owner."""
        reason = (self.error or {}).get("detail")
        return f"Waiting until {self.until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" + (f": {reason}" if reason else "")


def shown_status(state: State) -> ShownStatus:
    """Return the status callers see; a parent whose shards are done is running until it has put them together."""
    return "running" if state.children_total and state.status in OPEN else SHOWN[state.status]


def shows(status: ShownStatus) -> ColumnElement[bool]:
    """Return a condition on jobs: that callers see this status."""
    fits = col(Job.status).in_([name for name, shown in SHOWN.items() if shown == status])
    reducing = and_(col(Job.children_total) > 0, col(Job.status).in_(OPEN))
    return or_(fits, reducing) if status == "running" else and_(fits, not_(reducing))


def shown_attempt(state: State) -> int:
    """Return the number of the attempt under way, or how many are used up while none is."""
    return state.attempt + 1 if shown_status(state) == "running" else state.attempt


def wait_of(state: State) -> Wait | None:
    """Return what a job waits for before its next attempt; None when it does not wait."""
    if state.status != "retry_wait" or state.next_attempt_at is None:
        return None
    return Wait(state.next_attempt_at, state.error)


def shown_message(job: Job, wait: Wait | None = None) -> str:
    """Return what a job is doing, or why it waits; nothing once it has ended, as then it does nothing."""
    if job.status in ("succeeded", "failed", "cancelled"):
        return ""
    return wait.message if wait else job.progress_message


def ended(data: Mapping[str, Any], job: Job) -> dict[str, Any]:
    """Return the data of a `done` event with the progress that the job has in the end."""
    progress = {"done": job.progress_done, "total": job.progress_total, "message": shown_message(job)}
    return {**data, "progress": progress}


def told(state: State) -> dict[str, Any]:
    """Return the data of a job's `status` or `done` event: what the job itself shows at this moment."""
    data: dict[str, Any] = {"status": shown_status(state), "attempt": shown_attempt(state)}
    wait = wait_of(state)
    if wait is not None:
        until = wait.until.astimezone(UTC).isoformat().replace("+00:00", "Z")
        data |= {"next_attempt_at": until, "message": wait.message}
    return data

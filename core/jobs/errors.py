"""Errors of jobs.

JobError              ends or defers one run of a job
├── TransientError    worth another attempt (consumes one)
├── PermanentError    no attempt will help; the job fails
├── BudgetError       the job's money is spent; it stops and keeps what was paid for
└── Snooze            come back later; consumes no attempt, and the job says why it waits
LostClaim             another worker owns the job now; this run's writes are void
JobNotFound, JobNotFinished, ShardNotRetryable, Idempotency…   refusals to a caller
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import Conflict, FieldError, Invalid, NotFound


class JobError(Exception):
    """A run of a job ended; `code` is stable, `detail` is shown to the job's owner."""

    code = "job_error"
    title = "Job failed"

    def __init__(self, detail: str, *, code: str | None = None, errors: list[FieldError] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = errors or []

    def problem(self) -> dict[str, Any]:
        """Return the error as a problem document (RFC 9457) without an HTTP status."""
        body: dict[str, Any] = {
            "type": f"urn:synthetic-people:error:{self.code}",
            "title": self.title,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            body["errors"] = [{"loc": list(e.loc), "msg": e.msg} for e in self.errors]
        return body


class TransientError(JobError):
    """Something failed that may work next time; `retry_after_s` is what the other side asked for."""

    code = "transient"

    def __init__(self, detail: str, *, code: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_s = retry_after_s


class PermanentError(JobError):
    """No further attempt will help."""

    code = "permanent"


class BudgetError(JobError):
    """The money this job may spend is spent; `budget` says which, its limit and what is spent, in numbers.

    It is not tried again by itself: a caller retries the job once there is more.
    """

    code = "budget_exhausted"
    title = "Budget used up"

    def __init__(self, detail: str, *, code: str | None = None, budget: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail, code=code)
        self.budget = budget

    def problem(self) -> dict[str, Any]:
        """Return the problem document, with the budget's numbers as its member `budget`."""
        return super().problem() | ({"budget": dict(self.budget)} if self.budget else {})


class Snooze(JobError):
    """Ask to be run again after `delay_s` seconds without consuming an attempt."""

    code = "snoozed"
    title = "Job waits"

    def __init__(self, delay_s: float, reason: str, *, code: str | None = None) -> None:
        super().__init__(reason, code=code)
        self.delay_s = delay_s


class LostClaim(Exception):
    """The job was claimed by another worker, finished or cancelled: nothing of this run may be written."""


class JobNotFound(NotFound):
    """There is no such job here."""

    code = "job_not_found"


class JobNotRetryable(Conflict):
    """Only a failed or cancelled job can be retried."""

    code = "job_not_retryable"


class ShardNotRetryable(Conflict):
    """This job is a shard of another job; retry the parent instead."""

    code = "shard_not_retryable"


class ShardNotCancellable(Conflict):
    """This job is a shard of another job; cancel the parent instead."""

    code = "shard_not_cancellable"


class AlreadyPaused(Conflict):
    """This is paused already; resume it first, to give another reason."""

    code = "already_paused"


class PauseNotFound(NotFound):
    """There is no such pause."""

    code = "pause_not_found"


class IdempotencyKeyInUse(Conflict):
    """A request with this Idempotency-Key is still being stored; try again in a moment."""

    code = "idempotency_key_in_use"


class IdempotencyKeyReused(Invalid):
    """This Idempotency-Key was used with another request body."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__([FieldError(("header", "Idempotency-Key"), "was used with another request body")])

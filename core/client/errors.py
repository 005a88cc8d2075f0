"""What a call of the client can end with.

ClientError
├── NoAnswer           nothing answered, or not in time
├── Refused            the API answered with a problem document; its kinds are told by status
│   ├── Unauthorized       401
│   ├── Forbidden          403
│   ├── NotFound           404
│   ├── Conflict           409, 412
│   ├── Invalid            413, 422
│   ├── TooManyRequests    429, and it stayed so
│   └── Unavailable        503, and it stayed so
├── JobNotSucceeded    a job failed or was cancelled
├── NotDoneInTime      a job was still at work when its waiter gave up
└── InvalidWebhook     what came as a webhook is not from whom it says
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.client.printable import printable

if TYPE_CHECKING:
    from core.client.models import Job


class ClientError(Exception):
    """A call did not do what it was to do; the message is for people."""


class NoAnswer(ClientError):
    """Nothing answered, or not in time."""


class Refused(ClientError):
    """The API refused a request: `status`, `code`, and `problem`, the whole document (RFC 9457)."""

    def __init__(self, request: str, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.problem = problem
        self.code: str | None = problem.get("code")
        self.request_id: str | None = problem.get("request_id")
        super().__init__(in_words(request, problem))


class Unauthorized(Refused):
    """The token is missing, wrong or no longer good."""


class Forbidden(Refused):
    """The account or key may not do this."""


class NotFound(Refused):
    """There is no such thing, or not for this caller."""


class Conflict(Refused):
    """The present state forbids it."""


class Invalid(Refused):
    """The input is not valid; `problem["errors"]` names the places."""


class TooManyRequests(Refused):
    """Asked too often, for as long as the client had patience."""


class Unavailable(Refused):
    """The service was away for as long as the client had patience."""


class JobNotSucceeded(ClientError):
    """A job failed or was cancelled; `job` has its error."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(in_words(f"{job.kind} {job.id}", job.error or {"title": f"the job was {job.status}"}))


class NotDoneInTime(ClientError):
    """A job was still at work when its waiter gave up; `job` is how it stood. It goes on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(f"{job.kind} {job.id} is still {job.status}")


class InvalidWebhook(ClientError):
    """A delivery is not signed with this secret, is too old, or is no event."""


_KINDS: dict[int, type[Refused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: Invalid,
    422: Invalid,
    429: TooManyRequests,
    503: Unavailable,
}


def refusal(request: str, status: int, problem: dict[str, Any]) -> Refused:
    """Return the error for an answer."""
    return _KINDS.get(status, Refused)(request, status, problem)


def in_words(what: str, problem: dict[str, Any]) -> str:
    """Return a problem document as text: title and detail, then a line per wrong place; each is one line, whatever
    stands in the document.
    """
    first = f"{what}: {problem.get('title', 'failed')}: {problem.get('detail') or ''}".rstrip(": ")
    return "\n".join(map(printable, [first, *map(_line, problem.get("errors") or [])]))


def _line(error: dict[str, Any]) -> str:
    return f"  {'.'.join(str(part) for part in error.get('loc', []))}: {error.get('msg', '')}"

"""Errors of the domain, by kind. Each kind has one HTTP row in `api/errors.py`.

Domain packages define facts (`WorkspaceArchived`) under these kinds; nothing below `api` knows a status code.

    DomainError
    ├── NotFound        the thing is not there, or not for this caller
    ├── Conflict        the thing is in a state that forbids the change
    ├── PreconditionFailed   `If-Match` names a version that is no longer current
    ├── Forbidden       the caller is known, but not allowed
    ├── Unauthorized    the caller is not known
    ├── Invalid         the input is wrong; `errors` names the fields
    ├── TooLarge        the input is longer than this service takes
    ├── TooMany         the caller asks too often
    └── Unavailable     something this depends on is away; try again later
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: `loc` is the path to it, `msg` says what is wrong."""

    loc: tuple[str | int, ...]
    msg: str


class DomainError(Exception):
    """Something this product refuses or cannot do; `code` is stable and machine-readable."""

    code = "error"
    title = "Error"

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or self.title).strip()
        super().__init__(self.detail)


class NotFound(DomainError):
    """There is no such thing here."""

    code = "not_found"
    title = "Not found"


class Conflict(DomainError):
    """The present state forbids this."""

    code = "conflict"
    title = "Conflict"


class PreconditionFailed(DomainError):
    """The thing has changed since it was read."""

    code = "precondition_failed"
    title = "Precondition failed"


class Forbidden(DomainError):
    """The caller is not allowed to do this."""

    code = "forbidden"
    title = "Forbidden"


class Unauthorized(DomainError):
    """A valid access token is needed."""

    code = "unauthorized"
    title = "Unauthorized"


class Invalid(DomainError):
    """The input is not valid."""

    code = "invalid"
    title = "Invalid input"

    def __init__(self, errors: Sequence[FieldError] | str, detail: str | None = None) -> None:
        self.errors = [FieldError((), errors)] if isinstance(errors, str) else list(errors)
        super().__init__(detail or "; ".join(_sentence(e) for e in self.errors[:5]) or None)


class TooLarge(DomainError):
    """The request body is larger than this service takes."""

    code = "payload_too_large"
    title = "Payload too large"


class TooMany(DomainError):
    """Too many requests; try again later."""

    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, detail: str | None = None, *, retry_after_s: int = 60) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(detail)


class Unavailable(DomainError):
    """Something this depends on is away; try again later."""

    code = "unavailable"
    title = "Service unavailable"

    def __init__(self, detail: str | None = None, *, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(detail)


def _sentence(error: FieldError) -> str:
    where = ".".join(str(part) for part in error.loc)
    return f"{where}: {error.msg}" if where else error.msg

"""Errors as problem documents (RFC 9457); one table maps kinds of errors to HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from api.logged import loggable
from core.db.session import STATEMENT_ERRORS, sqlstate_of
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionFailed,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
)

log = structlog.get_logger(__name__)
PROBLEM: Final = "application/problem+json"
# Looked up in order: the first kind that fits decides.
STATUS_OF: Final[dict[type[DomainError], int]] = {
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    Forbidden: 403,
    Unauthorized: 401,
    Invalid: 422,
    TooLarge: 413,
    TooMany: 429,
    Unavailable: 503,
}
RETRY_AFTER_S: Final = 5
# SQLSTATEs of values a column cannot hold; 22000 is the driver's own word for them.
UNSTORABLE: Final = ("22000", "22001", "22003", "22008", "22021", "22P05")
# What no error class stands for: the router's own refusal, and what nobody foresaw.
OWN_CODES: Final[dict[str, tuple[int, str]]] = {
    "method_not_allowed": (405, "The path does not take this method."),
    "request_timeout": (408, "The request body did not arrive in time."),
    "internal_error": (500, "Something nobody foresaw; `request_id` finds it in the log."),
}
CODES_OF_STATUS: Final = {
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    422: "invalid",
}

NO_OBJECT: Final = ("model_attributes_type", "model_type", "dict_type")
AN_OBJECT: Final = "must be a JSON object"


class FieldProblem(BaseModel):
    """What is wrong at one place of the input: `loc` is the path to it."""

    loc: list[str | int]
    msg: str


class Problem(BaseModel):
    """A problem document (RFC 9457); `code` is stable and machine-readable."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str | None
    errors: list[FieldProblem] = Field(default=[], description="for invalid input only")


def problem(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return a problem document."""
    body: dict[str, Any] = {
        "type": f"urn:synthetic-people:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": loggable(request.url.path),
        "code": code,
        "request_id": getattr(request.state, "request_id", None),
    }
    if errors is not None:
        body["errors"] = errors
    # A name that was sent may hold a lone surrogate, which UTF-8 cannot; its escape is JSON all the same.
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
    return Response(content, status, headers, media_type=PROBLEM)


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a domain error's kind."""
    return next((status for kind, status in STATUS_OF.items() if isinstance(error, kind)), 400)


def error_codes() -> dict[str, tuple[int, str]]:
    """Return every code of a problem document with its status and its meaning, as the error classes tell them."""
    found = {
        kind.code: (status_of(kind.__new__(kind)), (kind.__doc__ or "").strip().splitlines()[0])
        for kind in _kinds_below(DomainError)
        if issubclass(kind, tuple(STATUS_OF)) and kind.__module__.startswith("core.")
    }
    return dict(sorted(found.items())) | OWN_CODES


def _kinds_below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _kinds_below(child)


async def on_domain_error(request: Request, error: Exception) -> Response:
    """Answer a refusal of the domain."""
    assert isinstance(error, DomainError)
    status = status_of(error)
    headers: dict[str, str] = {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany | Unavailable):
        headers["Retry-After"] = str(max(1, round(error.retry_after_s or RETRY_AFTER_S)))
    errors = None
    if isinstance(error, Invalid):
        errors = [{"loc": list(e.loc), "msg": e.msg} for e in error.errors]
    return problem(request, status, error.code, error.title, error.detail, errors=errors, headers=headers)


async def on_invalid_request(request: Request, error: Exception) -> Response:
    """Answer input that does not fit the route; ids in the path that are no ids are not found."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["loc"] and item["loc"][0] == "path" for item in found):
        return problem(request, 404, "not_found", "Not found", "There is no such thing here.")
    errors = [_field_problem(item, error.body) for item in found]
    first = errors[0] if errors else {"loc": [], "msg": "invalid"}
    detail = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return problem(request, 422, "invalid", "Invalid input", detail, errors=errors)


def _field_problem(item: dict[str, Any], body: Any) -> dict[str, Any]:
    """Return one place and what is wrong there; of a body that is no JSON, where in the text it breaks off."""
    if item["type"] == "json_invalid" and isinstance(body, str):
        broken = json.JSONDecodeError(str(item["ctx"]["error"]), body, int(item["loc"][-1]))
        where = f"line {broken.lineno} column {broken.colno}"
        return {"loc": ["body"], "msg": f"not valid JSON at {where}: {broken.msg}"}
    if item["loc"] == ("body",) and item["type"] in NO_OBJECT:
        unread = isinstance(body, bytes)
        return {"loc": ["body"], "msg": "must be JSON, with Content-Type: application/json" if unread else AN_OBJECT}
    return {"loc": list(item["loc"]), "msg": _in_words(item)}


def _in_words(item: dict[str, Any]) -> str:
    if item["type"] in ("string_too_short", "too_short") and item.get("ctx", {}).get("min_length") == 1:
        return "must not be empty"
    return str(item["msg"]).removeprefix("Value error, ")


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: unknown paths and methods."""
    assert isinstance(error, HTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = CODES_OF_STATUS.get(error.status_code, phrase.lower().replace(" ", "_"))
    headers = dict(error.headers) if error.headers else {}
    if error.status_code == 405 and (methods := _methods_at(request)):
        headers["Allow"] = ", ".join(sorted(methods))
    return problem(request, error.status_code, code, phrase, str(error.detail), headers=headers)


def _methods_at(request: Request) -> set[str]:
    """Return the methods of all routes at this path; the router's own refusal names those of the first only."""
    routes: list[APIRoute] = request.app.state.routes
    return {method for route in routes if route.path_regex.match(request.url.path) for method in route.methods or ()}


async def on_database_error(request: Request, error: Exception) -> Response:
    """Answer what only the database noticed: a row that changed meanwhile, a value that it cannot hold."""
    state = sqlstate_of(error)
    if isinstance(error, IntegrityError) or state.startswith("23"):
        log.warning("refused_by_database", path=loggable(request.url.path), sqlstate=state)
        return problem(request, 409, Conflict.code, Conflict.title, "What this rests on has changed; read it again.")
    if state in UNSTORABLE:
        log.warning("refused_by_database", path=loggable(request.url.path), sqlstate=state)
        errors: list[dict[str, Any]] = [{"loc": [], "msg": "holds a value that cannot be stored"}]
        return problem(request, 422, Invalid.code, Invalid.title, "A value cannot be stored.", errors=errors)
    return await on_unexpected(request, error)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Answer an error nobody foresaw; what it was is in the log only."""
    log.error("unexpected_error", path=loggable(request.url.path), exc_info=error)
    detail = "Something went wrong on our side; the request id finds it in the log."
    return problem(request, 500, "internal_error", "Internal error", detail)


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Register the handlers; the last resort is `middleware.LastResort`, inside the headers and the log."""
    app.state.routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    app.add_exception_handler(DomainError, on_domain_error)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    for kind in STATEMENT_ERRORS:
        app.add_exception_handler(kind, on_database_error)

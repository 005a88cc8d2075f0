"""Middleware in plain ASGI: request id, access log, body limit, security headers, the last resort."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import on_unexpected
from core.audit.origin import Origin, origin
from core.errors import TooLarge

log = structlog.get_logger("access")
LARGEST_BODY: Final = 10 * 1024 * 1024
# A refused body is read to its end, within these bounds: a client that is still sending would otherwise find
# its connection reset and never see the answer.
MOST_DRAINED: Final = 64 * 1024 * 1024
LONGEST_DRAIN_S: Final = 10.0
_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


class RequestContext:
    """Gives each request an id and an origin, sends the id back, and logs one line when the answer is out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.match(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        came_from = origin.set(Origin(scope["client"][0] if scope.get("client") else None, request_id))
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
            structlog.contextvars.unbind_contextvars("request_id")
            origin.reset(came_from)


class BodyLimit:
    """Refuses bodies over the limit, by their declared length or as they come in."""

    def __init__(self, app: ASGIApp, limit: int = LARGEST_BODY) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > self.limit:
            await self._refuse(scope, receive, send)
            return
        got = 0
        answered = False

        async def limited() -> Message:
            nonlocal got
            message = await receive()
            if message["type"] == "http.request":
                got += len(message.get("body", b""))
                if got > self.limit:
                    raise _BodyTooLarge
            return message

        async def noticed(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, limited, noticed)
        except _BodyTooLarge:
            if not answered:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "expect" not in Headers(scope=scope):  # who asks first has sent nothing yet
            await _drain(receive)
        error = TooLarge(f"The request body is larger than {self.limit // (1024 * 1024)} MB.")
        body = json.dumps(
            {
                "type": f"urn:synthetic-people:error:{error.code}",
                "title": error.title,
                "status": 413,
                "detail": error.detail,
                "instance": scope["path"],
                "code": error.code,
                "request_id": scope.get("state", {}).get("request_id"),
                "errors": [{"loc": ["body"], "msg": error.detail}],
            }
        ).encode()
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _drain(receive: Receive) -> None:
    drained, more = 0, True
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_DRAIN_S):
            while more and drained < MOST_DRAINED:
                message = await receive()
                drained += len(message.get("body", b""))
                more = message.get("more_body", False)


class LastResort:
    """Answers errors nobody foresaw, inside the headers and the log that every answer gets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answered = False

        async def noticed(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, receive, noticed)
        except Exception as error:
            response = await on_unexpected(Request(scope), error)
            if answered:  # too late for another answer: the server cuts the connection
                raise
            await response(scope, receive, send)


class _BodyTooLarge(BaseException):
    """Passes through every handler of errors up to the limit itself."""

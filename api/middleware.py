"""Middleware in plain ASGI: request id, origin, access log, body limit, the last resort."""

from __future__ import annotations

import asyncio
import json
import re
import time
from contextlib import suppress
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import on_unexpected
from api.headers import complete
from api.logged import loggable
from api.origin import TrustedProxies
from core.audit.origin import Origin, origin
from core.errors import TooLarge

log = structlog.get_logger("access")
LARGEST_BODY: Final = 10 * 1024 * 1024
# A client that keeps a body open holds its place and its memory; the largest one needs 700 kbit/s for it.
SLOWEST_BODY_S: Final = 120.0
# A refused body is read to its end, within these bounds: a client that is still sending would otherwise find
# its connection reset and never see the answer.
MOST_DRAINED: Final = 64 * 1024 * 1024
LONGEST_DRAIN_S: Final = 10.0
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestContext:
    """Gives each request an id and an origin, adds what all answers have, and logs one line when the answer is out."""

    def __init__(self, app: ASGIApp, proxies: TrustedProxies | None = None, *, https_only: bool = False) -> None:
        self.app = app
        self.proxies = proxies or TrustedProxies(())
        self.https_only = https_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        ip = self.proxies.take(scope)
        state = scope.setdefault("state", {})
        state["request_id"], state["ip"] = request_id, ip
        structlog.contextvars.bind_contextvars(request_id=request_id)
        came_from = origin.set(Origin(ip, request_id))
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                strict = self.https_only and scope["scheme"] == "https"
                complete(message, scope["path"], request_id, state.get("standings", ()), strict=strict)
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            milliseconds = round(1000 * (time.perf_counter() - started), 1)
            path = loggable(scope["path"])
            log.info("request", method=scope["method"], path=path, status=status, ms=milliseconds, ip=ip)
            structlog.contextvars.unbind_contextvars("request_id")
            origin.reset(came_from)


class BodyLimit:
    """Refuses bodies over the limit, by their declared length or as they come in, and those that never get here."""

    def __init__(self, app: ASGIApp, limit: int = LARGEST_BODY, within_s: float = SLOWEST_BODY_S) -> None:
        self.app = app
        self.limit = limit
        self.within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wrap one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdecimal() or len(declared) > 18 or int(declared) > self.limit:
            await self._refuse(scope, receive, send)
            return
        answered = False

        async def noticed(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, _Body(receive, self.limit, self.within_s).receive, noticed)
        except _BodyTooLarge:
            if not answered:
                await self._refuse(scope, receive, send)
        except _BodyTooSlow:
            if not answered:
                detail = f"The request body did not arrive within {self.within_s:g} seconds."
                await _answer(scope, send, 408, "request_timeout", "Request timeout", detail)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "expect" not in Headers(scope=scope):  # who asks first has sent nothing yet
            await _drain(receive)
        error = TooLarge(f"The request body is larger than {self.limit // (1024 * 1024)} MB.")
        await _answer(scope, send, 413, error.code, error.title, error.detail)


async def _answer(scope: Scope, send: Send, status: int, code: str, title: str, detail: str) -> None:
    """Answer with a problem of the body, and close the connection."""
    body = json.dumps(
        {
            "type": f"urn:synthetic-people:error:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": loggable(scope["path"]),
            "code": code,
            "request_id": scope.get("state", {}).get("request_id"),
            "errors": [{"loc": ["body"], "msg": detail}],
        }
    ).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
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


class _BodyTooSlow(BaseException):
    """Likewise."""


class _Body:
    """What is received of one body, bounded in size and time; after its end, what is awaited is the client's going."""

    def __init__(self, receive: Receive, limit: int, within_s: float) -> None:
        self._receive = receive
        self._left = limit
        self._until = asyncio.get_running_loop().time() + within_s
        self._whole = False

    async def receive(self) -> Message:
        """Receive as ASGI has it; raises _BodyTooLarge, _BodyTooSlow."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise _BodyTooSlow from None
        self._whole = not message.get("more_body", False)
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _BodyTooLarge
        return message

"""A small HTTP/1.1 server that speaks the model protocol and fails as scripted."""

from __future__ import annotations

import asyncio
import base64
import json
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What one request gets. `close` ends the connection without a reply, `wait_s` comes first.

    A body of text or bytes is sent as it is, any other one as JSON; `status` may be what is no HTTP at all.
    """

    status: int | str = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    close: bool = False
    close_after: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: Body


Handler = Callable[[Request], Reply]


def chat(content: str | None, **over: Any) -> Reply:
    """A chat completion; `over` replaces finish_reason, refusal, model or usage."""
    message = {"role": "assistant", "content": content, "refusal": over.get("refusal")}
    choice = {"index": 0, "finish_reason": over.get("finish_reason", "stop"), "message": message}
    usage = over.get("usage", {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120})
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": over.get("model", "answered-1")}
    return Reply(body=body | {"choices": [choice], "usage": usage}, headers={"x-request-id": "req-1"})


def error(status: int, message: str = "no", *, code: str | None = None, **headers: str) -> Reply:
    """An error in the protocol's form."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, {"error": {"message": message, "type": "x", "param": None, "code": code}}, named)


def embedded(request: Request) -> Reply:
    """Vectors whose first number is the length of the text, in the encoding asked for, in reverse order."""
    rows = []
    for index, text in enumerate(request.body["input"]):
        vector: Any = [float(len(text)), 0.5]
        if request.body.get("encoding_format") == "base64":
            vector = base64.b64encode(array("f", vector).tobytes()).decode()
        rows.append({"object": "embedding", "index": index, "embedding": vector})
    usage = {"prompt_tokens": len(rows), "total_tokens": len(rows)}
    return Reply(body={"object": "list", "model": "vectors-1", "data": rows[::-1], "usage": usage})


class FaultServer:
    """Gives scripted replies in order, then what `default` says; keeps every request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.script: list[Reply] = []
        self.default: Handler = lambda _: chat('{"word": "yes", "count": 3}')
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections = 0
        self.url = ""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[FaultServer]:
        """Serve on a free port of the loopback interface."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await _read(reader):
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    if not await self._answer(request, writer):
                        break
                finally:
                    self.in_flight -= 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        self.requests.append(request)
        reply = self.script.pop(0) if self.script else self.default(request)
        if reply.wait_s:
            await asyncio.sleep(reply.wait_s)
        if reply.close:
            return False
        raw = reply.body if isinstance(reply.body, bytes) else _encoded(reply.body)
        head = {"content-type": "application/json", "content-length": str(len(raw)), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + raw)
        await writer.drain()
        return not reply.close_after


def _encoded(body: Any) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body)).encode()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    line = await reader.readline()
    if not line:
        return None
    headers: dict[str, str] = {}
    while (raw := await reader.readline()).strip():
        name, _, value = raw.decode().partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(line.decode().split()[1], headers, json.loads(body or b"{}"))

"""Bodies that are too large, too slow, or made of too many parts, over a real connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from api import errors
from api.middleware import LARGEST_BODY, BodyLimit, LastResort, RequestContext

WITHIN_S = 1.0


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of an application whose bodies must be short and quick."""
    app = FastAPI()
    errors.install(app, [])
    app.add_middleware(LastResort)
    app.add_middleware(BodyLimit, limit=1000, within_s=WITHIN_S)
    app.add_middleware(RequestContext)

    @app.post("/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.post("/slow")
    async def slow(request: Request) -> StreamingResponse:
        await request.body()

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(8):
                await asyncio.sleep(WITHIN_S / 4)
                yield b"x"

        return StreamingResponse(parts())

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def sent(port: int, *parts: bytes, pause_s: float = 0.0) -> tuple[str, bytes]:
    """Send parts of a request as they are, with pauses; return the status line and the body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = asyncio.create_task(reader.read(-1))
    for part in parts:
        writer.write(part)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        await asyncio.sleep(pause_s)
    async with asyncio.timeout(5):
        head, _, body = (await answer).partition(b"\r\n\r\n")
    writer.close()
    return head.decode().splitlines()[0], body


HEAD = b"POST /echo HTTP/1.1\r\nHost: t\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        [HEAD + b"Content-Length: 10\r\n\r\n"],
        [HEAD + b"Content-Length: 10\r\n\r\n12345"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n"],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\na\r\n"] * 12],
    ],
    ids=["nothing comes", "half of it comes", "chunks stop", "chunk by chunk, slowly"],
)
async def test_a_body_that_does_not_arrive_in_time_is_given_up(port: int, parts: list[bytes]) -> None:
    status, body = await sent(port, *parts, pause_s=WITHIN_S / 10)
    assert status.split()[1] == "408"
    assert json.loads(body)["code"] == "request_timeout"


async def test_a_body_that_comes_in_time_may_come_in_pieces(port: int) -> None:
    head = HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, body = await sent(port, head, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n", pause_s=0.01)
    assert (status.split()[1], body) == ("200", b"5")


async def test_chunks_that_are_too_much_together_are_refused(port: int) -> None:
    parts = [b"1f4\r\n" + b"x" * 500 + b"\r\n"] * 3
    status, body = await sent(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *parts, b"0\r\n\r\n")
    assert status.split()[1] == "413"
    assert json.loads(body)["code"] == "payload_too_large"


async def test_the_time_is_for_the_body_and_not_for_the_answer(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        answer = await client.post("/slow", content=b"quick")
    assert (answer.status_code, answer.text) == (200, "x" * 8)


async def test_a_form_of_files_is_bounded_like_any_body(anonymous: httpx.AsyncClient) -> None:
    files = {"username": ("name", b"x" * (LARGEST_BODY + 1))}
    answer = await anonymous.post("/auth/token", files=files)
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "content",
    [
        b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(1500)) + b"--b--",
        b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n' + b"x" * 2_000_000 + b"\r\n--b--",
        b"--b\r\nno header at all\r\n\r\n",
        b"--other\r\n",
        b"",
    ],
    ids=["too many parts", "a part too long", "a broken part", "another boundary", "nothing"],
)
async def test_a_form_that_cannot_be_read_is_the_clients_fault(anonymous: httpx.AsyncClient, content: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = await anonymous.post("/auth/token", content=content, headers=headers)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"

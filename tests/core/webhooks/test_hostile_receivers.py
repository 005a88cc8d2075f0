"""Receivers that mean harm: to other receivers at their address, and to the process that calls them."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import AsyncIterator, Iterator
from socket import create_server, socket
from typing import Final

import pytest

from core.webhooks import guard as guards
from core.webhooks import wire
from core.webhooks.guard import Guard, Uncalled
from tests.fixtures.certificates import Certificate
from tests.fixtures.receiver import Receiver, plain

HEADERS: Final = {"Content-Type": "application/json"}
BLAST_S: Final = 3.0


@pytest.fixture
async def local() -> AsyncIterator[Guard]:
    """A guard that calls local receivers."""
    made = Guard(private=True, total_s=BLAST_S)
    yield made
    await made.aclose()


async def test_what_one_receiver_sets_is_not_sent_to_another_at_its_address(local: Guard, receiver: Receiver) -> None:
    receiver.answers = [plain(200, "", "Set-Cookie: mine=secret; Path=/"), plain(200)]
    await local.post(receiver.url, b"{}", HEADERS)
    await local.post(receiver.url.replace("/hook", "/of-another"), b"{}", HEADERS)
    assert [got.headers.get("cookie") for got in receiver.got] == [None, None]


async def test_where_a_redirect_leads_is_not_even_read(local: Guard, receiver: Receiver) -> None:
    receiver.answers = [plain(302, "", "Location: http://[::1/")]
    assert (await local.post(receiver.url, b"{}", HEADERS)).status == 302


@pytest.mark.parametrize(
    "flood",
    [b"HTTP/1.1 100 X\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: b\r\n" + b"X-A: b\r\n"],
    ids=["informational", "headers"],
)
async def test_who_floods_before_an_answer_is_hung_up_on_at_once(local: Guard, flood: bytes) -> None:
    """What comes before the answer has no end: the process that reads it has others to send to."""

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not writer.is_closing():
                writer.write(flood * 2000)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    try:
        began = time.monotonic()
        with pytest.raises(Uncalled) as error:
            await local.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"{}", HEADERS)
        assert error.value.code == "connection_lost"
        assert time.monotonic() - began < BLAST_S / 2
    finally:
        server.close()


async def test_an_answer_counts_although_more_comes_than_is_read(local: Guard, receiver: Receiver) -> None:
    one_by_one = b"1\r\nx\r\n" * (2 * wire.MOST_RECEIVED)
    receiver.answers = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + one_by_one]
    answer = await local.post(receiver.url, b"{}", HEADERS)
    assert (answer.status, answer.body) == (200, b"x" * guards.MOST_READ)


@pytest.fixture
def breaks_tls(certificate: Certificate) -> Iterator[int]:
    """The port of a receiver that ends its handshake well and sends no TLS after it."""
    listening = create_server(("127.0.0.1", 0))
    context = certificate.server_context()

    def answer() -> None:
        connection, _ = listening.accept()
        tls = context.wrap_socket(connection, server_side=True)
        tls.recv(65536)
        with socket(fileno=tls.detach()) as raw:
            raw.sendall(b"this is no TLS\r\n" * 10)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    thread.join(5)
    listening.close()


async def test_who_leaves_tls_after_the_handshake_is_lost(breaks_tls: int, certificate: Certificate) -> None:
    made = Guard(private=True, tls=ssl.create_default_context(cafile=certificate.path), total_s=BLAST_S)
    try:
        with pytest.raises(Uncalled) as error:
            await made.post(f"https://127.0.0.1:{breaks_tls}/", b"{}", HEADERS)
        assert error.value.code == "connection_lost"
    finally:
        await made.aclose()

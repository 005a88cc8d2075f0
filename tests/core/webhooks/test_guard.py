"""The guard calls what it checked, and nothing else: real sockets, a real name server, real certificates."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core import receivers
from core.receivers import Receiver as Parsed
from core.webhooks import guard as guards
from core.webhooks.guard import Guard, Uncalled
from tests.fixtures.certificates import Certificate
from tests.fixtures.dns import NameServer
from tests.fixtures.receiver import Receiver, plain

HEADERS = {"Content-Type": "application/json"}


@pytest.fixture
async def local() -> AsyncIterator[Guard]:
    """A guard that calls local receivers, and waits for a second at most."""
    made = Guard(private=True, total_s=1.0)
    yield made
    await made.aclose()


async def refused(guard: Guard, url: str) -> str:
    """Post to a URL; return why nobody was called."""
    with pytest.raises(Uncalled) as error:
        await guard.post(url, b"{}", HEADERS)
    return error.value.code


async def test_a_receiver_gets_the_body_at_its_path_under_its_name(local: Guard, receiver: Receiver) -> None:
    receiver.answers = [plain(201, "thanks")]
    answer = await local.post(f"http://localhost:{receiver.port}/a%20b?d=1", b'{"a":1}', HEADERS)
    assert (answer.status, answer.body) == (201, b"thanks")
    [got] = receiver.got
    assert (got.path, got.body) == ("/a%20b?d=1", b'{"a":1}')
    assert got.headers["host"] == f"localhost:{receiver.port}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(local: Guard, receiver: Receiver, status: int) -> None:
    receiver.answers = [plain(status, "", f"Location: {receiver.url}")]
    assert (await local.post(receiver.url, b"{}", HEADERS)).status == status
    assert receiver.connections == 1


async def test_of_a_huge_answer_only_the_beginning_is_read(local: Guard, receiver: Receiver) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 1_000_000]
    answer = await local.post(receiver.url, b"{}", HEADERS)
    assert (answer.status, answer.body) == (200, b"x" * guards.MOST_READ)


async def test_a_packed_answer_is_not_unpacked(local: Guard, receiver: Receiver) -> None:
    bomb = gzip.compress(b"0" * 1_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    receiver.answers = [head.encode() + bomb]
    assert (await local.post(receiver.url, b"{}", HEADERS)).body == bomb[: guards.MOST_READ]


async def test_a_status_counts_although_the_body_never_ends(
    local: Guard, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "READ_S", 0.1)
    receiver.after_s = 5
    receiver.answers = [b"HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\nab"]
    answer = await local.post(receiver.url, b"{}", HEADERS)
    assert (answer.status, answer.body) == (200, b"ab")


async def test_a_receiver_that_takes_its_time_is_given_up(local: Guard, receiver: Receiver) -> None:
    receiver.hang_s = 5
    began = time.monotonic()
    assert await refused(local, receiver.url) == "timeout"
    assert time.monotonic() - began < 3


async def test_headers_without_end_are_given_up(local: Guard, receiver: Receiver) -> None:
    receiver.answers = [b"HTTP/1.1 200 OK\r\n" + b"X-More: more\r\n" * 100_000]
    receiver.after_s = 5
    assert await refused(local, receiver.url) in ("connection_lost", "timeout")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 abc X\r\n\r\n"])
async def test_a_connection_that_ends_without_an_answer_is_lost(
    local: Guard, receiver: Receiver, answer: bytes
) -> None:
    receiver.answers = [answer]
    assert await refused(local, receiver.url) == "connection_lost"


async def test_nobody_there_is_said(local: Guard, receiver: Receiver) -> None:
    await receiver.stop()
    assert await refused(local, receiver.url) == "connection_refused"


async def test_proxies_of_the_environment_are_not_used(
    local: Guard, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await local.post(receiver.url, b"{}", HEADERS)).status == 200


async def test_a_certificate_that_nobody_trusts_is_refused(local: Guard, certificate: Certificate) -> None:
    receiver = await Receiver(tls=certificate.server_context()).start()
    try:
        assert await refused(local, receiver.url) == "tls_failed"
        assert receiver.got == []
    finally:
        await receiver.stop()


async def test_plain_http_where_tls_is_wanted_is_refused(local: Guard, receiver: Receiver) -> None:
    receiver.greets = plain(400)
    assert await refused(local, receiver.url.replace("http:", "https:")) == "tls_failed"


class TestNames:
    """What a name leads to decides, at each call anew."""

    @pytest.fixture
    async def strict(self, names: NameServer) -> AsyncIterator[Guard]:
        """A guard as in production, that asks the test's name server."""
        made = Guard(private=False, resolve=names.resolver(), total_s=2.0)
        yield made
        await made.aclose()

    @pytest.mark.parametrize(
        "addresses",
        [
            ["127.0.0.1"],
            ["10.1.2.3"],
            ["169.254.169.254"],
            ["8.8.8.8", "192.168.1.1"],
            ["8.8.8.8", "::1"],
            ["2606:4700::1", "fd00:ec2::254"],
            ["::ffff:127.0.0.1"],
            ["64:ff9b::7f00:1"],
            ["2002:7f00:1::"],
        ],
    )
    async def test_one_closed_address_closes_the_name(
        self, strict: Guard, names: NameServer, addresses: list[str]
    ) -> None:
        names.names["hook.example"] = [addresses]
        assert await refused(strict, "https://hook.example/") == "address_refused"

    async def test_the_connection_goes_to_the_address_that_was_checked(
        self, names: NameServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The name leads to an address that is open when it is checked, and to a closed one ever after."""
        names.names["rebind.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        monkeypatch.setattr(guards, "is_closed", lambda address: str(address) == "127.0.0.2")
        monkeypatch.setattr(guards, "parse", _parse_any)
        checked = await Receiver().start()
        inside = await Receiver().start(checked.port, host="127.0.0.2")
        strict = Guard(private=False, resolve=names.resolver(), total_s=2.0)
        try:
            url = f"http://rebind.example:{checked.port}/"
            assert (await strict.post(url, b"{}", HEADERS)).status == 200
            assert await refused(strict, url) == "address_refused"
            assert (checked.connections, inside.connections) == (1, 0)
            assert [name for name, kind in names.asked if kind == "A"] == ["rebind.example"] * 2
        finally:
            await strict.aclose()
            await checked.stop()
            await inside.stop()

    async def test_the_next_attempt_is_checked_anew(self, strict: Guard, names: NameServer) -> None:
        names.names["rebind.example"] = [["8.8.8.8"], ["127.0.0.1"]]
        assert [str(one) for one in await strict.check("https://rebind.example/")] == ["8.8.8.8"]
        assert await refused(strict, "https://rebind.example/") == "address_refused"

    async def test_a_name_that_does_not_exist_is_said(self, strict: Guard) -> None:
        assert await refused(strict, "https://nobody.example/") == "name_not_resolved"

    async def test_a_name_server_that_is_silent_is_given_up(
        self, strict: Guard, names: NameServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(guards, "LOOKUP_S", 0.3)
        names.silent.add("slow.example")
        assert await refused(strict, "https://slow.example/") == "name_not_resolved"

    async def test_a_url_that_was_taken_when_rules_were_others_is_refused(self, strict: Guard) -> None:
        assert await refused(strict, "http://hook.example/") == "url_refused"

    async def test_the_certificate_must_be_the_names_and_the_name_is_asked_for(
        self, names: NameServer, named_certificate: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SNI and the check of the certificate have the name, though the connection goes to an address."""
        trusted, server_context, seen = named_certificate
        receiver = await Receiver(tls=server_context).start()
        names.names |= {"hook.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
        made = Guard(private=True, resolve=names.resolver(), tls=trusted, total_s=2.0)
        try:
            answer = await made.post(f"https://hook.example:{receiver.port}/x", b"{}", HEADERS)
            assert answer.status == 200
            assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"
            assert await refused(made, f"https://other.example:{receiver.port}/x") == "tls_failed"
            assert seen == ["hook.example", "other.example"]
        finally:
            await made.aclose()
            await receiver.stop()


def _parse_any(url: str, *, private: bool) -> Parsed:
    """Take a URL with any port, as in development, for a guard that checks addresses as in production."""
    del private
    return receivers.parse(url, private=True)


async def test_many_calls_at_once_do_not_wait_for_each_other(local: Guard, receiver: Receiver) -> None:
    receiver.hang_s = 0.2
    began = time.monotonic()
    await asyncio.gather(*(local.post(receiver.url, b"{}", HEADERS) for _ in range(30)))
    assert time.monotonic() - began < 2

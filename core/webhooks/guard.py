"""Calls a URL that a caller gave, and nothing else: its name is looked up once, every address it has is checked, and
the connection goes to one of those addresses, with the name in SNI and Host. The certificate is verified.

Redirects are not followed, proxies of the environment not used, and of an answer only the beginning is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from ssl import SSLContext, SSLError
from typing import TYPE_CHECKING, Final, TypeAlias

import httpcore
import httpx

from core.receivers import Address, Receiver, is_closed, parse
from core.webhooks.wire import BoundedBackend

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[Address]]]
"""Returns the addresses of a name; raises Uncalled."""
TOTAL_S: Final = 15.0
CONNECT_S: Final = 5.0
LOOKUP_S: Final = 4.0
READ_S: Final = 3.0
MOST_READ: Final = 4096
"""Bytes of an answer's body that are read; what comes after them is not waited for."""
MOST_TRIED: Final = 3
FAILURES: Final = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
LOOPBACK: Final = (IPv4Address("127.0.0.1"), IPv6Address("::1"))


class Uncalled(Exception):
    """The receiver was not called, or gave no answer; `code` and `detail` are fit to be shown to the URL's owner."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; names of headers are in lower case, `body` is the beginning of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def resolve(name: str) -> Sequence[Address]:
    """Ask the name servers of this machine for a name's addresses, as it stands: no search domains, no hosts file."""
    from dns.asyncresolver import Resolver
    from dns.resolver import NoResolverConfiguration

    try:
        resolver = Resolver()
    except NoResolverConfiguration:
        raise Uncalled("name_not_resolved", "This machine knows no name server.") from None
    return await ask(resolver, name)


async def ask(resolver: Resolver, name: str) -> Sequence[Address]:
    """Return the addresses of both kinds that a resolver has for a name; raises Uncalled."""
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer

    asked = [resolver.resolve(f"{name}.", kind, lifetime=LOOKUP_S) for kind in ("A", "AAAA")]
    found = await asyncio.gather(*asked, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException) and not isinstance(one, DNSException | OSError | EOFError):
            raise one
    addresses = [ip_address(row.address) for one in found if not isinstance(one, BaseException) for row in one]
    if not addresses and not all(isinstance(one, NXDOMAIN | NoAnswer) for one in found):
        raise Uncalled("name_not_resolved", "The host name could not be looked up.")
    return addresses


class Guard:
    """Calls receivers for one process. `private` (development only) also calls addresses that are not public."""

    def __init__(
        self,
        *,
        private: bool,
        resolve: Resolve = resolve,
        tls: SSLContext | None = None,
        total_s: float = TOTAL_S,
    ) -> None:
        self._private = private
        self._resolve = resolve
        self._total_s = total_s
        self._tls = tls
        self._made: httpcore.AsyncConnectionPool | None = None

    @property
    def _connections(self) -> httpcore.AsyncConnectionPool:
        """What connects, made when it is first needed: who only checks addresses needs none.

        Each attempt has its address checked anew and a connection of its own, and nothing is remembered of an answer:
        receivers that share an address would be sent each other's cookies.
        """
        if self._made is None:
            self._made = httpcore.AsyncConnectionPool(
                ssl_context=self._tls or httpx.create_ssl_context(trust_env=False),
                max_connections=None,
                max_keepalive_connections=0,
                network_backend=BoundedBackend(),
            )
        return self._made

    async def aclose(self) -> None:
        """Close what is open."""
        if self._made is not None:
            await self._made.aclose()

    async def check(self, url: str) -> Sequence[Address]:
        """Return the addresses that a URL may be called at; raises Uncalled."""
        return await self._addresses(self._parsed(url))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post a body to a URL and return the beginning of the answer, whatever its status; raises Uncalled."""
        receiver = self._parsed(url)
        try:
            async with asyncio.timeout(self._total_s):
                return await self._post(receiver, body, headers)
        except TimeoutError:
            raise Uncalled("timeout", f"No complete answer within {self._total_s:g} s.") from None

    def _parsed(self, url: str) -> Receiver:
        try:
            return parse(url, private=self._private)
        except ValueError as error:
            raise Uncalled("url_refused", f"The URL {error}.") from None

    async def _addresses(self, receiver: Receiver) -> Sequence[Address]:
        if receiver.address is not None:
            found: Sequence[Address] = [receiver.address]
        elif self._private and receiver.host.rsplit(".", 1)[-1] == "localhost":
            found = LOOPBACK
        else:
            found = await self._resolve(receiver.host)
        if not found:
            raise Uncalled("name_not_resolved", "The host name has no address.")
        if not self._private and any(map(is_closed, found)):
            raise Uncalled("address_refused", "The host name leads to a private, local or reserved address.")
        return found

    async def _post(self, receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> Answer:
        failed: Uncalled | None = None
        for address in (await self._addresses(receiver))[:MOST_TRIED]:
            try:
                return await self._post_to(address, receiver, body, headers)
            except httpcore.ConnectError as error:  # at another address there may be somebody
                failed = _told(error)
            except FAILURES as error:
                raise _told(error) from None
        assert failed is not None
        raise failed

    async def _post_to(self, address: Address, receiver: Receiver, body: bytes, headers: Mapping[str, str]) -> Answer:
        url = httpcore.URL(
            scheme=receiver.scheme.encode("ascii"),
            host=str(address).encode("ascii"),
            port=receiver.port,
            target=receiver.target.encode("ascii"),
        )
        own = {
            "Host": receiver.authority,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        times = {"connect": min(CONNECT_S, self._total_s), "read": self._total_s, "write": self._total_s}
        extensions = {"timeout": times, "sni_hostname": receiver.host}
        async with self._connections.stream(
            "POST", url, headers=list((own | dict(headers)).items()), content=body, extensions=extensions
        ) as answer:
            named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            return Answer(answer.status, named, await _beginning(answer))


async def _beginning(answer: httpcore.Response) -> bytes:
    """Return the first bytes of a body; its status stands, whatever becomes of the rest."""
    found = bytearray()
    with suppress(*FAILURES, TimeoutError):
        async with asyncio.timeout(READ_S):
            async for piece in answer.aiter_stream():
                found += piece
                if len(found) >= MOST_READ:
                    break
    return bytes(found[:MOST_READ])


def _told(error: Exception) -> Uncalled:
    """Return what an error of the connection says to the URL's owner: no wording of libraries."""
    if isinstance(error, httpcore.ConnectTimeout):
        return Uncalled("connect_timeout", f"No connection within {CONNECT_S:g} s.")
    if isinstance(error, httpcore.TimeoutException):
        return Uncalled("timeout", "The receiver took too long.")
    if isinstance(error, httpcore.ConnectError):
        if (tls := _tls_error(error)) is not None:
            reason = getattr(tls, "verify_message", "") or "the handshake failed"
            return Uncalled("tls_failed", f"No TLS connection: {reason}.")
        return Uncalled("connection_refused", "The receiver cannot be connected to.")
    return Uncalled("connection_lost", "The connection ended before there was an answer.")


def _tls_error(error: BaseException) -> SSLError | None:
    """Return the error of TLS behind an error of the connection."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, SSLError):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None

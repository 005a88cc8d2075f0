"""The connection to a receiver, of which only so much is read: who sends without end is hung up on."""

from __future__ import annotations

from collections.abc import Iterable
from ssl import SSLContext, SSLError
from typing import Any, Final

from httpcore import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream, ReadError, WriteError

MOST_RECEIVED: Final = 32_768
"""Bytes of an answer that are taken, its head included; no head that is meant well is as long."""
PIECE: Final = 4096
"""Bytes that are taken at a time, so that who sends much does not keep the process from its other work."""


class BoundedBackend(AsyncNetworkBackend):
    """Opens connections of which `MOST_RECEIVED` bytes are read."""

    def __init__(self) -> None:
        self._inner = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the names are httpcore's
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to an address."""
        return _Bounded(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


class _Bounded(AsyncNetworkStream):
    def __init__(self, inner: AsyncNetworkStream, left: int = MOST_RECEIVED) -> None:
        self._inner = inner
        self._left = left

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if self._left <= 0:
            raise ReadError("more than is read of an answer")
        try:
            found = await self._inner.read(min(max_bytes, PIECE), timeout)
        except SSLError as error:  # what came behind the handshake was no TLS
            raise ReadError("the receiver left TLS") from error
        self._left -= len(found)
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        try:
            await self._inner.write(buffer, timeout)
        except SSLError as error:
            raise WriteError("the receiver left TLS") from error

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> AsyncNetworkStream:
        return _Bounded(await self._inner.start_tls(ssl_context, server_hostname, timeout), self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

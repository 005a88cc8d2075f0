"""Where a request comes from: forwarding headers are believed as far as they were written by trusted proxies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

import structlog
from starlette.types import Scope

log = structlog.get_logger(__name__)
ANYBODY: Final = "*"
UNKNOWN: Final = "unknown"
# One line is as long as its hops: nobody has more of them.
MOST_HOPS: Final = 50
IPV6_SITE_BITS: Final = 64
Address = IPv4Address | IPv6Address


class TrustedProxies:
    """Tells who asks, behind the proxies of TRUSTED_PROXIES; without any, that is who connects."""

    def __init__(self, networks: Iterable[str]) -> None:
        found = list(networks)
        self._anybody = ANYBODY in found
        self._wondered = False
        self._networks = [ip_network(one) for one in found if one != ANYBODY]

    def take(self, scope: Scope) -> str:
        """Return the address of who asks, and let `scope` have the scheme they used."""
        client: Sequence[str | int] | None = scope.get("client")
        peer = str(client[0]) if client else UNKNOWN
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        if not (self._networks or self._anybody):
            self._wonder(peer, headers)
            return peer
        if not self._trusts(parsed(peer)):
            return peer
        schemes = b",".join(value for name, value in headers if name == b"x-forwarded-proto").split(b",")
        if (scheme := schemes[-1].strip().lower()) in (b"http", b"https"):
            scope["scheme"] = scheme.decode()
        hops = b",".join(value for name, value in headers if name == b"x-forwarded-for").split(b",")
        return self._furthest(peer, hops)

    def _wonder(self, peer: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        """Say once that somebody forwards and nobody is trusted: behind a proxy all users would be one address."""
        if not self._wondered and any(name == b"x-forwarded-for" for name, _ in headers):
            self._wondered = True
            log.warning("forwarding_not_trusted", peer=peer, hint="behind a proxy, name it in TRUSTED_PROXIES")

    def _furthest(self, peer: str, hops: Sequence[bytes]) -> str:
        """Follow the hops back from the last; the first that no trusted proxy vouches for is who asks."""
        for hop in hops[: -MOST_HOPS - 1 : -1]:
            address = parsed(hop.decode("latin-1"))
            if address is None:
                return peer
            peer = str(address)
            if not self._trusts(address):
                return peer
        return peer

    def _trusts(self, address: Address | None) -> bool:
        if self._anybody:
            return True
        return address is not None and any(address in network for network in self._networks)


@lru_cache(maxsize=4096)
def parsed(text: str) -> Address | None:
    """Return an address, with or without a port and brackets; None where there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


@lru_cache(maxsize=4096)
def counted_as(ip: str) -> str:
    """Return what limits count an address as: of IPv6 the whole /64, of which one customer has all addresses."""
    address = parsed(ip)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_SITE_BITS), strict=False))
    return str(address or ip)

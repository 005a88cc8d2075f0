"""Addresses that callers have this service call: what such a URL looks like, and which IP addresses are never called.

Nothing is looked up here. A name is judged by its look, its addresses when they are known (`core.webhooks.guard`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
LONGEST_URL: Final = 2000
PORTS: Final = (443, 8443)
_VISIBLE: Final = re.compile(r"[!-~]+")
_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Not private but as close: special-purpose ranges (IANA's registries), and what clouds answer their machines on.
_CLOSED_4: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)  # fmt: skip
# All else of IPv6 (loopback, mapped, NAT64, unique local, link-local, multicast …) is outside of what is given out.
_GIVEN_OUT_6: Final = ip_network("2000::/3")
# IETF protocols with Teredo, ORCHID and benchmarking; documentation; 6to4; AS112; documentation.
_CLOSED_6: Final = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))


@dataclass(frozen=True, slots=True)
class Receiver:
    """A URL taken apart: `host` is a name in lower case or an address; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def address(self) -> Address | None:
        """The address that the host is, if it is no name."""
        try:
            return ip_address(self.host)
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"


def is_closed(address: Address) -> bool:
    """Tell whether an address is private, local, reserved or leads to such a one, so that it must not be called."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _CLOSED_4)
    return address not in _GIVEN_OUT_6 or any(address in network for network in _CLOSED_6)


def parse(url: str, *, private: bool) -> Receiver:
    """Take a URL apart; raises ValueError saying what is wrong with it, without repeating it.

    `private` (development only) also takes http, any port, and addresses that are not public.
    """
    if len(url) > LONGEST_URL:
        raise ValueError(f"must have at most {LONGEST_URL} characters")
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        raise ValueError("must hold no spaces, backslashes or signs beyond ASCII (names in punycode, the rest as %XX)")
    schemes = ("https", "http") if private else ("https",)
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in schemes or not rest:
        raise ValueError(f"must start with {' or '.join(f'{one}://' for one in schemes)}")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise ValueError("cannot be read as a URL") from None
    if "@" in parts.netloc:
        raise ValueError("must hold no user name or password")
    if "#" in url:
        raise ValueError("must hold no fragment")
    if parts.netloc.endswith(":") or port == 0:
        raise ValueError("has a port that is none")
    port = port or {"https": 443, "http": 80}[parts.scheme]
    if not private and port not in PORTS:
        raise ValueError(f"must use port {' or '.join(map(str, PORTS))}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Receiver(parts.scheme, _host(host, bracketed="[" in parts.netloc), port, target)
    if not private:
        _require_public(found)
    return found


def _host(host: str, *, bracketed: bool) -> str:
    """Return a host in its one spelling: numbers in other notations are refused, as some resolvers read them."""
    if bracketed:
        try:
            return str(IPv6Address(host if "%" not in host else ""))  # a zone names a link of this machine
        except ValueError:
            raise ValueError("has an IPv6 address that is none") from None
    name = host.removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise ValueError("has a number for a host; an IPv4 address is written as four decimal numbers") from None
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("names no host")
    return name


def _require_public(receiver: Receiver) -> None:
    address = receiver.address
    if address is not None and is_closed(address):
        raise ValueError("must not lead to a private, local or reserved address")
    if receiver.host.rsplit(".", 1)[-1] == "localhost":
        raise ValueError("must not lead to this machine")

"""What a setting that names a server, a mailbox, an origin or a network has to look like; each raises ValueError.

No message repeats the value: an address may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

LONGEST_MAILBOX: Final = 320
_MAILBOX: Final = re.compile(r"[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*")
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+", re.IGNORECASE)


def http_url(value: str) -> str:
    """Return an address of the web."""
    return _server(value, ("http", "https"), "http://HOST:PORT/PATH")


def postgres_url(value: str) -> str:
    """Return an address of a Postgres; its host may also stand in the query, as that of a socket does."""
    return _server(
        value, ("postgresql", "postgres", "postgresql+asyncpg", "postgres+asyncpg"),
        "postgresql://USER:PASSWORD@HOST:PORT/DATABASE",
    )  # fmt: skip


def redis_url(value: str) -> str:
    """Return an address of a Redis: over TCP, TLS or a socket."""
    wanted = "redis://:PASSWORD@HOST:PORT/NUMBER"
    if value.startswith("unix://"):
        parts = _split(value, ("unix",), "unix://PATH?db=NUMBER")
        if not parts.path:
            raise ValueError("names no socket; must be like unix://PATH?db=NUMBER")
    else:
        _server(value, ("redis", "rediss"), wanted)
        parts = urlsplit(value)
        if not re.fullmatch(r"(/[0-9]*)?/?", parts.path):
            raise ValueError(f"has a database that is no number; must be like {wanted}")
    if not all(number.isdecimal() for number in parse_qs(parts.query, keep_blank_values=True).get("db", [])):
        raise ValueError(f"has a database that is no number; must be like {wanted}")
    return value


def mailbox(value: str) -> str:
    """Return one e-mail address, without a name."""
    address = value.strip()
    if len(address) > LONGEST_MAILBOX or not _MAILBOX.fullmatch(address):
        raise ValueError("must be an e-mail address, like name@example.org")
    return address


def origin(value: str) -> str:
    """Return an origin as browsers send it, or the star for any."""
    wanted = "https://HOST or https://HOST:PORT, with nothing behind, or *"
    if value == "*":
        return value
    if not _ORIGIN.fullmatch(value):
        raise ValueError(f"must hold origins like {wanted}")
    _host_and_port(_parts(value, wanted), wanted)
    return value.lower()


def network(value: str) -> str:
    """Return an address or a network of addresses, or the star for any."""
    if value != "*":
        try:
            ip_network(value)
        except ValueError:
            raise ValueError(
                "must hold addresses like 10.0.0.1 or networks like 10.0.0.0/8 (no bits set behind the /8), or *"
            ) from None
    return value


def _server(value: str, schemes: Sequence[str], wanted: str) -> str:
    parts = _split(value, schemes, wanted)
    named_in_query = parts.scheme.startswith("postgres") and "host" in parse_qs(parts.query)
    if not _host_and_port(parts, wanted) and not named_in_query:
        raise ValueError(f"names no host; must be like {wanted}")
    return value


def _split(value: str, schemes: Sequence[str], wanted: str) -> SplitResult:
    if not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        raise ValueError("must start with " + " or ".join(f"{scheme}://" for scheme in schemes[:2]))
    if re.search(r"\s", value):
        raise ValueError(f"holds a space; must be like {wanted}")
    parts = _parts(value, wanted)
    if parts.netloc.count("@") > 1:
        raise ValueError(f"holds more than one @; must be like {wanted}, an @ in a password is written %40")
    return parts


def _parts(value: str, wanted: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError:
        raise ValueError(f"cannot be read; must be like {wanted}, signs in a password are written %XX") from None


def _host_and_port(parts: SplitResult, wanted: str) -> str:
    """Return the host, which may be empty."""
    try:
        wrong = parts.port == 0 or parts.netloc.endswith(":")
    except ValueError:
        wrong = True
    if wrong:
        raise ValueError(
            f"has a port that is no number from 1 to 65535; must be like {wanted}, signs in a password are written %XX"
        )
    return parts.hostname or ""

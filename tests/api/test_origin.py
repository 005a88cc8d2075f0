"""Where a request comes from: what a client writes itself is never believed."""

from __future__ import annotations

from typing import Any

import pytest
import structlog

from api.origin import TrustedProxies, counted_as

PROXIES = ("10.0.0.0/8", "2001:db8::1", "127.0.0.1")


def scope_of(peer: str | None, *forwarded: str, proto: str | None = None) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", one.encode("latin-1")) for one in forwarded]
    if proto is not None:
        headers.append((b"x-forwarded-proto", proto.encode()))
    return {"type": "http", "scheme": "http", "headers": headers, "client": (peer, 5) if peer else None}


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),  # no proxy of ours wrote it
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),  # the client wrote 1.1.1.1
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::9]:4711"], "2001:db8::9"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db8::1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, "], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["é<script>"], "10.0.0.1"),
        ("10.0.0.1", [", ".join(["10.0.0.9"] * 10_000)], "10.0.0.9"),
        (None, ["198.51.100.1"], "unknown"),
    ],
)
def test_the_first_hop_back_that_is_no_proxy_asks(peer: str | None, forwarded: list[str], origin: str) -> None:
    assert TrustedProxies(PROXIES).take(scope_of(peer, *forwarded)) == origin


def test_without_trusted_proxies_who_connects_asks() -> None:
    scope = scope_of("127.0.0.1", "198.51.100.1", proto="https")
    assert TrustedProxies(()).take(scope) == "127.0.0.1"
    assert scope["scheme"] == "http"


def test_forwarding_that_nobody_is_trusted_with_is_told_once() -> None:
    proxies = TrustedProxies(())
    with structlog.testing.capture_logs() as lines:
        proxies.take(scope_of("192.0.2.1"))
        for _ in range(3):
            proxies.take(scope_of("192.0.2.1", "198.51.100.1"))
    assert [(line["event"], line["peer"]) for line in lines] == [("forwarding_not_trusted", "192.0.2.1")]


def test_where_anybody_is_trusted_the_furthest_hop_asks() -> None:
    assert TrustedProxies(["*"]).take(scope_of("192.0.2.1", "198.51.100.1, 192.0.2.9")) == "198.51.100.1"
    assert TrustedProxies(["*"]).take(scope_of(None, "198.51.100.1")) == "198.51.100.1"


@pytest.mark.parametrize(
    ("peer", "proto", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "http, HTTPS", "https"),
        ("10.0.0.1", "javascript", "http"),
        ("192.0.2.1", "https", "http"),
    ],
)
def test_only_a_trusted_proxy_says_which_scheme_was_used(peer: str, proto: str, scheme: str) -> None:
    scope = scope_of(peer, proto=proto)
    TrustedProxies(PROXIES).take(scope)
    assert scope["scheme"] == scheme


def test_all_addresses_of_an_ipv6_customer_are_counted_as_one() -> None:
    assert counted_as("2001:db8:1:2::1") == counted_as("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert counted_as("2001:db8:1:3::1") != counted_as("2001:db8:1:2::1")
    assert counted_as("192.0.2.1") != counted_as("192.0.2.2")
    assert counted_as("unknown") == "unknown"

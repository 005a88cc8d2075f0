"""Which URLs are taken, and which addresses are never called."""

from __future__ import annotations

from ipaddress import ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.receivers import is_closed, parse


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


CLOSED = words("""
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 100.100.100.200 127.0.0.1 127.255.255.254
169.254.0.1 169.254.169.254 168.63.129.16 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1
192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::ffff:8.8.8.8 ::ffff:127.0.0.1 ::ffff:0:127.0.0.1 ::127.0.0.1 64:ff9b::8.8.8.8 64:ff9b::a00:1
64:ff9b:1::1 64:ff9b:1:fffe::10.0.0.1 100::1 2001::1 2001:0:53aa::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd00::1 fd00:ec2::254 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1
""")
OPEN = words("""
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 169.253.255.255
169.255.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
2600:1f18::1 2606:4700:4700::1111 2a00:1450::1 2001:4860:4860::8888 2001:200::1 2003::1 3ffe::1
""")


@pytest.mark.parametrize("address", CLOSED)
def test_an_address_that_is_not_public_is_closed(address: str) -> None:
    assert is_closed(ip_address(address))


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_is_open(address: str) -> None:
    assert not is_closed(ip_address(address))


@pytest.mark.parametrize("address", CLOSED)
def test_a_url_with_such_an_address_is_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(ValueError, match="must not lead to"):
        parse(f"https://{host}/hook", private=False)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0X7F.0.0.1",
        "0x7f.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.1",
        "10.0.0.256",
        "0",
        "example.0x1",
        "1.1.1.0x1",
        "①②⑦.0.0.1",
        "127。0。0。1",
        "127.0.0.1%00.example.com",
        "[::1%25lo]",
        "[fe80::1%lo]",
        "[::ffff:127.0.0.1",
        "[127.0.0.1]",
        "[v1.x]",
        "",
        ".",
        "a..b",
        "-a.example",
        f"{'a' * 64}.example",
        "a.b." * 70 + "example",
        "exa mple.com",
        "example.com\\@127.0.0.1",
        "localhost",
        "a.localhost",
        "LOCALHOST.",
    ],
)
def test_another_spelling_of_a_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"^(names|has|must|cannot)"):
        parse(f"https://{host}/hook", private=False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.com/", "must start with https://"),
        ("ftp://example.com/", "must start with https://"),
        ("file:///etc/passwd", "must start with https://"),
        ("gopher://example.com:443/", "must start with https://"),
        ("//example.com/", "must start with https://"),
        ("https:/example.com/", "must start with https://"),
        ("https://", "must start with https://"),
        ("https://example.com:80/", "must use port 443 or 8443"),
        ("https://example.com:22/", "must use port 443 or 8443"),
        ("https://example.com:0/", "has a port that is none"),
        ("https://example.com:/", "has a port that is none"),
        ("https://example.com:65536/", "cannot be read as a URL"),
        ("https://example.com:443x/", "cannot be read as a URL"),
        ("https://user@example.com/", "must hold no user name or password"),
        ("https://user:secret@example.com/", "must hold no user name or password"),
        ("https://example.com@10.0.0.1/", "must hold no user name or password"),
        ("https://@example.com/", "must hold no user name or password"),
        ("https://example.com/#part", "must hold no fragment"),
        ("https://example.com/a b", "must hold no spaces"),
        ("https://example.com/\r\nHost: x", "must hold no spaces"),
        ("https://exämple.com/", "must hold no spaces"),
        (f"https://example.com/{'a' * 2000}", "must have at most 2000 characters"),
    ],
)
def test_what_is_wrong_with_a_url_is_said(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        parse(url, private=False)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "authority", "target"),
    [
        ("https://example.com", "example.com", "/"),
        ("HTTPS://EXAMPLE.com.:443/Hook?a=%20b", "example.com", "/Hook?a=%20b"),
        ("https://xn--exmple-cua.com:8443?x", "xn--exmple-cua.com:8443", "/?x"),
        ("https://8.8.8.8/", "8.8.8.8", "/"),
        ("https://[2606:4700:4700:0:0:0:0:1111]:8443/a/../b", "[2606:4700:4700::1111]:8443", "/a/../b"),
    ],
)
def test_a_good_url_is_taken_apart(url: str, authority: str, target: str) -> None:
    found = parse(url, private=False)
    assert (found.authority, found.target) == (authority, target)


def test_in_development_local_receivers_are_taken_too() -> None:
    found = parse("http://localhost:8080/hook", private=True)
    assert (found.scheme, found.host, found.port) == ("http", "localhost", 8080)
    assert parse("http://[::1]/", private=True).authority == "[::1]"
    with pytest.raises(ValueError, match="user name"):
        parse("http://a@localhost/", private=True)


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    st.sampled_from(["https://example.com/", "http://1.2.3.4:99", "https://[::1]", "https://", ""]),
)
def test_whatever_is_taken_can_be_asked_for(rest: str, beginning: str) -> None:
    try:
        found = parse(beginning + rest, private=True)
    except ValueError:
        return
    url = httpx.URL(scheme=found.scheme, host="1.1.1.1", port=found.port, raw_path=found.target.encode("ascii"))
    httpx.Request("POST", url, headers={"Host": found.authority})
    assert found.host.encode("ascii")
    assert found.target.startswith("/")

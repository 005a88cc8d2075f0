"""The headers that every answer has besides its own: request id, limits, security, and that nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.types import Message

from core.rates.policies import Standing

# What an answer is never to be: guessed at, framed, told of to the next page.
ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)
NOTHING_RUNS: Final = b"default-src 'none'; frame-ancestors 'none'"
# The docs page brings its own scripts, styles and pictures; the one that starts it stands in the page itself.
DOCS_RUN: Final = (
    b"default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    b" connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")


def complete(
    message: Message, path: str, request_id: str, standings: Sequence[Standing], *, strict: bool = False
) -> None:
    """Add them to the start of an answer; what it says of caching and of content itself stays."""
    headers = [pair for pair in message["headers"] if pair[0] != b"x-request-id"]
    present = {name.lower() for name, _ in headers}
    headers.append((b"x-request-id", request_id.encode()))
    headers.extend(pair for pair in ALWAYS if pair[0] not in present)
    if b"content-security-policy" not in present:
        docs = path == "/docs" or path.startswith("/docs/")
        headers.append((b"content-security-policy", DOCS_RUN if docs else NOTHING_RUNS))
    if b"cache-control" not in present:
        # Answers are of one caller; one with a tag may be kept by that caller, and asked after.
        headers.append((b"cache-control", b"private, no-cache" if b"etag" in present else b"no-store"))
    if strict:
        headers.append(STRICT_TRANSPORT)
    if standings:
        headers.append((b"ratelimit-policy", ", ".join([one.policy.told for one in standings]).encode()))
        headers.append((b"ratelimit", ", ".join([one.told for one in standings]).encode()))
    message["headers"] = headers

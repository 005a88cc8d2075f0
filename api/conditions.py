"""Conditional requests (RFC 9110, 13), and request headers that may be sent in several lines."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request


def all_lines(request: Request, name: str) -> str | None:
    """Return a header whose value is a list, its lines put together (RFC 9110, 5.3); None where there is none."""
    return ", ".join(request.headers.getlist(name)) if name in request.headers else None


async def if_match(
    request: Request,
    _documented: Annotated[
        str | None, Header(alias="If-Match", description="The ETag that was read; 412 when there is a newer version.")
    ] = None,
) -> str | None:
    """Return the request's If-Match."""
    return all_lines(request, "If-Match")


async def if_none_match(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(alias="If-None-Match", description="The ETag that was read; 304 while there is no other."),
    ] = None,
) -> str | None:
    """Return the request's If-None-Match."""
    return all_lines(request, "If-None-Match")


IfMatch = Annotated[str | None, Depends(if_match)]
IfNoneMatch = Annotated[str | None, Depends(if_none_match)]


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-None-Match header names the entity tag, by weak comparison; `*` names any."""
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]


def expected_tags(header: str | None) -> frozenset[str] | None:
    """Return the strong entity tags that If-Match names, without quotes (RFC 9110, 13.1.1); None where any will do.

    A weak tag is none of them, so that the match fails.
    """
    if header is None or header.strip() == "*":
        return None
    tags = (part.strip() for part in header.split(","))
    return frozenset(tag[1:-1] for tag in tags if len(tag) > 1 and tag[0] == tag[-1] == '"')

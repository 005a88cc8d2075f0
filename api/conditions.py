"""Conditional requests (RFC 9110, 13)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description="The ETag that was read; 412 when there is a newer version.")
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="The ETag that was read; 304 while there is no other.")
]


def matches(header: str, tag: str) -> bool:
    """Tell whether an If-None-Match header names the entity tag, by weak comparison; `*` names any."""
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]

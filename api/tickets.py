"""Which routes take a ticket in place of a token, and what a ticket is for: one path with one query."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from urllib.parse import unquote

from fastapi import Depends, Query, Request
from fastapi.routing import APIRoute

from core.api_keys.secrets import Vouched
from core.auth import tickets
from core.auth.errors import InvalidTicket
from core.auth.service import Bearer
from core.auth.tickets import KeyHolder

PARAMETER: Final = "ticket"
LONGEST_TARGET: Final = 2000
_TARGET: Final = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")


async def takes_tickets(
    request: Request,
    _documented: Annotated[
        str | None,
        Query(
            alias=PARAMETER,
            description="A ticket of `POST /tickets` for this very address, where no header can be sent.",
        ),
    ] = None,
) -> None:
    """Let a route take tickets: for `GET` of what a browser opens by itself, streams and downloads."""
    request.state.takes_tickets = True


TAKES_TICKETS: Final[Any] = Depends(takes_tickets)


def ticket_of(request: Request) -> str | None:
    """Return the ticket a request came with, where its route takes one; raises InvalidTicket where there are two."""
    if not getattr(request.state, "takes_tickets", False) or request.method != "GET":
        return None
    given = request.query_params.getlist(PARAMETER)
    if len(given) > 1:
        raise InvalidTicket
    return given[0] if given else None


def credential(request: Request, ticket: str, *, active: bool) -> Bearer | Vouched:
    """Return whom a ticket vouches for; raises InvalidTicket."""
    rest = [one for one in request.url.query.split("&") if one.partition("=")[0] != PARAMETER]
    holder = tickets.read(request.app.state.settings, ticket, target_of(request.url.path, "&".join(rest)))
    return Vouched(holder.prefix) if isinstance(holder, KeyHolder) else Bearer(holder, active=active)


def target_of(path: str, query: str) -> str:
    """Return what a ticket is bound to; `path` with its percent signs resolved, `query` as it is sent."""
    return f"{path}?{query}" if query else path


def split(address: str) -> tuple[str, str] | None:
    """Return path and query of an address a ticket is asked for; None where it is none of this service."""
    if len(address) > LONGEST_TARGET or not _TARGET.fullmatch(address) or address.startswith("//"):
        return None
    path, _, query = address.partition("?")
    if any(one.partition("=")[0] == PARAMETER for one in query.split("&")):
        return None
    return unquote(path), query


def find_route(routes: list[APIRoute], path: str) -> tuple[APIRoute, dict[str, str]] | None:
    """Return the route that answers a GET of this path if it takes tickets, and what the path names."""
    for route in routes:
        found = route.path_regex.match(path)
        if found is not None and "GET" in (route.methods or ()):
            takes = any(one.call is takes_tickets for one in route.dependant.dependencies)
            return (route, found.groupdict()) if takes else None
    return None

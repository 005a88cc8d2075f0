"""Tickets: links to streams and downloads for what cannot send a header."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, StringConstraints

from api import tickets
from api.deps import (
    AuthenticatedRoute,
    CurrentParty,
    Token,
    current_admin,
    dependencies_of,
    enter,
    visible_job,
    workspaces_of,
)
from api.openapi import refusals
from core.api_keys.service import KeyCaller
from core.auth.tickets import KeyHolder, issue
from core.auth.tokens import AccessClaims
from core.errors import FieldError, Invalid, NotFound

router = APIRouter(tags=["tickets"], route_class=AuthenticatedRoute)
PLACE = ("body", "path")


class TicketCreate(BaseModel):
    """What a ticket is asked for: a path of this service that a `GET` streams or downloads, with its query."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=tickets.LONGEST_TARGET)]


class TicketRead(BaseModel):
    """The same address with a ticket in it; good until `expires_at`, as often as needed until then."""

    url: str
    expires_at: datetime


@router.post("/tickets", status_code=201, operation_id="create_ticket", responses=refusals(404))
async def create_ticket(
    request: Request, party: CurrentParty, token: Token, body: TicketCreate, response: Response
) -> TicketRead:
    """Make a link that works without a header for 60 seconds: for `EventSource`, and for downloads by the browser.

    It opens this one address, with this query, and nothing else; a stream that is open stays open. Who loses access
    meanwhile loses the link.
    """
    address = tickets.split(body.path.rstrip("?"))
    found = tickets.find_route(request.app.state.routes, address[0]) if address else None
    if address is None or found is None:
        raise Invalid([FieldError(PLACE, "must be the path of a stream or a download of this service")])
    await _require_access(request, token, party, *found)
    holder = KeyHolder(party.prefix) if isinstance(party, KeyCaller) else AccessClaims(party.user.id, party.session_id)
    ticket, expires_at = issue(request.app.state.settings, holder, tickets.target_of(*address))
    url = f"{body.path.rstrip('?')}{'&' if address[1] else '?'}{tickets.PARAMETER}={ticket}"
    response.headers["Location"] = url
    return TicketRead(url=url, expires_at=expires_at)


async def _require_access(
    request: Request, token: str, party: CurrentParty, route: APIRoute, named: dict[str, str]
) -> None:
    """Refuse who may not read there; raises WorkspaceNotFound, WorkspaceRoleTooLow, JobNotFound, NotFound."""
    try:
        if "ws" in named:
            member = (await enter(request, token, UUID(named["ws"]))).member
            if member is not None and current_admin in dependencies_of(route):
                await current_admin(member)
        if "job_id" in named:
            await visible_job(await workspaces_of(party), UUID(named["job_id"]))
    except ValueError:
        raise NotFound from None

"""Who calls, and where: dependencies of the routes.

Order of checks: 401 → membership 404 → role 403 → body 422. FastAPI reads the body before dependencies run,
so `AuthenticatedRoute` runs the guards first when a body turns out to be wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import OAuth2PasswordBearer
from starlette.exceptions import HTTPException

from api import tickets
from api.entrance import Credential, Entered, Entrance, Entrant, Party
from api.limiting import KnownKeys
from core.admin.errors import SuperadminNeeded
from core.api_keys import secrets
from core.api_keys import service as api_keys
from core.api_keys.errors import ApiKeyNotAccepted
from core.api_keys.secrets import KeyClaims
from core.api_keys.service import KeyCaller
from core.auth import tokens
from core.auth.errors import InvalidToken
from core.auth.service import Bearer, Caller
from core.db import session as db
from core.errors import FieldError, Invalid
from core.jobs import service as jobs
from core.jobs.service import Author
from core.omi import service as omi
from core.omi.models import OmiSession
from core.orgs import members as org_members
from core.orgs.access import ADMINISTRATORS, OWNER, OrgMember
from core.orgs.errors import OrganizationNotFound
from core.settings import Settings
from core.workspaces import service as workspaces
from core.workspaces.access import Member, Role
from core.workspaces.errors import WorkspaceNotFound

SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_bearer: Final = OAuth2PasswordBearer(tokenUrl="auth/token", auto_error=False)


async def polling(request: Request) -> None:
    """Mark a request as no activity of its user: waiting for a job keeps no session alive."""
    request.state.polling = request.method == "GET"


async def _token(request: Request, _documented: Annotated[str | None, Depends(_bearer)] = None) -> str:
    if "authorization" not in request.headers and (ticket := tickets.ticket_of(request)) is not None:
        request.state.came_by_ticket = True
        return ticket
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken
    return token.strip()


Token = Annotated[str, Depends(_token)]


async def current_party(request: Request, token: Token) -> Party:
    """Return who calls, a user or an API key; raises the refusals of `auth.identify` and `api_keys.identify`."""
    return (await enter(request, token)).party


async def enter(request: Request, token: str, workspace_id: UUID | None = None) -> Entered:
    """Look up who calls, and their membership where a workspace is given; raises the refusals of both."""
    entrance: Entrance = request.app.state.entrance
    credential = _credential(request, token)
    entered = await entrance(Entrant(credential, workspace_id))
    if isinstance(entered.party, KeyCaller) and isinstance(credential, KeyClaims):
        known: KnownKeys = request.app.state.known_keys
        known.remember(credential.secret_hash, entered.party.id)
    return entered


def _credential(request: Request, token: str) -> Credential:
    active = not getattr(request.state, "polling", False)
    if getattr(request.state, "came_by_ticket", False):
        return tickets.credential(request, token, active=active)
    if token.startswith(secrets.BEGINNING):
        return secrets.read(token)
    settings: Settings = request.app.state.settings
    return Bearer(tokens.read(settings, token), active=active)


CurrentParty = Annotated[Party, Depends(current_party)]


async def current_caller(party: CurrentParty) -> Caller:
    """Return the user who calls; raises what `current_party` raises, and ApiKeyNotAccepted to programs."""
    if isinstance(party, KeyCaller):
        raise ApiKeyNotAccepted
    return party


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def current_superadmin(caller: CurrentCaller) -> Caller:
    """Return the superadmin who calls; raises what `current_caller` raises, and SuperadminNeeded to everyone else."""
    if not caller.user.is_superadmin:
        raise SuperadminNeeded
    return caller


CurrentSuperadmin = Annotated[Caller, Depends(current_superadmin)]


async def optional_caller(request: Request) -> Caller | None:
    """Return the user who calls, None where no token was sent; raises what `current_caller` raises."""
    if not request.headers.get("authorization", "").strip():
        return None
    return await current_caller(await current_party(request, await _token(request)))


OptionalCaller = Annotated[Caller | None, Depends(optional_caller)]


async def current_member(
    request: Request, token: Token, ws: Annotated[str, Path(description="id of the workspace")]
) -> Member:
    """Return the caller as a member of the path's workspace.

    Raises what `current_party` raises, WorkspaceNotFound to everyone else, and ScopeTooLow to a key that may only read
    where something else is asked for.
    """
    try:
        workspace_id = UUID(ws)
    except ValueError:
        await current_party(request, token)
        raise WorkspaceNotFound from None
    entered = await enter(request, token, workspace_id)
    assert entered.member is not None
    if isinstance(entered.party, KeyCaller) and request.method not in SAFE_METHODS:
        api_keys.require_write(entered.party)
    return entered.member


async def current_admin(member: Annotated[Member, Depends(current_member)]) -> Member:
    """Return the caller as an admin of the path's workspace; raises WorkspaceRoleTooLow to its members."""
    workspaces.require_admin(member)
    return member


async def visible_workspaces(request: Request, party: CurrentParty) -> list[UUID]:
    """Return the ids of the workspaces the caller may enter: of a user all, of an API key its own.

    Raises ScopeTooLow to a key that may only read where something else is asked for, JobNotFound before that where the
    path names a job of another workspace.
    """
    mine = await workspaces_of(party)
    if isinstance(party, KeyCaller) and request.method not in SAFE_METHODS:
        if "job_id" in request.path_params:
            with suppress(ValueError):  # an id that is no id is told of by itself
                await visible_job(mine, UUID(str(request.path_params["job_id"])))
        api_keys.require_write(party)
    return mine


async def workspaces_of(party: Party) -> list[UUID]:
    """Return the ids of the workspaces a caller may enter, to read."""
    if isinstance(party, KeyCaller):
        return [party.workspace_id]
    async with db.scope(db.SYSTEM) as session:
        return await workspaces.list_ids(session, party.user)


async def roles_of(party: Party, workspace_ids: Sequence[UUID]) -> dict[UUID, Role]:
    """Return what a caller acts as in those workspaces they may enter."""
    if isinstance(party, KeyCaller):
        return {party.workspace_id: "member"}
    async with db.scope(db.SYSTEM) as session:
        return await workspaces.roles_of(session, party.user, workspace_ids)


CurrentMember = Annotated[Member, Depends(current_member)]
CurrentAdmin = Annotated[Member, Depends(current_admin)]
VisibleWorkspaces = Annotated[list[UUID], Depends(visible_workspaces)]


async def visible_job(mine: VisibleWorkspaces, job_id: UUID) -> UUID:
    """Return the id of the path's job, for routes that take a body with it; raises JobNotFound."""
    async with db.scope(mine) as session:
        await jobs.get(session, job_id)
    return job_id


VisibleJob = Annotated[UUID, Depends(visible_job)]


def author_of(party: Party) -> Author:
    """Return who calls as the author of what they make."""
    return party.member().author if isinstance(party, KeyCaller) else Author("user", party.user.id)


async def own_omi_session(request: Request, party: CurrentParty, session_id: UUID) -> OmiSession:
    """Return the path's session of the co-pilot, which is the caller's own, in a workspace they may enter.

    Raises OmiSessionNotFound to everyone else, ScopeTooLow to a key that may only read where something else is asked
    for.
    """
    async with db.scope(await workspaces_of(party)) as session:
        found = await omi.own(session, session_id, author_of(party))
    if isinstance(party, KeyCaller) and request.method not in SAFE_METHODS:
        api_keys.require_write(party)
    return found


OwnOmiSession = Annotated[OmiSession, Depends(own_omi_session)]


async def current_org_member(
    caller: CurrentCaller, org: Annotated[str, Path(description="id of the organization")]
) -> OrgMember:
    """Return the caller as a member of the path's organization; raises OrganizationNotFound to everyone else."""
    try:
        organization_id = UUID(org)
    except ValueError:
        raise OrganizationNotFound from None
    async with db.scope([]) as session:
        return await org_members.enter(session, organization_id, caller.user.id)


async def current_org_admin(member: Annotated[OrgMember, Depends(current_org_member)]) -> OrgMember:
    """Return the caller as an owner or admin of the path's organization; raises OrganizationRoleTooLow."""
    org_members.require(member, ADMINISTRATORS)
    return member


async def current_org_owner(member: Annotated[OrgMember, Depends(current_org_member)]) -> OrgMember:
    """Return the caller as an owner of the path's organization; raises OrganizationRoleTooLow."""
    org_members.require(member, (OWNER,))
    return member


CurrentOrgMember = Annotated[OrgMember, Depends(current_org_member)]
CurrentOrgAdmin = Annotated[OrgMember, Depends(current_org_admin)]
CurrentOrgOwner = Annotated[OrgMember, Depends(current_org_owner)]


class AuthenticatedRoute(APIRoute):
    """A route that lets nobody learn what is wrong with a body before it is known that they may send one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, wrapped."""
        handle = super().get_route_handler()
        calls = dependencies_of(self)

        async def handle_in_order(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError:
                await _guard(request, calls)
                raise
            except HTTPException as error:
                if error.status_code != 400:
                    raise
                # What FastAPI says of a body that is no text, nested too deeply or no form.
                await _guard(request, calls)
                raise Invalid([FieldError(("body",), _unreadable(error))]) from None

        return handle_in_order


def _unreadable(error: HTTPException) -> str:
    """Say why a body could not be read; FastAPI keeps what json raised as the cause."""
    cause = error.__cause__
    if isinstance(cause, UnicodeDecodeError):
        return f"is no {cause.encoding} text, at byte {cause.start}"
    if isinstance(cause, RecursionError):
        return "is nested too deeply"
    if isinstance(cause, ValueError) and "integer string conversion" in str(cause):
        return f"holds a whole number of more than {sys.get_int_max_str_digits():,} digits"
    return f"cannot be read: {error.detail}"


async def _guard(request: Request, calls: set[Any]) -> None:
    if current_member in calls:
        member = await current_member(request, await _token(request), str(request.path_params["ws"]))
        if current_admin in calls:
            await current_admin(member)
    elif optional_caller in calls:
        await optional_caller(request)
    elif current_party in calls:
        party = await current_party(request, await _token(request))
        if current_caller in calls:
            caller = await current_caller(party)
            if current_superadmin in calls:
                await current_superadmin(caller)
            if current_org_member in calls:
                await _guard_organization(caller, str(request.path_params["org"]), calls)
        if visible_workspaces in calls:
            mine = await visible_workspaces(request, party)
            if visible_job in calls:
                with suppress(ValueError):  # an id that is no id is told of by itself
                    await visible_job(mine, UUID(str(request.path_params["job_id"])))
        if own_omi_session in calls:
            with suppress(ValueError):
                await own_omi_session(request, party, UUID(str(request.path_params["session_id"])))


async def _guard_organization(caller: Caller, org: str, calls: set[Any]) -> None:
    member = await current_org_member(caller, org)
    if current_org_admin in calls:
        await current_org_admin(member)
    if current_org_owner in calls:
        await current_org_owner(member)


def dependencies_of(route: APIRoute) -> set[Any]:
    """Return all that a route depends on, directly or through others."""
    return {dependency.call for dependency in _all_dependencies(route.dependant)}


def _all_dependencies(dependant: Any) -> list[Any]:
    found = list(dependant.dependencies)
    for dependency in dependant.dependencies:
        found.extend(_all_dependencies(dependency))
    return found

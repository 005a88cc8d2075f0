"""Who calls, and where: dependencies of the routes.

Order of checks: 401 → membership 404 → role 403 → body 422. FastAPI reads the body before dependencies run,
so `AuthenticatedRoute` runs the guards first when a body turns out to be wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import OAuth2PasswordBearer
from starlette.exceptions import HTTPException

from api.entrance import Entered, Entrance, Entrant
from core.auth import tokens
from core.auth.errors import InvalidToken
from core.auth.service import Bearer, Caller
from core.db import session as db
from core.errors import FieldError, Invalid
from core.jobs import service as jobs
from core.settings import Settings
from core.workspaces import service as workspaces
from core.workspaces.access import Member
from core.workspaces.errors import WorkspaceNotFound

_bearer: Final = OAuth2PasswordBearer(tokenUrl="auth/token", auto_error=False)


async def polling(request: Request) -> None:
    """Mark a request as no activity of its user: waiting for a job keeps no session alive."""
    request.state.polling = request.method == "GET"


async def _token(request: Request, _documented: Annotated[str | None, Depends(_bearer)] = None) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise InvalidToken
    return token.strip()


Token = Annotated[str, Depends(_token)]


async def current_caller(request: Request, token: Token) -> Caller:
    """Return who calls; raises the refusals of `auth.identify`."""
    return (await _enter(request, token)).caller


async def _enter(request: Request, token: str, workspace_id: UUID | None = None) -> Entered:
    settings: Settings = request.app.state.settings
    entrance: Entrance = request.app.state.entrance
    active = not getattr(request.state, "polling", False)
    return await entrance(Entrant(Bearer(tokens.read(settings, token), active), workspace_id))


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def current_member(
    request: Request, token: Token, ws: Annotated[str, Path(description="id of the workspace")]
) -> Member:
    """Return the caller as a member of the path's workspace.

    Raises what `current_caller` raises, and WorkspaceNotFound to everyone else.
    """
    try:
        workspace_id = UUID(ws)
    except ValueError:
        await current_caller(request, token)
        raise WorkspaceNotFound from None
    member = (await _enter(request, token, workspace_id)).member
    assert member is not None
    return member


async def current_admin(member: Annotated[Member, Depends(current_member)]) -> Member:
    """Return the caller as an admin of the path's workspace; raises WorkspaceRoleTooLow to its members."""
    workspaces.require_admin(member)
    return member


async def visible_workspaces(caller: CurrentCaller) -> list[UUID]:
    """Return the ids of the workspaces the caller may enter."""
    async with db.scope(db.SYSTEM) as session:
        return await workspaces.list_ids(session, caller.user)


CurrentMember = Annotated[Member, Depends(current_member)]
CurrentAdmin = Annotated[Member, Depends(current_admin)]
VisibleWorkspaces = Annotated[list[UUID], Depends(visible_workspaces)]


async def visible_job(mine: VisibleWorkspaces, job_id: UUID) -> UUID:
    """Return the id of the path's job, for routes that take a body with it; raises JobNotFound."""
    async with db.scope(mine) as session:
        await jobs.get(session, job_id)
    return job_id


VisibleJob = Annotated[UUID, Depends(visible_job)]


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
    elif current_caller in calls:
        caller = await current_caller(request, await _token(request))
        if visible_job in calls:
            with suppress(ValueError):  # an id that is no id is told of by itself
                await visible_job(await visible_workspaces(caller), UUID(str(request.path_params["job_id"])))


def dependencies_of(route: APIRoute) -> set[Any]:
    """Return all that a route depends on, directly or through others."""
    return {dependency.call for dependency in _all_dependencies(route.dependant)}


def _all_dependencies(dependant: Any) -> list[Any]:
    found = list(dependant.dependencies)
    for dependency in dependant.dependencies:
        found.extend(_all_dependencies(dependency))
    return found

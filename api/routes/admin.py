"""Administration (superadmins): accounts, and the service in figures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.deps import AuthenticatedRoute, CurrentSuperadmin
from api.openapi import refusals
from api.pagination import Limit, Page, decode_cursor, page
from core.admin import accounts, figures
from core.admin.schemas import AccountRead, AccountUpdate, Dashboard, Role, UserStats
from core.db import session as db
from core.db.text import Text
from core.jobs.service import Author

router = APIRouter(prefix="/admin", tags=["admin"], route_class=AuthenticatedRoute)
Search = Annotated[Text | None, Query(description="a part of the e-mail address or of the name, in any case")]


@router.get("/users", operation_id="list_users")
async def list_users(
    _: CurrentSuperadmin,
    limit: Limit = 50,
    cursor: str | None = None,
    search: Search = None,
    is_active: bool | None = None,
    is_verified: bool | None = None,
    role: Role | None = None,
) -> Page[AccountRead]:
    """List accounts, newest first."""
    async with db.scope(db.SYSTEM) as session:
        found = await accounts.list_users(
            session,
            limit=limit + 1,
            before=decode_cursor(cursor),
            search=search,
            is_active=is_active,
            is_verified=is_verified,
            role=role,
        )
    return page(found, limit, [AccountRead.of(user) for user in found])


@router.get("/users/{user_id}", operation_id="get_user")
async def get_user(_: CurrentSuperadmin, user_id: UUID) -> AccountRead:
    """Read an account."""
    async with db.scope(db.SYSTEM) as session:
        return AccountRead.of(await accounts.get(session, user_id))


@router.patch("/users/{user_id}", operation_id="update_user", responses=refusals(409))
async def update_user(request: Request, caller: CurrentSuperadmin, user_id: UUID, body: AccountUpdate) -> AccountRead:
    """Change an account, from its next request on: active or not (then its sessions end), verified or not, its role.
    The superadmin of the settings and the last one stay what they are.
    """
    author = Author("user", caller.user.id)
    async with db.scope(db.SYSTEM) as session:
        changed = await accounts.update_user(session, request.app.state.settings, author, user_id, body)
    return AccountRead.of(changed)


@router.get("/users/{user_id}/stats", operation_id="get_user_stats")
async def get_user_stats(request: Request, _: CurrentSuperadmin, user_id: UUID) -> UserStats:
    """Count what a user has and has done."""
    async with db.scope(db.SYSTEM) as session:
        return await figures.read_user_stats(session, user_id, request.app.state.settings.idle_timeout)


@router.get("/dashboard", operation_id="get_dashboard")
async def get_dashboard(request: Request, _: CurrentSuperadmin) -> Dashboard:
    """Count accounts, workspaces, jobs, failures, workers and what is spent, as it is now."""
    async with db.scope(db.SYSTEM) as session:
        return await figures.read_dashboard(session, request.app.state.settings.job_lease_s)

"""Workspaces: create, read, list, change, delete; their settings."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from api.deps import (
    AuthenticatedRoute,
    CurrentAdmin,
    CurrentCaller,
    CurrentMember,
    CurrentParty,
    VisibleWorkspaces,
    roles_of,
)
from api.openapi import refusals
from api.pagination import Limit, Page, decode_cursor, page
from core import clock
from core.db import session as db
from core.llm import usage
from core.llm.usage import Usage
from core.workspaces import service as workspaces
from core.workspaces.access import Role
from core.workspaces.errors import WorkspaceBusy
from core.workspaces.models import Workspace
from core.workspaces.schemas import SettingsRead, SettingsUpdate, WorkspaceCreate, WorkspaceRead, WorkspaceUpdate

TRIES: Final = 5
DEADLOCK: Final = "40P01"
router = APIRouter(prefix="/workspaces", tags=["workspaces"], route_class=AuthenticatedRoute)


@router.post("", status_code=201, operation_id="create_workspace", responses=refusals(404))
async def create_workspace(caller: CurrentCaller, body: WorkspaceCreate, response: Response) -> WorkspaceRead:
    """Make a workspace; the caller is its admin."""
    async with db.scope(db.SYSTEM) as session:
        made = _read(await workspaces.create(session, caller.user, body), "admin")
    response.headers["Location"] = f"/workspaces/{made.id}"
    return made


@router.get("", operation_id="list_workspaces")
async def list_workspaces(
    party: CurrentParty, mine: VisibleWorkspaces, limit: Limit = 50, cursor: str | None = None
) -> Page[WorkspaceRead]:
    """List the workspaces one may enter, newest first."""
    async with db.scope(mine) as session:
        found = await workspaces.list_for(session, mine, limit=limit + 1, before=decode_cursor(cursor))
    roles = await roles_of(party, [row.id for row in found])
    shown = [row for row in found[:limit] if row.id in roles]  # who was taken out in the very moment sees it no more
    return page(found, limit, [_read(row, roles[row.id]) for row in shown])


@router.get("/{ws}", operation_id="get_workspace")
async def get_workspace(member: CurrentMember) -> WorkspaceRead:
    """Read a workspace."""
    async with db.scope([member.workspace_id]) as session:
        return _read(await workspaces.get(session, member.workspace_id), member.role)


@router.patch("/{ws}", operation_id="update_workspace")
async def update_workspace(member: CurrentAdmin, body: WorkspaceUpdate) -> WorkspaceRead:
    """Change a workspace (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return _read(await workspaces.update(session, member, body), member.role)


def _read(workspace: Workspace, role: Role) -> WorkspaceRead:
    return WorkspaceRead(**workspace.model_dump(), role=role)


@router.get("/{ws}/settings", operation_id="get_workspace_settings")
async def get_settings(member: CurrentMember) -> SettingsRead:
    """Read a workspace's settings: its budgets, and what of them is spent today and in this month (UTC)."""
    async with db.scope([member.workspace_id]) as session:
        return await workspaces.read_settings(session, member)


@router.patch("/{ws}/settings", operation_id="update_workspace_settings")
async def update_settings(member: CurrentAdmin, body: SettingsUpdate) -> SettingsRead:
    """Change a workspace's settings (admins). A budget holds for all its jobs: once it is used up they fail with
    `budget_exhausted`, keep what was paid for, and can be retried when there is more.
    """
    async with db.scope([member.workspace_id]) as session:
        return await workspaces.update_settings(session, member, body)


@router.get("/{ws}/usage", operation_id="get_workspace_usage")
async def get_usage(
    member: CurrentMember,
    since: Annotated[dt.date | None, Query(alias="from", description="first day (UTC)")] = None,
    until: Annotated[dt.date | None, Query(alias="to", description="last day (UTC)")] = None,
) -> Usage:
    """Read what a workspace's model calls took and cost: in all, by day and kind of job, by kind, by model. By default
    of thirty days. A call without a known cost is counted in `unknown_cost_calls` and in no `cost_usd`.
    """
    first, last = usage.period(since, until, clock.now().date())
    async with db.scope([member.workspace_id]) as session:
        return await usage.read(session, member.workspace_id, first, last)


@router.delete("/{ws}", status_code=204, operation_id="delete_workspace")
async def delete_workspace(
    member: CurrentAdmin,
    cancel_jobs: Annotated[bool, Query(description="end the jobs that are under way instead of being refused")] = False,
) -> None:
    """Delete a workspace and all in it (admins). While its jobs run it is refused, unless they may be cancelled: their
    workers are told, and nothing that they still do is kept.
    """
    for left in reversed(range(TRIES)):
        try:
            async with db.scope([member.workspace_id]) as session:
                await workspaces.delete(session, member, cancel_jobs=cancel_jobs)
            return
        except WorkspaceBusy:  # jobs were submitted in the very moment
            if not cancel_jobs or not left:
                raise
        except db.STATEMENT_ERRORS as error:
            if db.sqlstate_of(error) != DEADLOCK:
                raise
            if not left:
                raise WorkspaceBusy from error

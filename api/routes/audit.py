"""The audit log: of a workspace for its admins, of everything for superadmins."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from api.deps import AuthenticatedRoute, CurrentAdmin, CurrentSuperadmin
from api.pagination import Limit, Page, decode_cursor, page
from core.audit import service as audit
from core.audit.schemas import AuditRead
from core.audit.service import Wanted
from core.db import session as db
from core.db.moments import Moment
from core.db.session import System
from core.db.text import ShortText

router = APIRouter(tags=["audit log"], route_class=AuthenticatedRoute)
Action = Annotated[
    ShortText | None, Query(description="an action such as `api_key.revoked`, or `api_key.*` for all of a noun")
]


async def _wanted(
    action: Action = None, actor: UUID | None = None, since: Moment | None = None, until: Moment | None = None
) -> Wanted:
    return Wanted(action=action, actor_id=actor, since=since, until=until)


Filters = Annotated[Wanted, Depends(_wanted)]


@router.get("/workspaces/{ws}/audit-log", operation_id="list_workspace_audit_log")
async def list_of_workspace(
    member: CurrentAdmin, wanted: Filters, limit: Limit = 50, cursor: str | None = None
) -> Page[AuditRead]:
    """List the privileged actions in a workspace, newest first (admins); `since` is in, `until` is not."""
    return await _page([member.workspace_id], wanted, limit, cursor)


@router.get("/admin/audit-log", operation_id="list_audit_log")
async def list_all(
    _: CurrentSuperadmin,
    wanted: Filters,
    limit: Limit = 50,
    cursor: str | None = None,
    workspace_id: UUID | None = None,
) -> Page[AuditRead]:
    """List the privileged actions everywhere, newest first (superadmins)."""
    return await _page(db.SYSTEM, replace(wanted, workspace_id=workspace_id), limit, cursor)


async def _page(scope: list[UUID] | System, wanted: Wanted, limit: int, cursor: str | None) -> Page[AuditRead]:
    async with db.scope(scope) as session:
        found = await audit.list_entries(session, wanted, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [AuditRead.of(entry) for entry in found[:limit]])

"""Exports of workspaces: make one, read it, download it."""

from __future__ import annotations

import functools
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from api.conditions import IfNoneMatch, matches
from api.deps import AuthenticatedRoute, CurrentAdmin
from api.openapi import download, refusals
from api.submitting import Submitting
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.exports import service as exports
from core.exports.schemas import ExportCreate, ExportRead
from core.jobs.schemas import JobRead

MEDIA_TYPE: Final = "application/zip"
NOTHING_CHOSEN: Final = ExportCreate()
router = APIRouter(prefix="/workspaces/{ws}/export", tags=["workspaces"], route_class=AuthenticatedRoute)


@router.post("", status_code=202, response_model=JobRead, operation_id="export_workspace")
async def export_workspace(member: CurrentAdmin, submit: Submitting, body: ExportCreate = NOTHING_CHOSEN) -> Response:
    """Write all of a workspace to a ZIP (admins): rows as JSON, responses as CSV, files as they are. It is kept for
    seven days, or until the next one is made.
    """
    return await submit(member, lambda session: exports.start(session, member, body))


@router.get("/{export_id}", operation_id="get_workspace_export")
async def get_export(member: CurrentAdmin, export_id: UUID) -> ExportRead:
    """Read what is known of an export, and where its file is (admins)."""
    async with db.scope([member.workspace_id]) as session:
        return exports.read(await exports.get(session, member.workspace_id, export_id))


@router.get(
    "/{export_id}/file",
    operation_id="download_workspace_export",
    response_class=StreamingResponse,
    responses=download([MEDIA_TYPE]) | refusals(409),
    dependencies=[TAKES_TICKETS],
)
async def download_export(member: CurrentAdmin, export_id: UUID, if_none_match: IfNoneMatch) -> Response:
    """Download an export (admins)."""
    scope = functools.partial(db.scope, [member.workspace_id])
    async with scope() as session:
        written = exports.require_made(await exports.get(session, member.workspace_id, export_id))
    tag = f'"{written.sha256}"'
    headers = {
        "ETag": tag,
        "Content-Disposition": f'attachment; filename="workspace-{member.workspace_id}.zip"',
        "Cache-Control": "private, no-cache",
    }
    if if_none_match is not None and matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    pieces = exports.pieces(scope, member.workspace_id, export_id, written.parts)
    return StreamingResponse(pieces, media_type=MEDIA_TYPE, headers=headers | {"Content-Length": str(written.size)})

"""Reports: build, read, download, delete."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.conditions import IfNoneMatch, matches
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import download, refusals
from api.pagination import Limit, Page, decode_cursor, encode_cursor
from api.submitting import Submitting
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.jobs.schemas import JobRead
from core.reports import service as reports
from core.reports.schemas import MEDIA_TYPES, ReportCreate, ReportFormat, ReportRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/reports",
    tags=["reports"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=202, response_model=JobRead, operation_id="build_report")
async def build_report(member: CurrentMember, exp: UUID, body: ReportCreate, submit: Submitting) -> Response:
    """Build a report's files."""
    return await submit(member, lambda session: reports.start(session, member, exp, body))


@router.get("", operation_id="list_reports")
async def list_reports(
    member: CurrentMember, exp: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[ReportRead]:
    """List an exploration's reports, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await reports.list_for(session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor))
    more = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.get("/{report_id}", operation_id="get_report")
async def get_report(member: CurrentMember, exp: UUID, report_id: UUID) -> ReportRead:
    """Read a report."""
    async with db.scope([member.workspace_id]) as session:
        return await reports.read(session, await reports.get(session, member.workspace_id, exp, report_id))


@router.delete("/{report_id}", status_code=204, operation_id="delete_report")
async def delete_report(member: CurrentMember, exp: UUID, report_id: UUID) -> None:
    """Delete a report and its files."""
    async with db.scope([member.workspace_id]) as session:
        await reports.delete(session, member, exp, report_id)


@router.get(
    "/{report_id}/files/{format_}",
    operation_id="download_report",
    response_class=Response,
    responses=download(MEDIA_TYPES.values()) | refusals(409),
    dependencies=[TAKES_TICKETS],
)
async def download_report(
    member: CurrentMember,
    exp: UUID,
    report_id: UUID,
    format_: ReportFormat,
    if_none_match: IfNoneMatch,
) -> Response:
    """Download one of a report's files."""
    async with db.scope([member.workspace_id]) as session:
        stored = await reports.get_file(session, member.workspace_id, exp, report_id, format_)
    tag = f'"{stored.sha256}"'
    headers = {
        "ETag": tag,
        "Content-Disposition": f'attachment; filename="report-{report_id}.{format_}"',
        "Cache-Control": "private, no-cache",
    }
    if if_none_match is not None and matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(stored.data, media_type=stored.content_type, headers=headers)

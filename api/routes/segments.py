"""Saved segments of an exploration: create, list, read, change, delete."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.surveys import segments
from core.surveys.segments import SegmentCreate, SegmentRead, SegmentUpdate

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/segments",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=201, operation_id="create_segment")
async def create_segment(member: CurrentMember, exp: UUID, body: SegmentCreate, response: Response) -> SegmentRead:
    """Save a part of the respondents under a name, for results, tables and banners of any run."""
    async with db.scope([member.workspace_id]) as session:
        made = await segments.create(session, member, exp, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/segments/{made.id}"
    return SegmentRead.model_validate(made)


@router.get("", operation_id="list_segments")
async def list_segments(
    member: CurrentMember, exp: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[SegmentRead]:
    """List an exploration's segments, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await segments.list_for(
            session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor)
        )
    return page(found, limit, [SegmentRead.model_validate(one) for one in found])


@router.get("/{segment_id}", operation_id="get_segment")
async def get_segment(member: CurrentMember, exp: UUID, segment_id: UUID) -> SegmentRead:
    """Read a segment."""
    async with db.scope([member.workspace_id]) as session:
        return SegmentRead.model_validate(await segments.get(session, member.workspace_id, exp, segment_id))


@router.patch("/{segment_id}", operation_id="update_segment")
async def update_segment(member: CurrentMember, exp: UUID, segment_id: UUID, body: SegmentUpdate) -> SegmentRead:
    """Change a segment's name or conditions."""
    async with db.scope([member.workspace_id]) as session:
        changed = await segments.update(session, member.workspace_id, exp, segment_id, body)
        return SegmentRead.model_validate(changed)


@router.delete("/{segment_id}", status_code=204, operation_id="delete_segment")
async def delete_segment(member: CurrentMember, exp: UUID, segment_id: UUID) -> None:
    """Delete a segment; what it was used for stays."""
    async with db.scope([member.workspace_id]) as session:
        await segments.delete(session, member, exp, segment_id)

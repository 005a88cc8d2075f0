"""Evidence: add a file or a text, list, read, search, its passages, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import uploads
from api.conditions import IfNoneMatch, matches
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import Responses, download, refusals
from api.pagination import Limit, Page, decode_cursor, decode_number, encode_number, page
from api.submitting import Submitting
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.errors import FieldError, Invalid
from core.evidence import service as evidence
from core.evidence.files import MEDIA_TYPES
from core.evidence.intake import take_text
from core.evidence.schemas import EvidenceRead, EvidenceText, FoundPassage, PassageRead, SearchText
from core.explorations import service as explorations
from core.jobs.schemas import JobRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/evidence", tags=["evidence"], route_class=AuthenticatedRoute
)

ANSWERS: Final[Responses] = {
    200: {"model": EvidenceRead | JobRead},
    202: {"model": JobRead},
    **refusals(409, 422),
}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            uploads.JSON: {"schema": EvidenceText.model_json_schema()},
            uploads.MULTIPART: {"schema": uploads.FORM},
        },
    }
}


@router.post(
    "",
    status_code=201,
    operation_id="create_evidence",
    response_model=EvidenceRead,
    responses=ANSWERS,
    openapi_extra=BODY,
)
async def create_evidence(member: CurrentMember, exp: UUID, request: Request, submit: Submitting) -> Response:
    """Add a text, ready at once (201; 200 where it is there already), or a file, extracted by a job (202)."""
    async with db.scope([member.workspace_id]) as session:  # before a body is read that nobody will take
        await explorations.require_open(session, member.workspace_id, exp)
    if uploads.media_type_of(request) == uploads.MULTIPART:
        sent = await uploads.read_upload(request)
        return await submit(
            member,
            lambda session: evidence.create_file(session, member, exp, sent.taken, options=sent.options),
            content=sent.fingerprint,
        )
    if uploads.media_type_of(request) != uploads.JSON:
        raise Invalid(
            [FieldError(("body",), f"must be {uploads.MULTIPART} with a file, or {uploads.JSON} with a text")]
        )
    text = await asyncio.to_thread(take_text, await uploads.read_json(request, EvidenceText))
    async with db.scope([member.workspace_id]) as session:
        made, new = await evidence.create_text(session, member, exp, text)
    headers = {"Location": f"/workspaces/{member.workspace_id}/explorations/{exp}/evidence/{made.id}"} if new else {}
    return Response(made.model_dump_json(), 201 if new else 200, headers, uploads.JSON)


@router.get("", operation_id="list_evidence")
async def list_evidence(
    member: CurrentMember,
    exp: UUID,
    research_objective_id: UUID | None = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[EvidenceRead]:
    """List an exploration's evidence, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await evidence.list_for(
            session,
            member.workspace_id,
            exp,
            research_objective_id=research_objective_id,
            limit=limit + 1,
            before=decode_cursor(cursor),
        )
    return page(found, limit, found)


@router.get("/search", operation_id="search_evidence")
async def search_evidence(
    member: CurrentMember,
    exp: UUID,
    q: Annotated[SearchText, Query(description='words, "phrases", or, -not')],
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[FoundPassage]:
    """Find passages, best first, with what fits in `<mark>`."""
    offset = decode_number(cursor, default=0)
    async with db.scope([member.workspace_id]) as session:
        found = await evidence.find(session, member.workspace_id, exp, q, limit=limit + 1, offset=offset)
    return Page(items=found[:limit], next_cursor=encode_number(offset + limit) if len(found) > limit else None)


@router.get("/{evidence_id}", operation_id="get_evidence")
async def get_evidence(member: CurrentMember, exp: UUID, evidence_id: UUID) -> EvidenceRead:
    """Read a document's state."""
    async with db.scope([member.workspace_id]) as session:
        return await evidence.get(session, member.workspace_id, exp, evidence_id)


@router.delete("/{evidence_id}", status_code=204, operation_id="delete_evidence")
async def delete_evidence(member: CurrentMember, exp: UUID, evidence_id: UUID) -> None:
    """Delete a document, its file and its passages."""
    async with db.scope([member.workspace_id]) as session:
        await evidence.delete(session, member, exp, evidence_id)


@router.get("/{evidence_id}/passages", operation_id="list_passages")
async def list_passages(
    member: CurrentMember, exp: UUID, evidence_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[PassageRead]:
    """List a document's passages in their order."""
    async with db.scope([member.workspace_id]) as session:
        found = await evidence.list_passages(
            session,
            member.workspace_id,
            exp,
            evidence_id,
            limit=limit + 1,
            after=decode_number(cursor, default=0),
        )
    items = [PassageRead.model_validate(one, from_attributes=True) for one in found[:limit]]
    return Page(items=items, next_cursor=encode_number(items[-1].ordinal) if len(found) > limit else None)


@router.get(
    "/{evidence_id}/file",
    operation_id="download_evidence",
    response_class=Response,
    responses=download(MEDIA_TYPES.values()),
    dependencies=[TAKES_TICKETS],
)
async def download_evidence(
    member: CurrentMember, exp: UUID, evidence_id: UUID, if_none_match: IfNoneMatch
) -> Response:
    """Download a document's file as it was sent."""
    async with db.scope([member.workspace_id]) as session:
        document, data = await evidence.get_file(session, member.workspace_id, exp, evidence_id)
    tag = f'"{document.sha256}"'
    headers = {
        "ETag": tag,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.filename or '', safe='')}",
        "Cache-Control": "private, no-cache",
    }
    if if_none_match is not None and matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=document.media_type)

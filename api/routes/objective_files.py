"""Files of research objectives: attach one as evidence, list, delete."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from api import uploads
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import refusals
from api.pagination import Limit, Page, decode_cursor, page
from api.submitting import Submitting
from core.db import session as db
from core.evidence.schemas import EvidenceRead
from core.jobs.schemas import JobRead
from core.objectives import files

router = APIRouter(
    prefix="/workspaces/{ws}/research-objectives/{objective_id}/files",
    tags=["research objectives"],
    route_class=AuthenticatedRoute,
)
BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {uploads.MULTIPART: {"schema": uploads.FORM}}}
}


@router.post(
    "",
    status_code=202,
    response_model=JobRead,
    operation_id="add_objective_file",
    responses=refusals(409, 422),
    openapi_extra=BODY,
)
async def add_objective_file(
    member: CurrentMember, objective_id: UUID, request: Request, submit: Submitting
) -> Response:
    """Attach a file: its text is extracted by a job, and the next analysis is shown what bears on the objective."""
    async with db.scope([member.workspace_id]) as session:  # before a body is read that nobody will take
        await files.require_open(session, member, objective_id)
    sent = await uploads.read_upload(request)
    return await submit(
        member,
        lambda session: files.add(session, member, objective_id, sent.taken, sent.options),
        content=sent.fingerprint,
    )


@router.get("", operation_id="list_objective_files")
async def list_objective_files(
    member: CurrentMember, objective_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[EvidenceRead]:
    """List the files of an objective, newest first, with the state of their extraction."""
    async with db.scope([member.workspace_id]) as session:
        found = await files.list_for(
            session, member.workspace_id, objective_id, limit=limit + 1, before=decode_cursor(cursor)
        )
    return page(found, limit, found)


@router.delete("/{evidence_id}", status_code=204, operation_id="delete_objective_file")
async def delete_objective_file(member: CurrentMember, objective_id: UUID, evidence_id: UUID) -> None:
    """Delete a file of an objective, with its passages."""
    async with db.scope([member.workspace_id]) as session:
        await files.remove(session, member, objective_id, evidence_id)

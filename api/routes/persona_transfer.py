"""Personas from one place to another: export, import, copies."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import download, refusals
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.errors import FieldError, Invalid, TooLarge
from core.personas import files, transferring
from core.personas.schemas import PersonaCreate, PersonaRead
from core.personas.transferring import MEDIA_TYPES, Format, Imported, PersonaCopy

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/personas", tags=["personas"], route_class=AuthenticatedRoute
)
LARGEST_FILE: Final = 5_000_000
JSON: Final = "application/json"
CSV: Final = "text/csv"
MULTIPART: Final = "multipart/form-data"
_LIST: Final = {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": files.MAX_PERSONAS}
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "object", "required": ["personas"], "properties": {"personas": _LIST}}},
            CSV: {"schema": {"type": "string"}},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}


@router.get(
    "/export",
    operation_id="export_personas",
    response_class=Response,
    responses=download(MEDIA_TYPES.values()),
    dependencies=[TAKES_TICKETS],
)
async def export_personas(member: CurrentMember, exp: UUID, format: Format = "json") -> Response:  # noqa: A002
    """Download an exploration's personas as JSON or CSV, as `personas/import` takes them."""
    async with db.scope([member.workspace_id]) as session:
        text = await transferring.export(session, member.workspace_id, exp, format)
    headers = {"Content-Disposition": f'attachment; filename="personas-{exp}.{format}"'}
    return Response(text, headers=headers, media_type=MEDIA_TYPES[format])


@router.post(
    "/import",
    status_code=201,
    operation_id="import_personas",
    openapi_extra=BODY,
    responses=refusals(409, 413, 422),
)
async def import_personas(member: CurrentMember, exp: UUID, request: Request) -> Imported:
    """Make the personas of a JSON or CSV file, exported or hand-made: all of them, or none and what is wrong."""
    bodies = await _read(request)
    async with db.scope([member.workspace_id]) as session:
        return await transferring.import_all(session, member.workspace_id, exp, bodies)


@router.post("/{persona_id}/copy", status_code=201, operation_id="copy_persona")
async def copy_persona(
    member: CurrentMember, exp: UUID, persona_id: UUID, body: PersonaCopy, response: Response
) -> PersonaRead:
    """Copy a persona into an exploration of the same workspace."""
    async with db.scope([member.workspace_id]) as session:
        made = await transferring.copy(session, member.workspace_id, exp, persona_id, body)
    response.headers["Location"] = (
        f"/workspaces/{member.workspace_id}/explorations/{made.exploration_id}/personas/{made.id}"
    )
    return made


async def _read(request: Request) -> list[PersonaCreate]:
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().casefold()
    name = ""
    if media_type == MULTIPART:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid([FieldError(("body", "file"), "is missing")])
            name, media_type = (file.filename or "").casefold(), (file.content_type or "").partition(";")[0]
            content = await file.read(LARGEST_FILE + 1)
    else:
        content = await request.body()
    if len(content) > LARGEST_FILE:
        raise TooLarge(f"The file is larger than {LARGEST_FILE:,} bytes.")
    if name.endswith(".csv") or (media_type == CSV and not name.endswith(".json")):
        return await asyncio.to_thread(files.from_csv, content)
    if name.endswith(".json") or media_type == JSON:
        return await asyncio.to_thread(files.from_json, content)
    raise Invalid([FieldError(("body",), f"must be {JSON}, {CSV}, or {MULTIPART} with such a file")])

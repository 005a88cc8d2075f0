"""A questionnaire as a file: sent and read, or written."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import uploads
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import download, refusals, tagged
from api.routes.questionnaires import tag
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.questionnaires import exporting
from core.questionnaires import service as questionnaires
from core.questionnaires.exporting import MEDIA_TYPES, QuestionnaireFormat
from core.questionnaires.schemas import QuestionnaireRead
from core.questionnaires.upload_schemas import QuestionnaireUploaded, UploadDetails, UploadNote
from core.questionnaires.uploads import intake

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/questionnaires",
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            uploads.MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "DOCX, XLSX, CSV, JSON or TXT"},
                        "title": {"type": "string", "maxLength": 200, "description": "by default the file's own"},
                        "language": {"type": "string", "maxLength": 35, "description": "by default the file's, or en"},
                    },
                }
            }
        },
    }
}


@router.post(
    "/upload",
    status_code=201,
    operation_id="upload_questionnaire",
    openapi_extra=BODY,
    responses={**tagged(201), **refusals(409, 413, 422)},
)
async def upload_questionnaire(
    member: CurrentMember, exp: UUID, request: Request, response: Response
) -> QuestionnaireUploaded:
    """Create a questionnaire from a file: all of it, or nothing and each place in the file that cannot be read."""
    async with db.scope([member.workspace_id]) as session:  # before a body is read that nobody will take
        await explorations.require_open(session, member.workspace_id, exp)
    if uploads.media_type_of(request) != uploads.MULTIPART:
        raise Invalid([FieldError(("body",), f"must be {uploads.MULTIPART} with a file")])
    name, data, fields = await uploads.read_form(request)
    about = uploads.validated(UploadDetails, fields)
    taken = await intake.read(name, data, title=about.title, language=about.language)
    async with db.scope([member.workspace_id]) as session:
        made = await questionnaires.create(session, member.workspace_id, exp, taken.body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/questionnaires/{made.id}"
    tag(made, response)
    notes = [UploadNote.model_validate(note) for note in taken.notes]
    return QuestionnaireUploaded(**QuestionnaireRead.of(made).model_dump(), notes=notes)


@router.get(
    "/{questionnaire_id}/export",
    operation_id="export_questionnaire",
    response_class=Response,
    responses=download(MEDIA_TYPES.values()),
    dependencies=[TAKES_TICKETS],
)
async def export_questionnaire(
    member: CurrentMember,
    exp: UUID,
    questionnaire_id: UUID,
    format_: Annotated[QuestionnaireFormat, Query(alias="format")] = "json",
) -> Response:
    """Download a questionnaire: as it is created anew, as a document on paper, or as a Qualtrics survey file."""
    async with db.scope([member.workspace_id]) as session:
        row = await exporting.get(session, member.workspace_id, exp, questionnaire_id)
    file = await exporting.written(row, format_)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.data, media_type=MEDIA_TYPES[format_], headers=headers)

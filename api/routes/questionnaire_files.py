"""A questionnaire as a file."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import download
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.questionnaires import exporting
from core.questionnaires.exporting import MEDIA_TYPES, QuestionnaireFormat

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/questionnaires",
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)


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

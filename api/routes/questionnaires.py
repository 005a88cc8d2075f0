"""Questionnaires: create whole, read, list, change, delete."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.conditions import IfMatch, expected_tags
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import tagged
from api.pagination import Limit, Page, decode_cursor, page
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.questionnaires import generating
from core.questionnaires import service as questionnaires
from core.questionnaires.generation_schemas import QuestionnaireGenerate
from core.questionnaires.models import Questionnaire
from core.questionnaires.schemas import (
    QuestionnaireCreate,
    QuestionnaireRead,
    QuestionnaireSummary,
    QuestionnaireUpdate,
)

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/questionnaires",
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=201, operation_id="create_questionnaire", responses=tagged(201))
async def create_questionnaire(
    member: CurrentMember, exp: UUID, body: QuestionnaireCreate, response: Response
) -> QuestionnaireRead:
    """Create a questionnaire with all its sections and questions."""
    async with db.scope([member.workspace_id]) as session:
        made = await questionnaires.create(session, member.workspace_id, exp, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/questionnaires/{made.id}"
    return whole(made, response)


@router.post("/generate", status_code=202, response_model=JobRead, operation_id="generate_questionnaire")
async def generate_questionnaire(
    member: CurrentMember, exp: UUID, body: QuestionnaireGenerate, submit: Submitting
) -> Response:
    """Draft a questionnaire by job, from the exploration's analysed research objective and its personas."""
    return await submit(member, lambda session: generating.start(session, member, exp, body))


@router.get("", operation_id="list_questionnaires")
async def list_questionnaires(
    member: CurrentMember, exp: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[QuestionnaireSummary]:
    """List an exploration's questionnaires without their questions, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await questionnaires.list_for(
            session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor)
        )
    return page(found, limit, found)


@router.get("/{questionnaire_id}", operation_id="get_questionnaire", responses=tagged())
async def get_questionnaire(
    member: CurrentMember, exp: UUID, questionnaire_id: UUID, response: Response
) -> QuestionnaireRead:
    """Read a questionnaire in its present version."""
    async with db.scope([member.workspace_id]) as session:
        return whole(await questionnaires.get(session, member.workspace_id, exp, questionnaire_id), response)


@router.patch("/{questionnaire_id}", operation_id="update_questionnaire")
async def update_questionnaire(
    member: CurrentMember,
    exp: UUID,
    questionnaire_id: UUID,
    body: QuestionnaireUpdate,
    response: Response,
    if_match: IfMatch,
) -> QuestionnaireRead:
    """Change the title, the language or all sections; a changed content makes a new version."""
    async with db.scope([member.workspace_id]) as session:
        changed = await questionnaires.update(
            session, member.workspace_id, exp, questionnaire_id, body, expected=expected_tags(if_match)
        )
    return whole(changed, response)


@router.delete("/{questionnaire_id}", status_code=204, operation_id="delete_questionnaire")
async def delete_questionnaire(member: CurrentMember, exp: UUID, questionnaire_id: UUID) -> None:
    """Delete a questionnaire; simulations that ran on it keep their version of it."""
    async with db.scope([member.workspace_id]) as session:
        await questionnaires.delete(session, member, exp, questionnaire_id)


def whole(row: Questionnaire, response: Response) -> QuestionnaireRead:
    """Return a questionnaire as it is sent, with the entity tag of its state."""
    tag(row, response)
    return QuestionnaireRead.of(row)


def tag(row: Questionnaire, response: Response) -> None:
    """Give an answer the entity tag of a questionnaire's state, which is that of all its parts."""
    response.headers["ETag"] = f'"{questionnaires.tag_of(row)}"'

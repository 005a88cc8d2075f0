"""Questionnaires: create whole, read, list, change, delete."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.questionnaires import service as questionnaires
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


@router.post("", status_code=201, operation_id="create_questionnaire")
async def create_questionnaire(
    member: CurrentMember, exp: UUID, body: QuestionnaireCreate, response: Response
) -> QuestionnaireRead:
    """Create a questionnaire with all its sections and questions."""
    async with db.scope([member.workspace_id]) as session:
        made = await questionnaires.create(session, member.workspace_id, exp, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/questionnaires/{made.id}"
    return QuestionnaireRead.of(made)


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


@router.get("/{questionnaire_id}", operation_id="get_questionnaire")
async def get_questionnaire(member: CurrentMember, exp: UUID, questionnaire_id: UUID) -> QuestionnaireRead:
    """Read a questionnaire in its present version."""
    async with db.scope([member.workspace_id]) as session:
        return QuestionnaireRead.of(await questionnaires.get(session, member.workspace_id, exp, questionnaire_id))


@router.patch("/{questionnaire_id}", operation_id="update_questionnaire")
async def update_questionnaire(
    member: CurrentMember, exp: UUID, questionnaire_id: UUID, body: QuestionnaireUpdate
) -> QuestionnaireRead:
    """Change the title, the language or all sections; a changed content makes a new version."""
    async with db.scope([member.workspace_id]) as session:
        return QuestionnaireRead.of(
            await questionnaires.update(session, member.workspace_id, exp, questionnaire_id, body)
        )


@router.delete("/{questionnaire_id}", status_code=204, operation_id="delete_questionnaire")
async def delete_questionnaire(member: CurrentMember, exp: UUID, questionnaire_id: UUID) -> None:
    """Delete a questionnaire; simulations that ran on it keep their version of it."""
    async with db.scope([member.workspace_id]) as session:
        await questionnaires.delete(session, member, exp, questionnaire_id)

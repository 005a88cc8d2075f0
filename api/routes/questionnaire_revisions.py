"""What a questionnaire was, a copy of it, and what is to be said against it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_number, encode_number
from core.db import session as db
from core.questionnaires import service as questionnaires
from core.questionnaires.schemas import (
    LintFinding,
    LintRead,
    QuestionnaireDuplicate,
    QuestionnaireRead,
    QuestionnaireVersionRead,
)

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/questionnaires",
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)
NEWEST: Final = 2**31 - 1


@router.get("/{questionnaire_id}/versions", operation_id="list_questionnaire_versions")
async def list_versions(
    member: CurrentMember, exp: UUID, questionnaire_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[QuestionnaireVersionRead]:
    """List a questionnaire's versions with their sections, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await questionnaires.versions(
            session,
            member.workspace_id,
            exp,
            questionnaire_id,
            limit=limit + 1,
            below=decode_number(cursor, default=NEWEST),
        )
    more = encode_number(found[limit - 1].version) if len(found) > limit else None
    return Page(items=[QuestionnaireVersionRead.of(row) for row in found[:limit]], next_cursor=more)


@router.post("/{questionnaire_id}/duplicate", status_code=201, operation_id="duplicate_questionnaire")
async def duplicate_questionnaire(
    member: CurrentMember, exp: UUID, questionnaire_id: UUID, body: QuestionnaireDuplicate, response: Response
) -> QuestionnaireRead:
    """Copy a questionnaire as it is now; keys stay, ids are new."""
    async with db.scope([member.workspace_id]) as session:
        made = await questionnaires.duplicate(session, member.workspace_id, exp, questionnaire_id, body.title)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/questionnaires/{made.id}"
    return QuestionnaireRead.of(made)


@router.get("/{questionnaire_id}/lint", operation_id="lint_questionnaire")
async def lint_questionnaire(member: CurrentMember, exp: UUID, questionnaire_id: UUID) -> LintRead:
    """Tell what a methodologist would object to: double-barrelled, leading, unbalanced, overlapping and the like."""
    async with db.scope([member.workspace_id]) as session:
        found = await questionnaires.lint_of(session, member.workspace_id, exp, questionnaire_id)
    return LintRead(findings=[LintFinding.model_validate(one) for one in found])

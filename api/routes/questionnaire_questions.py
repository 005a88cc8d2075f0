"""The questions of a questionnaire, one at a time."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import AuthenticatedRoute
from api.openapi import tagged
from api.pagination import Limit, Page, decode_number, encode_number
from api.routes.questionnaire_sections import Changed, Read, address
from api.routes.questionnaires import tag
from core.db import session as db
from core.questionnaires import editing
from core.questionnaires.content import Question
from core.questionnaires.schemas import QuestionCreate, QuestionUpdate

router = APIRouter(
    prefix=("/workspaces/{ws}/explorations/{exp}/questionnaires/{questionnaire_id}/sections/{section_id}/questions"),
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=201, operation_id="create_question", responses=tagged(201))
async def create_question(target: Changed, section_id: UUID, body: QuestionCreate, response: Response) -> Question:
    """Put a question into a section, at a position or at the end."""
    async with db.scope([target.member.workspace_id]) as session:
        row, made = await editing.add_question(session, target, section_id, body)
    tag(row, response)
    response.headers["Location"] = f"{address(target)}/{section_id}/questions/{made.id}"
    return made


@router.get("", operation_id="list_questions", responses=tagged())
async def list_questions(
    target: Read, section_id: UUID, response: Response, limit: Limit = 50, cursor: str | None = None
) -> Page[Question]:
    """List a section's questions, in order."""
    start = decode_number(cursor, default=0)
    async with db.scope([target.member.workspace_id]) as session:
        row, section = await editing.get_section(session, target, section_id)
    tag(row, response)
    questions = section.questions
    more = encode_number(start + limit) if len(questions) > start + limit else None
    return Page(items=questions[start : start + limit], next_cursor=more)


@router.get("/{question_id}", operation_id="get_question", responses=tagged())
async def get_question(target: Read, section_id: UUID, question_id: UUID, response: Response) -> Question:
    """Read a question."""
    async with db.scope([target.member.workspace_id]) as session:
        row, question = await editing.get_question(session, target, section_id, question_id)
    tag(row, response)
    return question


@router.patch("/{question_id}", operation_id="update_question")
async def update_question(
    target: Changed, section_id: UUID, question_id: UUID, body: QuestionUpdate, response: Response
) -> Question:
    """Change what is given of a question; `position` moves it within its section."""
    async with db.scope([target.member.workspace_id]) as session:
        row, changed = await editing.update_question(session, target, section_id, question_id, body)
    tag(row, response)
    return changed


@router.delete("/{question_id}", status_code=204, operation_id="delete_question")
async def delete_question(target: Changed, section_id: UUID, question_id: UUID, response: Response) -> None:
    """Take a question out; refused where another one reads its answer."""
    async with db.scope([target.member.workspace_id]) as session:
        row = await editing.delete_question(session, target, section_id, question_id)
    tag(row, response)


@router.post("/{question_id}/duplicate", status_code=201, operation_id="duplicate_question", responses=tagged(201))
async def duplicate_question(target: Changed, section_id: UUID, question_id: UUID, response: Response) -> Question:
    """Put a copy of a question right after it, with a key of its own."""
    async with db.scope([target.member.workspace_id]) as session:
        row, made = await editing.copy_question(session, target, section_id, question_id)
    tag(row, response)
    response.headers["Location"] = f"{address(target)}/{section_id}/questions/{made.id}"
    return made

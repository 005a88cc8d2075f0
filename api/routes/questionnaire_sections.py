"""The sections of a questionnaire, one at a time, and the order of everything in it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from api.conditions import IfMatch, expected_tags
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import tagged
from api.pagination import Limit, Page, decode_number, encode_number
from api.routes.questionnaires import tag, whole
from core.db import session as db
from core.questionnaires import editing
from core.questionnaires.content import Section
from core.questionnaires.editing import Target
from core.questionnaires.schemas import QuestionnaireRead, Reorder, SectionCreate, SectionUpdate

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/questionnaires/{questionnaire_id}",
    tags=["questionnaires"],
    route_class=AuthenticatedRoute,
)


async def read_target(member: CurrentMember, exp: UUID, questionnaire_id: UUID) -> Target:
    """Return the questionnaire of the path."""
    return Target(member, exp, questionnaire_id)


async def changed_target(member: CurrentMember, exp: UUID, questionnaire_id: UUID, if_match: IfMatch) -> Target:
    """Return the questionnaire of the path, in a state that If-Match names."""
    return Target(member, exp, questionnaire_id, expected_tags(if_match))


Read = Annotated[Target, Depends(read_target)]
Changed = Annotated[Target, Depends(changed_target)]


def address(target: Target) -> str:
    """Return the address of a questionnaire's sections."""
    return (
        f"/workspaces/{target.member.workspace_id}/explorations/{target.exploration_id}"
        f"/questionnaires/{target.questionnaire_id}/sections"
    )


@router.post("/sections", status_code=201, operation_id="create_section", responses=tagged(201))
async def create_section(target: Changed, body: SectionCreate, response: Response) -> Section:
    """Put a section in, with or without questions, at a position or at the end."""
    async with db.scope([target.member.workspace_id]) as session:
        row, made = await editing.add_section(session, target, body)
    tag(row, response)
    response.headers["Location"] = f"{address(target)}/{made.id}"
    return made


@router.get("/sections", operation_id="list_sections", responses=tagged())
async def list_sections(
    target: Read, response: Response, limit: Limit = 50, cursor: str | None = None
) -> Page[Section]:
    """List a questionnaire's sections with their questions, in order."""
    start = decode_number(cursor, default=0)
    async with db.scope([target.member.workspace_id]) as session:
        row, sections = await editing.sections_of(session, target)
    tag(row, response)
    more = encode_number(start + limit) if len(sections) > start + limit else None
    return Page(items=sections[start : start + limit], next_cursor=more)


@router.get("/sections/{section_id}", operation_id="get_section", responses=tagged())
async def get_section(target: Read, section_id: UUID, response: Response) -> Section:
    """Read a section with its questions."""
    async with db.scope([target.member.workspace_id]) as session:
        row, section = await editing.get_section(session, target, section_id)
    tag(row, response)
    return section


@router.patch("/sections/{section_id}", operation_id="update_section")
async def update_section(target: Changed, section_id: UUID, body: SectionUpdate, response: Response) -> Section:
    """Change a section's title, its position, or all its questions."""
    async with db.scope([target.member.workspace_id]) as session:
        row, section = await editing.update_section(session, target, section_id, body)
    tag(row, response)
    return section


@router.delete("/sections/{section_id}", status_code=204, operation_id="delete_section")
async def delete_section(target: Changed, section_id: UUID, response: Response) -> None:
    """Take a section out with its questions; refused where a question elsewhere reads one of them."""
    async with db.scope([target.member.workspace_id]) as session:
        row = await editing.delete_section(session, target, section_id)
    tag(row, response)


@router.post("/reorder", operation_id="reorder_questionnaire")
async def reorder_questionnaire(target: Changed, body: Reorder, response: Response) -> QuestionnaireRead:
    """Put all sections and questions in another order, each named once; a question may go to another section."""
    async with db.scope([target.member.workspace_id]) as session:
        row = await editing.reorder(session, target, body)
    return whole(row, response)

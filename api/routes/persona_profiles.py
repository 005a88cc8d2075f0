"""What is found out about a persona, and told of it: OCEAN profile, preview, life story."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from api.conditions import IfMatch
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import tagged
from api.routes.personas import expected_versions
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.personas import profiling
from core.personas.profile_schemas import (
    BackstoryRead,
    BackstoryWrite,
    OceanAsk,
    OceanRead,
    PersonaAsk,
    PersonaWarned,
    PreviewRead,
)

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/personas/{persona_id}",
    tags=["personas"],
    route_class=AuthenticatedRoute,
)
ONCE: Final = OceanAsk()
AS_IT_COMES: Final = PersonaAsk()


@router.post("/ocean", status_code=202, response_model=JobRead, operation_id="administer_ocean")
async def administer_ocean(
    member: CurrentMember, exp: UUID, persona_id: UUID, submit: Submitting, body: OceanAsk = ONCE
) -> Response:
    """Have the persona take the Mini-IPIP by job; its answers are scored in code."""
    return await submit(member, lambda session: profiling.start_ocean(session, member, exp, persona_id, body))


@router.get("/ocean", operation_id="get_persona_ocean")
async def get_ocean(member: CurrentMember, exp: UUID, persona_id: UUID) -> OceanRead:
    """Read the newest OCEAN profile, of the version it names: answers, scores, agreement with the target scores."""
    async with db.scope([member.workspace_id]) as session:
        return await profiling.ocean(session, member.workspace_id, exp, persona_id)


@router.post("/preview", status_code=202, response_model=JobRead, operation_id="preview_persona")
async def preview_persona(
    member: CurrentMember, exp: UUID, persona_id: UUID, submit: Submitting, body: PersonaAsk = AS_IT_COMES
) -> Response:
    """Have the persona introduced by job: title, one line, summary, groups of traits."""
    return await submit(member, lambda session: profiling.start_preview(session, member, exp, persona_id, body))


@router.get("/preview", operation_id="get_persona_preview")
async def get_preview(member: CurrentMember, exp: UUID, persona_id: UUID) -> PreviewRead:
    """Read the newest preview, of the version it names."""
    async with db.scope([member.workspace_id]) as session:
        return await profiling.preview(session, member.workspace_id, exp, persona_id)


@router.post("/backstory", status_code=202, response_model=JobRead, operation_id="write_persona_backstory")
async def write_backstory(
    member: CurrentMember, exp: UUID, persona_id: UUID, submit: Submitting, body: PersonaAsk = AS_IT_COMES
) -> Response:
    """Have a life story written by job that fits the persona's traits; it makes a new version."""
    return await submit(member, lambda session: profiling.start_backstory(session, member, exp, persona_id, body))


@router.get("/backstory", operation_id="get_persona_backstory")
async def get_backstory(member: CurrentMember, exp: UUID, persona_id: UUID) -> BackstoryRead:
    """Read the present life story: formative experiences where a job wrote it, what code finds contradictory."""
    async with db.scope([member.workspace_id]) as session:
        return await profiling.backstory(session, member.workspace_id, exp, persona_id)


@router.put("/backstory", operation_id="set_persona_backstory", responses=tagged())
async def put_backstory(
    member: CurrentMember,
    exp: UUID,
    persona_id: UUID,
    body: BackstoryWrite,
    response: Response,
    if_match: IfMatch,
) -> PersonaWarned:
    """Give the persona a life story written by hand; the reply names what contradicts age, country, household or
    occupation. Another story makes a new version.
    """
    async with db.scope([member.workspace_id]) as session:
        changed = await profiling.put_backstory(
            session, member.workspace_id, exp, persona_id, body.backstory, expected=expected_versions(if_match)
        )
    response.headers["ETag"] = f'"{changed.version}"'
    return changed

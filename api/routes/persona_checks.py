"""Checks of personas: traits judged by rules and a model, confidence computed from evidence."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead, Submission
from core.personas import checks, supporting
from core.personas.check_schemas import TraitsValidationRead, ValidateTraitsBody

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/personas", tags=["personas"], route_class=AuthenticatedRoute
)
AS_IT_COMES: Final = Submission()


@router.post("/traits-validation", status_code=202, response_model=JobRead, operation_id="validate_traits")
async def validate_traits(member: CurrentMember, exp: UUID, body: ValidateTraitsBody, submit: Submitting) -> Response:
    """Judge traits by job: rules first, then a model on what is left; a verdict with its reason for each."""
    return await submit(member, lambda session: checks.start_validation(session, member, exp, body))


@router.get("/traits-validations", operation_id="list_traits_validations")
async def list_traits_validations(
    member: CurrentMember,
    exp: UUID,
    limit: Limit = 50,
    cursor: str | None = None,
    persona_id: Annotated[UUID | None, Query(description="Only those of this persona.")] = None,
) -> Page[TraitsValidationRead]:
    """List validations of traits, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await checks.list_validations(
            session,
            member.workspace_id,
            exp,
            persona_id=persona_id,
            limit=limit + 1,
            before=decode_cursor(cursor),
        )
    return page(found, limit, found)


@router.get("/traits-validations/{validation_id}", operation_id="get_traits_validation")
async def get_traits_validation(member: CurrentMember, exp: UUID, validation_id: UUID) -> TraitsValidationRead:
    """Read a validation of traits: its verdicts once its job has succeeded."""
    async with db.scope([member.workspace_id]) as session:
        return await checks.get_validation(session, member.workspace_id, exp, validation_id)


@router.post("/{persona_id}/confidence", status_code=202, response_model=JobRead, operation_id="compute_confidence")
async def compute_confidence(
    member: CurrentMember, exp: UUID, persona_id: UUID, submit: Submitting, body: Submission = AS_IT_COMES
) -> Response:
    """Compute by job how far the attached evidence supports a persona; the persona shows it as `confidence`."""
    return await submit(member, lambda session: supporting.start(session, member, exp, persona_id, body.job))

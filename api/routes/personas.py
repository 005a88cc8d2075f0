"""Personas: by hand or by job, read, list, change, delete, versions."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator, Field

from api.conditions import IfMatch
from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import tagged
from api.pagination import Limit, Page, decode_cursor, decode_number, encode_number, page
from api.submitting import Submitting
from core.db import session as db
from core.db.text import storable
from core.jobs.schemas import JobRead
from core.personas import service as personas
from core.personas.diffs import PersonaDiff
from core.personas.filters import PersonaFilter, Tier, parse_attributes
from core.personas.schemas import AutoGenerate, PersonaCreate, PersonaRead, PersonaUpdate, PersonaVersionRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/personas", tags=["personas"], route_class=AuthenticatedRoute
)

SearchedText = Annotated[str, AfterValidator(storable), Field(min_length=1, max_length=400)]
NEWEST: Final = 2**31 - 1
_ETAG: Final = re.compile(r'"([1-9][0-9]{0,8})"')


@router.post("/auto-generate", status_code=202, response_model=JobRead, operation_id="generate_personas")
async def generate_personas(member: CurrentMember, exp: UUID, body: AutoGenerate, submit: Submitting) -> Response:
    """Make distinct personas by job, drawn from the targets' cells or from the brief's population."""
    return await submit(member, lambda session: personas.start_generation(session, member, exp, body))


@router.post("", status_code=201, operation_id="create_persona", responses=tagged(201))
async def create_persona(member: CurrentMember, exp: UUID, body: PersonaCreate, response: Response) -> PersonaRead:
    """Create a persona by hand."""
    async with db.scope([member.workspace_id]) as session:
        made = await personas.create(session, member.workspace_id, exp, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{exp}/personas/{made.id}"
    return _tagged(made, response)


def _filter(
    origin: Annotated[Literal["auto", "manual"] | None, Query(description="Made by job or by hand.")] = None,
    q: Annotated[SearchedText | None, Query(description="Part of the name.")] = None,
    attribute: Annotated[
        list[SearchedText], Query(description="An attribute's value, like a:race=Asian; repeatable.")
    ] = [],  # noqa: B006 - FastAPI copies it
    age: Annotated[int | None, Query(ge=0, le=120, description="An age within the persona's ages.")] = None,
    gender: Annotated[SearchedText | None, Query(description="The gender, in any case.")] = None,
    country: Annotated[SearchedText | None, Query(description="The country, in any case.")] = None,
    min_confidence: Annotated[Tier | None, Query(description="Computed confidence of this tier or above.")] = None,
) -> PersonaFilter:
    """Return the filter of a list."""
    return PersonaFilter(origin, q, parse_attributes(attribute), age, gender, country, min_confidence)


Filter = Annotated[PersonaFilter, Depends(_filter)]


@router.get("", operation_id="list_personas")
async def list_personas(
    member: CurrentMember, exp: UUID, only: Filter, limit: Limit = 50, cursor: str | None = None
) -> Page[PersonaRead]:
    """List an exploration's personas, newest first; all filters given must fit."""
    async with db.scope([member.workspace_id]) as session:
        found = await personas.list_for(
            session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor), only=only
        )
    return page(found, limit, found)


@router.get("/{persona_id}", operation_id="get_persona", responses=tagged())
async def get_persona(member: CurrentMember, exp: UUID, persona_id: UUID, response: Response) -> PersonaRead:
    """Read a persona in its present version."""
    async with db.scope([member.workspace_id]) as session:
        found = await personas.get(session, member.workspace_id, exp, persona_id)
    return _tagged(found, response)


@router.patch("/{persona_id}", operation_id="update_persona")
async def update_persona(
    member: CurrentMember,
    exp: UUID,
    persona_id: UUID,
    body: PersonaUpdate,
    response: Response,
    if_match: IfMatch,
) -> PersonaRead:
    """Change a persona; changed traits make a new version."""
    async with db.scope([member.workspace_id]) as session:
        changed = await personas.update(
            session, member.workspace_id, exp, persona_id, body, expected=expected_versions(if_match)
        )
    return _tagged(changed, response)


@router.delete("/{persona_id}", status_code=204, operation_id="delete_persona")
async def delete_persona(member: CurrentMember, exp: UUID, persona_id: UUID) -> None:
    """Delete a persona; the answers it gave keep its versions."""
    async with db.scope([member.workspace_id]) as session:
        await personas.delete(session, member, exp, persona_id)


@router.get("/{persona_id}/versions", operation_id="list_persona_versions")
async def list_persona_versions(
    member: CurrentMember, exp: UUID, persona_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[PersonaVersionRead]:
    """List a persona's versions, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await personas.versions(
            session,
            member.workspace_id,
            exp,
            persona_id,
            limit=limit + 1,
            below=decode_number(cursor, default=NEWEST),
        )
    more = encode_number(found[limit - 1].version) if len(found) > limit else None
    return Page(items=[PersonaVersionRead.of(row) for row in found[:limit]], next_cursor=more)


@router.get("/{persona_id}/diff", operation_id="diff_persona_versions")
async def diff_persona_versions(
    member: CurrentMember,
    exp: UUID,
    persona_id: UUID,
    before: Annotated[
        int | None, Query(alias="from", ge=1, le=NEWEST, description="By default the one before.")
    ] = None,
    after: Annotated[int | None, Query(alias="to", ge=1, le=NEWEST, description="By default the present one.")] = None,
) -> PersonaDiff:
    """Tell the traits in which two versions of a persona differ."""
    async with db.scope([member.workspace_id]) as session:
        return await personas.diff(session, member.workspace_id, exp, persona_id, before=before, after=after)


def expected_versions(if_match: str | None) -> frozenset[int] | None:
    """Return the versions that If-Match names (RFC 9110, 13.1.1); None where any will do.

    A weak or foreign tag names no version, so that the match fails.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = (tag.strip() for tag in if_match.split(","))
    return frozenset(int(match[1]) for match in map(_ETAG.fullmatch, tags) if match)


def _tagged(persona: PersonaRead, response: Response) -> PersonaRead:
    response.headers["ETag"] = f'"{persona.version}"'
    return persona

"""Saved segments of an exploration: who belongs to them is said in the language of filters.

create, get, list_for, update, delete    a segment
find_many                                those that a request names
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core import clock
from core.db.paging import newest_first
from core.db.text import VisibleText, storable
from core.explorations import service as explorations
from core.surveys.errors import SegmentNotFound
from core.surveys.models import Segment
from core.surveys.variables import condition_form
from core.workspaces.access import Member
from core.workspaces.recording import record_deleted

MOST_CONDITIONS: Final = 20
MOST_ALTERNATIVES: Final = 50
SUBJECT: Final = "segment"
ConditionText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=450),
    AfterValidator(storable),
    AfterValidator(condition_form),
]
Alternatives = Annotated[list[ConditionText], Field(min_length=1, max_length=MOST_ALTERNATIVES)]
_ONE: Final[TypeAdapter[str]] = TypeAdapter(ConditionText)
_ANY_OF: Final[TypeAdapter[list[str]]] = TypeAdapter(Alternatives)


def _by_form(given: object, _: ValidatorFunctionWrapHandler) -> str | list[str]:
    """Read a condition as the one form it has, so that what is wrong is told once and by its place alone."""
    return _ANY_OF.validate_python(given) if isinstance(given, list) else _ONE.validate_python(given)


Condition = Annotated[ConditionText | Alternatives, WrapValidator(_by_form)]
Conditions = Annotated[list[Condition], Field(min_length=1, max_length=MOST_CONDITIONS)]


class SegmentCreate(BaseModel):
    """A segment: all `conditions` must be met, of a list among them at least one.

    Each is written as a filter of results, such as `a:age=18-29` or `q:diet=2`.
    """

    model_config = ConfigDict(extra="forbid")

    name: VisibleText
    conditions: Conditions


class SegmentUpdate(BaseModel):
    """What may be changed of a segment; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: VisibleText = ""
    conditions: Conditions = []


class SegmentRead(BaseModel):
    """A saved segment."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    exploration_id: UUID
    name: str
    conditions: list[str | list[str]]
    created_at: datetime
    updated_at: datetime


async def create(session: AsyncSession, member: Member, exploration_id: UUID, body: SegmentCreate) -> Segment:
    """Store a segment; raises ExplorationNotFound."""
    await explorations.get(session, member.workspace_id, exploration_id)
    made = Segment(
        workspace_id=member.workspace_id,
        exploration_id=exploration_id,
        name=body.name,
        conditions=body.conditions,
    )
    session.add(made)
    await session.flush()
    await session.refresh(made)
    return made


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, segment_id: UUID) -> Segment:
    """Return a segment; raises ExplorationNotFound, SegmentNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await find_many(session, workspace_id, exploration_id, [segment_id])
    if segment_id not in found:
        raise SegmentNotFound
    return found[segment_id]


async def find_many(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, ids: Collection[UUID]
) -> dict[UUID, Segment]:
    """Return those of the segments that are in this exploration, by id."""
    if not ids:
        return {}
    query = select(Segment).where(
        col(Segment.workspace_id) == workspace_id,
        col(Segment.exploration_id) == exploration_id,
        col(Segment.id).in_(ids),
    )
    return {found.id: found for found in (await session.execute(query)).scalars()}


async def list_for(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[Segment]:
    """Return an exploration's segments, newest first; raises ExplorationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    query = select(Segment).where(
        col(Segment.workspace_id) == workspace_id, col(Segment.exploration_id) == exploration_id
    )
    query = newest_first(query, Segment, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def update(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, segment_id: UUID, body: SegmentUpdate
) -> Segment:
    """Change a segment's name or conditions; raises ExplorationNotFound, SegmentNotFound."""
    found = await get(session, workspace_id, exploration_id, segment_id)
    if "name" in body.model_fields_set:
        found.name = body.name
    if "conditions" in body.model_fields_set:
        found.conditions = body.conditions
    found.updated_at = clock.now()
    await session.flush()
    return found


async def delete(session: AsyncSession, member: Member, exploration_id: UUID, segment_id: UUID) -> None:
    """Delete a segment, on record; raises ExplorationNotFound, SegmentNotFound."""
    found = await get(session, member.workspace_id, exploration_id, segment_id)
    await session.delete(found)
    await record_deleted(session, member, SUBJECT, segment_id, {"name": found.name})

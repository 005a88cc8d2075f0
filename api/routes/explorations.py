"""Explorations: create, read, list, overview, change, set the method, delete."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import Limit, Page, decode_cursor, page
from core.db import session as db
from core.explorations import service as explorations
from core.explorations.schemas import (
    ExplorationCreate,
    ExplorationFilter,
    ExplorationRead,
    ExplorationUpdate,
    MethodUpdate,
    SearchedText,
)
from core.overview import service as overview
from core.overview.schemas import OverviewRead

router = APIRouter(prefix="/workspaces/{ws}/explorations", tags=["explorations"], route_class=AuthenticatedRoute)


def exploration_filter(
    is_ended: Annotated[bool | None, Query(description="Only those that have ended, or that have not.")] = None,
    is_quantitative: Annotated[
        bool | None, Query(description="Only those that ask in numbers, or that do not.")
    ] = None,
    is_qualitative: Annotated[bool | None, Query(description="Only those that ask in depth, or that do not.")] = None,
    q: Annotated[
        SearchedText | None, Query(description="Words; title or description have each of them, in any case.")
    ] = None,
) -> ExplorationFilter:
    """Return what of a workspace's explorations is asked for."""
    return ExplorationFilter(is_ended=is_ended, is_quantitative=is_quantitative, is_qualitative=is_qualitative, q=q)


@router.post("", status_code=201, operation_id="create_exploration")
async def create_exploration(member: CurrentMember, body: ExplorationCreate, response: Response) -> ExplorationRead:
    """Make an exploration from a brief."""
    async with db.scope([member.workspace_id]) as session:
        made = ExplorationRead.model_validate(await explorations.create(session, member, body))
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/explorations/{made.id}"
    return made


@router.get("", operation_id="list_explorations")
async def list_explorations(
    member: CurrentMember,
    wanted: Annotated[ExplorationFilter, Depends(exploration_filter)],
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ExplorationRead]:
    """List a workspace's explorations, newest first; those that have ended or not, use a method, say something."""
    async with db.scope([member.workspace_id]) as session:
        found = await explorations.list_for(
            session, member.workspace_id, wanted, limit=limit + 1, before=decode_cursor(cursor)
        )
        return page(found, limit, [ExplorationRead.model_validate(row) for row in found])


@router.get("/{exp}", operation_id="get_exploration")
async def get_exploration(member: CurrentMember, exp: UUID) -> ExplorationRead:
    """Read an exploration."""
    async with db.scope([member.workspace_id]) as session:
        return ExplorationRead.model_validate(await explorations.get(session, member.workspace_id, exp))


@router.get("/{exp}/overview", operation_id="get_exploration_overview")
async def get_overview(member: CurrentMember, exp: UUID) -> OverviewRead:
    """Read what an exploration holds: how many of each thing, the jobs under way, what is newest."""
    async with db.scope([member.workspace_id]) as session:
        return await overview.read(session, member.workspace_id, exp)


@router.patch("/{exp}", operation_id="update_exploration")
async def update_exploration(member: CurrentMember, exp: UUID, body: ExplorationUpdate) -> ExplorationRead:
    """Change an exploration's title, brief or country."""
    async with db.scope([member.workspace_id]) as session:
        return ExplorationRead.model_validate(await explorations.update(session, member, exp, body))


@router.post("/{exp}/method", operation_id="set_exploration_method")
async def set_method(member: CurrentMember, exp: UUID, body: MethodUpdate) -> ExplorationRead:
    """Say how an exploration is worked on, or that it has ended."""
    async with db.scope([member.workspace_id]) as session:
        return ExplorationRead.model_validate(await explorations.update(session, member, exp, body))


@router.delete("/{exp}", status_code=204, operation_id="delete_exploration")
async def delete_exploration(member: CurrentMember, exp: UUID) -> None:
    """Delete an exploration; its jobs are cancelled, answers are kept."""
    async with db.scope([member.workspace_id]) as session:
        await explorations.delete(session, member, exp)

"""Research objectives: written, read, listed, changed, deleted; taken apart and clarified by job."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.deps import AuthenticatedRoute, CurrentMember
from api.pagination import LARGEST_NUMBER, Limit, Page, decode_cursor, decode_number, encode_number, page
from api.submitting import Submitting
from core.db import session as db
from core.jobs.schemas import JobRead
from core.objectives import analyzing
from core.objectives import service as objectives
from core.objectives.components import ObjectiveStatus
from core.objectives.schemas import (
    AnalysisRead,
    AnalyzeRequest,
    ClarifyRequest,
    ObjectiveCreate,
    ObjectiveRead,
    ObjectiveUpdate,
)

router = APIRouter(
    prefix="/workspaces/{ws}/research-objectives", tags=["research objectives"], route_class=AuthenticatedRoute
)

AS_IT_IS: Final = AnalyzeRequest()
"""What a request without a body asks for."""


@router.post("", status_code=201, operation_id="create_research_objective")
async def create_research_objective(member: CurrentMember, body: ObjectiveCreate, response: Response) -> ObjectiveRead:
    """Write down what a study is to find out, as a draft; without text, it takes the exploration's brief."""
    async with db.scope([member.workspace_id]) as session:
        made = await objectives.create(session, member, body)
    response.headers["Location"] = f"/workspaces/{member.workspace_id}/research-objectives/{made.id}"
    return made


@router.get("", operation_id="list_research_objectives")
async def list_research_objectives(
    member: CurrentMember,
    exploration_id: Annotated[UUID | None, Query()] = None,
    status: Annotated[ObjectiveStatus | None, Query()] = None,
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[ObjectiveRead]:
    """List a workspace's research objectives, newest first; of one exploration, of one status."""
    async with db.scope([member.workspace_id]) as session:
        found = await objectives.list_for(
            session,
            member.workspace_id,
            exploration_id=exploration_id,
            status=status,
            limit=limit + 1,
            before=decode_cursor(cursor),
        )
    return page(found, limit, found)


@router.get("/{objective_id}", operation_id="get_research_objective")
async def get_research_objective(member: CurrentMember, objective_id: UUID) -> ObjectiveRead:
    """Read a research objective as it stands: components with their quotes, score, open questions."""
    async with db.scope([member.workspace_id]) as session:
        return await objectives.get(session, member.workspace_id, objective_id)


@router.patch("/{objective_id}", operation_id="update_research_objective")
async def update_research_objective(member: CurrentMember, objective_id: UUID, body: ObjectiveUpdate) -> ObjectiveRead:
    """Change the text, which makes a draft of it, or set components by hand (null gives one back to the analysis)."""
    async with db.scope([member.workspace_id]) as session:
        return await objectives.update(session, member, objective_id, body)


@router.post("/{objective_id}/analyze", status_code=202, response_model=JobRead, operation_id="analyze_objective")
async def analyze_objective(
    member: CurrentMember, objective_id: UUID, submit: Submitting, body: AnalyzeRequest = AS_IT_IS
) -> Response:
    """Take it apart by job into ten components with quotes, score it, and ask what is not clear."""
    return await submit(member, lambda session: analyzing.start_analysis(session, member, objective_id, body))


@router.post("/{objective_id}/clarify", status_code=202, response_model=JobRead, operation_id="clarify_objective")
async def clarify_objective(
    member: CurrentMember, objective_id: UUID, body: ClarifyRequest, submit: Submitting
) -> Response:
    """Answer open questions, twice at most: the answers join the source, and a job takes it apart again."""
    return await submit(member, lambda session: analyzing.start_clarification(session, member, objective_id, body))


@router.get("/{objective_id}/analyses", operation_id="list_objective_analyses")
async def list_objective_analyses(
    member: CurrentMember, objective_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[AnalysisRead]:
    """List all analyses as they were, newest first, each with what made it."""
    below = decode_number(cursor, default=LARGEST_NUMBER)
    async with db.scope([member.workspace_id]) as session:
        found = await objectives.analyses(session, member.workspace_id, objective_id, limit=limit + 1, below=below)
    more = encode_number(found[limit - 1].number) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.delete("/{objective_id}", status_code=204, operation_id="delete_research_objective")
async def delete_research_objective(member: CurrentMember, objective_id: UUID) -> None:
    """Delete a research objective; its analyses are kept."""
    async with db.scope([member.workspace_id]) as session:
        await objectives.delete(session, member, objective_id)

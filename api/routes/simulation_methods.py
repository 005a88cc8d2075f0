"""What a simulation's methods rest on."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from api.deps import AuthenticatedRoute, CurrentMember
from core.db import session as db
from core.surveys import anchoring, retests
from core.surveys import service as surveys
from core.surveys.method_schemas import AnchorsRead, RetestRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.get("/{simulation_id}/anchors", operation_id="get_simulation_anchors")
async def get_anchors(member: CurrentMember, exp: UUID, simulation_id: UUID) -> AnchorsRead:
    """Read the sentences that statements were compared with, question by question, and where they come from."""
    async with db.scope([member.workspace_id]) as session:
        return anchoring.read(await surveys.get(session, member.workspace_id, exp, simulation_id))


@router.get("/{simulation_id}/retest", operation_id="get_simulation_retest")
async def get_retest(member: CurrentMember, exp: UUID, simulation_id: UUID) -> RetestRead:
    """Tell how well answers agree with those of the same respondents asked again, question by question."""
    async with db.scope([member.workspace_id]) as session:
        return await retests.read(session, await surveys.get(session, member.workspace_id, exp, simulation_id))

"""What a simulation would take."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import APIRouter

from api.deps import AuthenticatedRoute, CurrentMember
from core.db import session as db
from core.surveys import estimates
from core.surveys.estimate_schemas import EstimateRead
from core.surveys.schemas import SimulationCreate

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("/estimate", operation_id="estimate_simulation")
async def estimate_simulation(member: CurrentMember, exp: UUID, body: SimulationCreate) -> EstimateRead:
    """Tell how many calls and tokens a simulation would take, its cost and its time; nothing is asked or stored."""
    async with db.scope([member.workspace_id]) as session:
        asked = await estimates.read(session, member.workspace_id, exp, body)
    return await asyncio.to_thread(estimates.estimate, asked)

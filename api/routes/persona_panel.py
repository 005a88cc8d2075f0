"""How the personas of an exploration stand as a panel."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.deps import AuthenticatedRoute, CurrentMember
from core.db import session as db
from core.personas import paneling
from core.personas.panel_schemas import PanelRead

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/personas", tags=["personas"], route_class=AuthenticatedRoute
)
JobId = Annotated[
    UUID | None, Query(description="A job that made personas: only those are judged, and against its targets.")
]
Targets = Annotated[
    str | None,
    Query(description="The population to judge by, as JSON (cells or margins); else it is that of the newest job."),
]


@router.get("/panel", operation_id="get_persona_panel")
async def get_panel(member: CurrentMember, exp: UUID, job_id: JobId = None, targets: Targets = None) -> PanelRead:
    """Judge the personas as a panel: margins against targets, distinctness, OCEAN means and spreads against norms."""
    async with db.scope([member.workspace_id]) as session:
        found = await paneling.find(session, member.workspace_id, exp, job_id=job_id, targets=targets)
    return await asyncio.to_thread(paneling.judge, found)

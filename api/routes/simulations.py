"""Survey simulations: run, read, responses, results, export."""

from __future__ import annotations

import asyncio
import functools
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.deps import AuthenticatedRoute, CurrentMember
from api.openapi import download
from api.pagination import Limit, Page, decode_cursor, decode_number, encode_cursor, encode_number
from api.selecting import Selecting
from api.submitting import Submitting
from api.tickets import TAKES_TICKETS
from core.db import session as db
from core.jobs.schemas import JobRead
from core.surveys import outcomes, selecting
from core.surveys import service as surveys
from core.surveys.export import MEDIA_TYPES, SUFFIXES
from core.surveys.exporting import export_lines
from core.surveys.filing.making import made_file, read_pieces
from core.surveys.responses import ExportFormat, ResponseRead
from core.surveys.schemas import ResultsRead, SimulationCreate, SimulationRead, SimulationUpdate

router = APIRouter(
    prefix="/workspaces/{ws}/explorations/{exp}/simulations",
    tags=["simulations"],
    route_class=AuthenticatedRoute,
)


@router.post("", status_code=202, response_model=JobRead, operation_id="run_simulation")
async def run_simulation(member: CurrentMember, exp: UUID, body: SimulationCreate, submit: Submitting) -> Response:
    """Simulate a survey; the simulation exists at once, its answers come as the job goes."""
    return await submit(member, lambda session: surveys.start(session, member, exp, body))


@router.get("", operation_id="list_simulations")
async def list_simulations(
    member: CurrentMember, exp: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[SimulationRead]:
    """List an exploration's simulations, newest first."""
    async with db.scope([member.workspace_id]) as session:
        found = await surveys.list_for(session, member.workspace_id, exp, limit=limit + 1, before=decode_cursor(cursor))
    more = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.get("/{simulation_id}", operation_id="get_simulation")
async def get_simulation(member: CurrentMember, exp: UUID, simulation_id: UUID) -> SimulationRead:
    """Read a simulation."""
    async with db.scope([member.workspace_id]) as session:
        return await surveys.read(session, await surveys.get(session, member.workspace_id, exp, simulation_id))


@router.patch("/{simulation_id}", operation_id="update_simulation")
async def update_simulation(
    member: CurrentMember, exp: UUID, simulation_id: UUID, body: SimulationUpdate
) -> SimulationRead:
    """Mark a simulation's data as offered for download, or not."""
    async with db.scope([member.workspace_id]) as session:
        return await surveys.update(session, member.workspace_id, exp, simulation_id, body)


@router.get("/{simulation_id}/results", operation_id="get_simulation_results")
async def get_results(member: CurrentMember, exp: UUID, simulation_id: UUID, selection: Selecting) -> ResultsRead:
    """Compute the results from the answers recorded so far, of all respondents or of those who are selected."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        gathered = await outcomes.gather(session, simulation, selection)
    return await asyncio.to_thread(outcomes.compute, gathered)


@router.get("/{simulation_id}/responses", operation_id="list_simulation_responses")
async def list_responses(
    member: CurrentMember, exp: UUID, simulation_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[ResponseRead]:
    """List respondents with their answers, by number."""
    async with db.scope([member.workspace_id]) as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        found = await surveys.list_responses(
            session, simulation, after=decode_number(cursor, default=0), limit=limit + 1
        )
    more = encode_number(found[limit - 1].respondent_number) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.get(
    "/{simulation_id}/export",
    operation_id="export_simulation",
    response_class=StreamingResponse,
    responses=download(MEDIA_TYPES.values()),
    dependencies=[TAKES_TICKETS],
)
async def export_simulation(
    member: CurrentMember,
    exp: UUID,
    simulation_id: UUID,
    format_: Annotated[ExportFormat, Query(alias="format")] = "csv",
    weighting: Annotated[UUID | None, Query(description="A saved weighting, whose weights the file then has.")] = None,
) -> StreamingResponse:
    """Send all responses as a file; answers are codes, whose labels are in it or in the options of the results."""
    scope = functools.partial(db.scope, [member.workspace_id])
    async with scope() as session:
        simulation = await surveys.get(session, member.workspace_id, exp, simulation_id)
        weights = None if weighting is None else await selecting.weights(session, simulation, weighting)
    name = f"simulation-{simulation_id}.{SUFFIXES.get(format_, format_)}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if format_ == "xlsx" or format_ == "sav":
        made = read_pieces(await made_file(scope, simulation, format_, weights))
        return StreamingResponse(made, media_type=MEDIA_TYPES[format_], headers=headers)
    lines = export_lines(scope, simulation, format_, weights)
    return StreamingResponse(lines, media_type=MEDIA_TYPES[format_], headers=headers)

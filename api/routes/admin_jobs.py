"""Administration (superadmins): jobs of all tenants, workers, queues, and what is paused."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.deps import AuthenticatedRoute, CurrentSuperadmin
from api.openapi import refusals, with_headers
from api.pagination import Limit, Page, decode_cursor, encode_cursor, page
from core.admin import fleet, stops, work
from core.admin.schemas import BulkRetried, BulkRetry, PauseCreate, PauseRead, Queues, WorkerRead
from core.admin.work import WantedJobs
from core.auth.service import Caller
from core.db import session as db
from core.db.moments import Moment
from core.db.text import ShortText
from core.jobs import pausing
from core.jobs import service as jobs
from core.jobs.queue import queue
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.jobs.shown import ShownStatus

router = APIRouter(prefix="/admin", tags=["admin"], route_class=AuthenticatedRoute)
DONE_ALREADY = {"model": JobRead, "description": "The job, done already."} | with_headers("Location")


async def _wanted(
    status: ShownStatus | None = None,
    kind: ShortText | None = None,
    workspace_id: UUID | None = None,
    created_by: Annotated[UUID | None, Query(description="the user or API key that submitted it")] = None,
    error_code: ShortText | None = None,
    since: Annotated[Moment | None, Query(description="made then or later")] = None,
    until: Annotated[Moment | None, Query(description="made earlier")] = None,
) -> WantedJobs:
    return WantedJobs(status, kind, workspace_id, created_by, error_code, since, until)


@router.get("/jobs", operation_id="list_all_jobs")
async def list_jobs(
    _: CurrentSuperadmin,
    wanted: Annotated[WantedJobs, Depends(_wanted)],
    limit: Limit = 50,
    cursor: str | None = None,
) -> Page[JobRead]:
    """List the jobs of all workspaces and of the service itself, newest first."""
    async with db.scope(db.SYSTEM) as session:
        found = await work.list_jobs(session, wanted, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, found)


@router.post("/jobs/retry", operation_id="retry_failed_jobs")
async def retry_failed(caller: CurrentSuperadmin, body: BulkRetry) -> BulkRetried:
    """Run failed jobs again, those that failed first coming first; work already paid for is not repeated."""
    return await work.retry_failed(_author(caller), body)


@router.get("/jobs/{job_id}", operation_id="get_any_job")
async def get_job(_: CurrentSuperadmin, job_id: UUID) -> JobRead:
    """Read a job of any workspace."""
    return await _read(job_id)


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancel_any_job",
    response_model=JobRead,
    status_code=202,
    responses={200: DONE_ALREADY},
)
async def cancel_job(caller: CurrentSuperadmin, job_id: UUID) -> Response:
    """Ask for a job's end; what it has done so far is kept."""
    async with db.scope(db.SYSTEM) as session:
        asked = await work.cancel(session, _author(caller), job_id)
    if asked:
        async with db.scope(db.SYSTEM) as session:
            await jobs.cascade_cancel(session, job_id)
    return await _answer(job_id, 202 if asked else 200)


@router.post("/jobs/{job_id}/retry", operation_id="retry_any_job", response_model=JobRead, status_code=202)
async def retry_job(caller: CurrentSuperadmin, job_id: UUID) -> Response:
    """Run a failed or cancelled job again; work already paid for is not repeated."""
    async with db.scope(db.SYSTEM) as session:
        await work.retry(session, _author(caller), job_id)
    return await _answer(job_id, 202)


@router.get("/workers", operation_id="list_workers")
async def list_workers(
    request: Request,
    _: CurrentSuperadmin,
    limit: Limit = 50,
    cursor: str | None = None,
    alive: bool | None = None,
) -> Page[WorkerRead]:
    """List worker processes of the last days, those started last first, with the jobs they run."""
    async with db.scope(db.SYSTEM) as session:
        found = await fleet.list_workers(
            session,
            alive_s=request.app.state.settings.job_lease_s,
            limit=limit + 1,
            alive=alive,
            before=decode_cursor(cursor),
        )
    more = encode_cursor(found[limit - 1].started_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.get("/queues", operation_id="list_queues")
async def list_queues(request: Request, _: CurrentSuperadmin) -> Queues:
    """Tell how long each pool's line is and how long its first job waits, and whether Redis answers."""
    redis = "ok" if await queue().ping() else "degraded"
    async with db.scope(db.SYSTEM) as session:
        pools = await fleet.list_queues(session, request.app.state.settings.job_lease_s)
    return Queues.model_validate({"redis": redis, "pools": pools})


@router.post("/pauses", status_code=201, operation_id="create_pause", responses=refusals(409))
async def create_pause(caller: CurrentSuperadmin, body: PauseCreate, response: Response) -> PauseRead:
    """Keep jobs of a kind or of a workspace from starting (what runs goes on), or calls to a model from being made
    (their jobs give their places back and wait). It holds until it is deleted.
    """
    async with db.scope(db.SYSTEM) as session:
        made = PauseRead.of(await stops.pause(session, _author(caller), body))
    response.headers["Location"] = f"/admin/pauses/{made.id}"
    return made


@router.get("/pauses", operation_id="list_pauses")
async def list_pauses(_: CurrentSuperadmin, limit: Limit = 50, cursor: str | None = None) -> Page[PauseRead]:
    """List what is paused, newest first."""
    async with db.scope(db.SYSTEM) as session:
        found = await pausing.list_pauses(session, limit=limit + 1, before=decode_cursor(cursor))
    return page(found, limit, [PauseRead.of(one) for one in found])


@router.get("/pauses/{pause_id}", operation_id="get_pause")
async def get_pause(_: CurrentSuperadmin, pause_id: UUID) -> PauseRead:
    """Read a pause."""
    async with db.scope(db.SYSTEM) as session:
        return PauseRead.of(await pausing.get(session, pause_id))


@router.delete("/pauses/{pause_id}", status_code=204, operation_id="delete_pause")
async def delete_pause(caller: CurrentSuperadmin, pause_id: UUID) -> None:
    """Resume what was paused; it goes on within a second or two."""
    async with db.scope(db.SYSTEM) as session:
        await stops.resume(session, _author(caller), pause_id)


def _author(caller: Caller) -> Author:
    return Author("user", caller.user.id)


async def _read(job_id: UUID) -> JobRead:
    async with db.scope(db.SYSTEM) as session:
        return await jobs.read(session, await jobs.get(session, job_id))


async def _answer(job_id: UUID, status: int) -> Response:
    read = await _read(job_id)
    return JSONResponse(read.model_dump(mode="json"), status, {"Location": f"/admin/jobs/{job_id}", "Retry-After": "1"})

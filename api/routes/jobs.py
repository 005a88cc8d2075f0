"""Jobs: list, read (ETag, long poll), follow (event stream), cancel, retry; their shards and runs."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent

from api.conditions import IfNoneMatch, matches
from api.deps import AuthenticatedRoute, VisibleJob, VisibleWorkspaces, polling
from api.openapi import EVENT_STREAM, tagged, with_headers
from api.pagination import Limit, Page, decode_cursor, decode_number, encode_cursor, encode_number
from api.submitting import LONGEST_WAIT_S, RETRY_AFTER_S, wait_until
from api.tickets import TAKES_TICKETS
from api.watching import POLL_S, JobWatcher
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.db.text import Text
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.errors import JobNotFound
from core.jobs.models import Job, JobEvent
from core.jobs.schemas import JobAttemptRead, JobRead, JobRetry
from core.jobs.shown import ShownStatus, ended, told

router = APIRouter(tags=["jobs"], dependencies=[Depends(polling)], route_class=AuthenticatedRoute)
PING_S: Final = 15
EVENTS_AT_ONCE: Final = 500
DONE_ALREADY: Final = {"model": JobRead, "description": "The job, done already."} | with_headers("Location", "ETag")
LastEventId = Annotated[
    str | None,
    Header(
        alias="Last-Event-ID",
        description="The id of the last event that was read; later ones follow. One the job has not reached is none.",
    ),
]


@router.get("/jobs", operation_id="list_jobs")
async def list_jobs(
    mine: VisibleWorkspaces,
    limit: Limit = 50,
    cursor: str | None = None,
    status: ShownStatus | None = None,
    kind: Text | None = None,
    workspace_id: UUID | None = None,
    exploration_id: UUID | None = None,
    subject_id: UUID | None = None,
) -> Page[JobRead]:
    """List the jobs of the caller's workspaces, newest first."""
    wanted = [i for i in mine if workspace_id in (None, i)]
    async with db.scope(wanted) as session:
        found = await jobs.list_for(
            session,
            workspace_ids=wanted,
            limit=limit + 1,
            before=decode_cursor(cursor),
            status=status,
            kind=kind,
            exploration_id=exploration_id,
            subject_id=subject_id,
        )
    more = encode_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=more)


@router.get(
    "/jobs/{job_id}", operation_id="get_job", response_model=JobRead, responses={200: with_headers("Retry-After")}
)
async def get_job(
    request: Request,
    mine: VisibleWorkspaces,
    job_id: UUID,
    if_none_match: IfNoneMatch,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait for a change")] = 0,
) -> Response:
    """Read a job; with `wait`, hold until it differs from `If-None-Match` (or from now) or is done."""
    watcher: JobWatcher = request.app.state.watcher
    first = await wait_until(watcher, mine, job_id, 0, lambda _: True)
    known = if_none_match or etag(first)
    read = first
    if wait and not first.done and matches(known, etag(first)):
        read = await wait_until(watcher, mine, job_id, wait, lambda job: job.done or not matches(known, etag(job)))
    headers = {"ETag": etag(read), "Cache-Control": "no-cache"}
    if not read.done:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if if_none_match is not None and matches(if_none_match, etag(read)):
        return Response(status_code=304, headers=headers)
    return JSONResponse(read.model_dump(mode="json"), headers=headers)


@router.get(
    "/jobs/{job_id}/events",
    operation_id="follow_job",
    response_class=EventSourceResponse,
    responses={200: EVENT_STREAM},
    dependencies=[TAKES_TICKETS],
)
async def follow_job(
    request: Request,
    mine: VisibleWorkspaces,
    job_id: UUID,
    last_event_id: LastEventId = None,
    after_event: Annotated[
        str | None,
        Query(alias="last_event_id", description="The same, for a first connection that cannot send the header."),
    ] = None,
) -> EventSourceResponse:
    """Stream a job's events after `Last-Event-ID` until it is done."""
    last_event_id = last_event_id or after_event
    async with db.scope(mine) as session:
        reached = (await jobs.get(session, job_id)).version
    after = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 19 else 0
    if after > reached:  # no event of this job: nothing would come after it until the job's end
        after = 0
    return EventSourceResponse(_events(request.app.state.watcher, job_id, after), ping=PING_S)


async def _events(watcher: JobWatcher, job_id: UUID, after: int) -> AsyncIterator[ServerSentEvent]:
    async def look(session: AsyncSession) -> tuple[Job, list[JobEvent]]:
        return await jobs.get(session, job_id), await jobs.list_events(session, job_id, after, EVENTS_AT_ONCE)

    async with watcher.watch(job_id) as changed:
        while True:
            changed.clear()
            try:
                job, events = await watcher.read(job_id, f"events after {after}", look)
            except JobNotFound:  # deleted with its workspace; who connects again is told so
                return
            except DatabaseUnavailable:  # who follows is not made to come again: all would, at once
                await asyncio.sleep(POLL_S)
                continue
            told_done = False
            for event in events:
                after = event.sequence
                told_done = event.event == "done"
                if not told_done or job.finished_at is not None:  # a job that was retried is not done any more
                    data = ended(event.data, job) if told_done else event.data
                    yield ServerSentEvent(json.dumps(data), event=event.event, id=str(event.sequence))
            if job.finished_at is not None and len(events) < EVENTS_AT_ONCE:
                if not told_done:
                    yield ServerSentEvent(json.dumps(ended(told(job), job)), event="done", id=str(job.version))
                return
            if len(events) == EVENTS_AT_ONCE:
                continue
            await changed.wait()


@router.post(
    "/jobs/{job_id}/cancel",
    operation_id="cancel_job",
    response_model=JobRead,
    status_code=202,
    responses=tagged(202) | {200: DONE_ALREADY},
)
async def cancel_job(mine: VisibleWorkspaces, job_id: UUID) -> Response:
    """Ask for a job's end; what it has done so far is kept."""
    async with db.scope(mine) as session:
        asked = await jobs.request_cancel(session, job_id)
    if asked:
        async with db.scope(mine) as session:
            await jobs.cascade_cancel(session, job_id)
    return await _answer(mine, job_id, 202 if asked else 200)


@router.post(
    "/jobs/{job_id}/retry",
    operation_id="retry_job",
    response_model=JobRead,
    status_code=202,
    responses=tagged(202),
)
async def retry_job(mine: VisibleWorkspaces, job_id: VisibleJob, body: JobRetry | None = None) -> Response:
    """Run a failed or cancelled job again; work already paid for is not repeated. `job.max_cost_usd` gives it another
    budget.
    """
    async with db.scope(mine) as session:
        job = await jobs.retry(session, job_id, body.job if body else None)
        if job.workspace_id is not None and job.exploration_id is not None:  # nothing runs in a deleted exploration
            await explorations.get(session, job.workspace_id, job.exploration_id, hold=True)
    return await _answer(mine, job_id, 202)


@router.get("/jobs/{job_id}/children", operation_id="list_job_children")
async def list_children(
    mine: VisibleWorkspaces, job_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[JobRead]:
    """List a job's shards by number."""
    async with db.scope(mine) as session:
        await jobs.get(session, job_id)
        found = await jobs.list_children(session, job_id, limit=limit + 1, after=decode_number(cursor, default=-1))
        read = await jobs.read_all(session, found[:limit])
    more = encode_number(found[limit - 1].shard_no or 0) if len(found) > limit else None
    return Page(items=read, next_cursor=more)


@router.get("/jobs/{job_id}/attempts", operation_id="list_job_attempts")
async def list_attempts(
    mine: VisibleWorkspaces, job_id: UUID, limit: Limit = 50, cursor: str | None = None
) -> Page[JobAttemptRead]:
    """List a job's runs by workers, first to last."""
    async with db.scope(mine) as session:
        await jobs.get(session, job_id)
        found = await jobs.list_attempts(session, job_id, limit=limit + 1, after=decode_number(cursor, default=0))
    more = encode_number(found[limit - 1].claim_epoch) if len(found) > limit else None
    return Page(items=[JobAttemptRead.model_validate(row) for row in found[:limit]], next_cursor=more)


async def _answer(mine: list[UUID], job_id: UUID, status: int) -> Response:
    async with db.scope(mine) as session:
        read = await jobs.read(session, await jobs.get(session, job_id))
    headers = {"Location": f"/jobs/{job_id}", "ETag": etag(read)}
    if not read.done:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return JSONResponse(read.model_dump(mode="json"), status, headers)


def etag(read: JobRead) -> str:
    """Return the strong entity tag of a job's representation."""
    document: Any = json.dumps(read.model_dump(mode="json"), sort_keys=True)
    return '"' + hashlib.sha256(document.encode()).hexdigest()[:32] + '"'

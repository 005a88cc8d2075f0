"""Submitting work: Idempotency-Key, the one transaction, `Prefer: wait`, and the answer 202 (or 200)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.conditions import all_lines
from api.watching import JobWatcher
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.errors import FieldError, Invalid
from core.jobs import service as jobs
from core.jobs.schemas import JobRead
from core.workspaces.access import Member

Start = Callable[[AsyncSession], Awaitable[JobRead]]
RETRY_AFTER_S: Final = 1
LONGEST_WAIT_S: Final = 60
LONGEST_KEY: Final = 255
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A key of the caller's, up to 255 characters: for two days the same key and body make one job.",
    ),
]
Prefer = Annotated[
    str | None,
    Header(alias="Prefer", description="`wait=N`: hold the answer up to N seconds (at most 60) for the job's end."),
]
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*(\"?)0*(\d+)\1(?:$|[,;\s])", re.IGNORECASE)


class Submit:
    """Runs a submission of the present request: `await submit(member, start)`."""

    def __init__(self, request: Request, key: str | None, prefer: str | None) -> None:
        self._request = request
        self._key = unquoted_key(key)
        self._wait_s = preferred_wait_s(prefer)

    async def __call__(self, member: Member, start: Start, *, content: bytes | None = None) -> Response:
        """Store what `start` makes, once per Idempotency-Key, and answer with the job.

        `content` stands for the body where that is never the same twice, as a form's boundaries are.
        """
        job, replayed = await self._store(member, start, content)
        read = await self._await_end(member.workspace_id, job)
        headers = {"Location": f"/jobs/{read.id}", "Vary": "Prefer"}
        if self._wait_s:
            headers["Preference-Applied"] = f"wait={self._wait_s}"
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        if not read.done:
            headers["Retry-After"] = str(RETRY_AFTER_S)
        ended_within_wait = bool(self._wait_s) and read.done
        return Response(read.model_dump_json(), 200 if ended_within_wait else 202, headers, "application/json")

    async def _store(self, member: Member, start: Start, content: bytes | None) -> tuple[JobRead, bool]:
        async with db.scope([member.workspace_id]) as session:
            if self._key is None:
                return await start(session), False
            caller = f"{member.author.type}:{member.author.id}"
            route = route_of(self._request)
            body = jobs.body_hash(await self._request.body() if content is None else content)
            found = await jobs.find_replay(session, caller=caller, route=route, key=self._key, body=body)
            if found is not None:
                return found, True
            job = await start(session)
            jobs.remember(session, job, caller=caller, route=route, key=self._key, body=body)
            return job, False

    async def _await_end(self, workspace_id: UUID, job: JobRead) -> JobRead:
        if not self._wait_s:
            return job
        watcher: JobWatcher = self._request.app.state.watcher
        try:
            return await wait_until(watcher, [workspace_id], job.id, self._wait_s, lambda read: read.done)
        except DatabaseUnavailable:  # the job is stored: whoever is told to come again would make a second one
            return job


async def wait_until(
    watcher: JobWatcher,
    workspace_ids: list[UUID],
    job_id: UUID,
    wait_s: float,
    enough: Callable[[JobRead], bool],
) -> JobRead:
    """Return a job as soon as `enough` is true of it, or as it is after `wait_s` seconds."""
    deadline = asyncio.get_running_loop().time() + wait_s

    async def look(session: AsyncSession) -> JobRead:
        return await jobs.read(session, await jobs.get(session, job_id))

    async with watcher.watch(job_id) as changed:
        async with db.scope(workspace_ids) as session:
            read = await look(session)
        while True:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0 or enough(read):
                return read
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await changed.wait()
            changed.clear()
            read = await watcher.read(job_id, "job", look)


def route_of(request: Request) -> str:
    """Return the method and path a key belongs to, the same however the ids in the path are spelled."""
    ids = {name: _spelled_once(str(value)) for name, value in request.path_params.items()}
    return f"{request.method} {request.scope['route'].path_format.format(**ids)}"


def _spelled_once(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        return value


def unquoted_key(raw: str | None) -> str | None:
    """Return an Idempotency-Key without its quotes; raises Invalid when it is empty or too long."""
    if raw is None:
        return None
    key = raw.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Invalid([FieldError(("header", "Idempotency-Key"), f"must have 1 to {LONGEST_KEY} characters")])
    return key


def preferred_wait_s(prefer: str | None) -> int:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), at most 60; 0 without one."""
    found = _WAIT.search(prefer or "")
    return min(int(found[2][:3]), LONGEST_WAIT_S) if found else 0


async def submitting(request: Request, key: IdempotencyKey = None, prefer: Prefer = None) -> Submit:
    """Return what runs the submission of this request; raises Invalid when it has two keys, or one that is none."""
    if len(request.headers.getlist("Idempotency-Key")) > 1:
        raise Invalid([FieldError(("header", "Idempotency-Key"), "must be sent once")])
    if prefer is not None:
        prefer = all_lines(request, "Prefer")
    return Submit(request, key, prefer)  # a coroutine: FastAPI sends what is none to a thread


Submitting = Annotated[Submit, Depends(submitting)]

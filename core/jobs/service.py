"""What callers do with jobs: submit, read, list, cancel, retry; the idempotency of submits."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db import session as db
from core.db.base import uuid7
from core.db.paging import newest_first
from core.jobs import dispatching, engine, pausing
from core.jobs.contract import JobArgs, JobContract
from core.jobs.errors import (
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    JobNotFound,
    JobNotRetryable,
    ShardNotCancellable,
    ShardNotRetryable,
)
from core.jobs.fanning import shard_waits
from core.jobs.models import ACTIVE, DONE, IdempotencyRecord, Job, JobAttempt, JobEvent
from core.jobs.queue import queue
from core.jobs.records import Finished, Hint
from core.jobs.schemas import (
    PRIORITIES,
    Creator,
    CreatorType,
    JobOptions,
    JobRead,
    JobUsage,
    Progress,
    RetryOptions,
    own_usage,
)
from core.jobs.shown import ShownStatus, shows, told
from core.limits import service as limits
from core.limits.service import ModelKind

BUDGET_PLACE: Final = ("body", "job", "max_cost_usd")


@dataclass(frozen=True, slots=True)
class Author:
    """Who asks: a user, an API key or the service itself."""

    type: CreatorType
    id: UUID | None = None


_SUBMIT = """
    WITH made AS (
        INSERT INTO job (id, workspace_id, exploration_id, subject_type, subject_id, kind, pool, args, status, priority,
            attempt, max_attempts, timeout_s, dispatch_no, claim_epoch, rescues, steps_at_rescue, children_total,
            children_open, max_children_in_flight, progress_done, progress_total, progress_message, usage_calls,
            usage_input_tokens, usage_output_tokens, usage_cost_usd, usage_replayed_calls, max_cost_usd,
            created_by_type, created_by_id, version, callback_url, model)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9, 0, $10, $11, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0, 0, 0,
            0, $12, $13, $14, 1, $15, (SELECT model FROM workspace_setting WHERE workspace_id = $2))
        RETURNING created_at
    ), told AS (
        INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
        VALUES ($1, 1, $2, 'status', '{"status": "queued", "attempt": 0}', clock_timestamp())
    )
    SELECT created_at FROM made
"""


async def submit(
    session: AsyncSession,
    contract: JobContract[Any],
    args: JobArgs,
    *,
    workspace_id: UUID | None,
    author: Author,
    exploration_id: UUID | None = None,
    subject_type: str | None = None,
    subject_id: UUID | None = None,
    options: JobOptions | None = None,
    asks: Sequence[ModelKind] | None = None,
) -> JobRead:
    """Write a job in the caller's transaction; once that is committed, announce it to the workers.

    It keeps the model that its workspace has chosen now, whatever is chosen later. A job of the
    service itself has no workspace; it is submitted in the system scope and shown to nobody.
    `asks` are the models this very job needs, if not those of its kind. Raises Invalid where it has a budget and one of
    them no price.
    """
    options = options or JobOptions()
    if options.max_cost_usd is not None:
        model = await limits.chat_model(session, workspace_id)
        limits.require_prices(contract.asks if asks is None else asks, BUDGET_PLACE, model=model)
    job_id = uuid7()
    subject_type = subject_type or contract.subject
    max_attempts = options.max_attempts or contract.max_attempts
    created_at = await db.driver_of(session).fetchval(
        _SUBMIT,
        job_id,
        workspace_id,
        exploration_id,
        subject_type,
        subject_id,
        contract.kind,
        contract.pool,
        args.model_dump_json(),
        PRIORITIES[options.priority or ("interactive" if contract.pool == "interactive" else "batch")],
        max_attempts,
        contract.timeout_s,
        options.max_cost_usd,
        author.type,
        author.id,
        options.callback_url,
    )
    db.after_commit(session, functools.partial(_announce, Hint(job_id, contract.pool, 0)))
    return JobRead(
        id=job_id,
        kind=contract.kind,
        status="queued",
        done=False,
        workspace_id=workspace_id,
        exploration_id=exploration_id,
        subject_type=subject_type,
        subject_id=subject_id,
        attempt=0,
        max_attempts=max_attempts,
        next_attempt_at=None,
        progress=Progress(done=0, total=0, message=""),
        result=None,
        error=None,
        usage=JobUsage(calls=0, input_tokens=0, output_tokens=0, cost_usd=None, replayed_calls=0),
        created_at=created_at,
        started_at=None,
        finished_at=None,
        cancel_requested_at=None,
        created_by=Creator(type=author.type, id=author.id),
    )


async def _announce(hint: Hint) -> None:
    await queue().submit(hint)


def body_hash(body: bytes) -> str:
    """Return the fingerprint under which a request body is remembered."""
    return hashlib.sha256(body).hexdigest()


async def find_replay(session: AsyncSession, *, caller: str, route: str, key: str, body: str) -> JobRead | None:
    """Return the job that the same key and body made before, and hold the key until this transaction ends.

    `body` is the body's hash. Raises IdempotencyKeyReused for another body, IdempotencyKeyInUse while another
    request with this key is under way.
    """
    lock = int.from_bytes(hashlib.sha256(f"{caller}\0{route}\0{key}".encode()).digest()[:8], "big", signed=True)
    held = (await session.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock})).scalar_one()
    if not held:
        raise IdempotencyKeyInUse
    record = await session.get(IdempotencyRecord, (caller, route, key))
    if record is None:
        return None
    if record.body_hash != body:
        raise IdempotencyKeyReused
    return JobRead.of(await get(session, record.job_id))


def remember(session: AsyncSession, job: JobRead, *, caller: str, route: str, key: str, body: str) -> None:
    """Remember which job a key and body made, in the transaction that makes it."""
    assert job.workspace_id is not None
    session.add(
        IdempotencyRecord(
            workspace_id=job.workspace_id, caller=caller, route=route, key=key, body_hash=body, job_id=job.id
        )
    )


async def get(session: AsyncSession, job_id: UUID, *, lock: bool = False) -> Job:
    """Return a job; raises JobNotFound."""
    query = select(Job).where(col(Job.id) == job_id).execution_options(populate_existing=True)
    job = (await session.execute(query.with_for_update() if lock else query)).scalar_one_or_none()
    if job is None:
        raise JobNotFound
    return job


async def get_many(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, Job]:
    """Return those of the jobs that are there, by id."""
    query = select(Job).where(col(Job.id).in_(job_ids)).execution_options(populate_existing=True)
    return {job.id: job for job in (await session.execute(query)).scalars()}


async def read(session: AsyncSession, job: Job) -> JobRead:
    """Return a job's shape, a parent's usage with that of its shards."""
    return (await read_all(session, [job]))[0]


async def read_all(session: AsyncSession, found: Sequence[Job]) -> list[JobRead]:
    """Return the shapes of jobs: with the usage of their shards, and with what keeps them waiting."""
    parents = [job.id for job in found if job.children_total]
    spent: dict[UUID, JobUsage] = {}
    if parents:
        rows = await session.execute(
            text(
                "SELECT parent_id, sum(usage_calls) AS calls, sum(usage_input_tokens) AS input_tokens,"
                " sum(usage_output_tokens) AS output_tokens,"
                " CASE WHEN count(*) = count(usage_cost_usd) THEN sum(usage_cost_usd) END AS cost_usd,"
                " sum(usage_replayed_calls) AS replayed_calls FROM job WHERE parent_id = ANY(:ids) GROUP BY parent_id"
            ),
            {"ids": parents},
        )
        spent = {row.parent_id: JobUsage.model_validate(row, from_attributes=True) for row in rows}
    waits = await shard_waits(session, [job.id for job in found if job.status == "waiting"])
    paused = await pausing.held(session, found)
    return [
        JobRead.of(
            job, own_usage(job) + spent[job.id] if job.id in spent else None, waits.get(job.id), paused.get(job.id)
        )
        for job in found
    ]


async def list_for(
    session: AsyncSession,
    *,
    workspace_ids: Sequence[UUID],
    limit: int,
    before: tuple[datetime, UUID] | None = None,
    status: ShownStatus | None = None,
    kind: str | None = None,
    exploration_id: UUID | None = None,
    subject_id: UUID | None = None,
    active: bool = False,
) -> list[JobRead]:
    """Return callers' jobs, newest first, only those not ended where `active`; shards are under their parent only."""
    query = select(Job).where(col(Job.workspace_id).in_(workspace_ids), col(Job.parent_id).is_(None))
    if status is not None:
        query = query.where(shows(status))
    if kind is not None:
        query = query.where(col(Job.kind) == kind)
    if exploration_id is not None:
        query = query.where(col(Job.exploration_id) == exploration_id)
    if subject_id is not None:
        query = query.where(col(Job.subject_id) == subject_id)
    if active:
        query = query.where(col(Job.status).in_(ACTIVE))
    query = newest_first(query, Job, limit=limit, before=before)
    return await read_all(session, (await session.execute(query)).scalars().all())


async def list_children(session: AsyncSession, parent_id: UUID, *, limit: int, after: int = -1) -> list[Job]:
    """Return a job's shards by number, those after `after`."""
    query = (
        select(Job)
        .where(col(Job.parent_id) == parent_id, col(Job.shard_no) > after)
        .order_by(col(Job.shard_no))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def list_attempts(session: AsyncSession, job_id: UUID, *, limit: int, after: int = 0) -> list[JobAttempt]:
    """Return a job's runs in order, those after claim epoch `after`."""
    query = (
        select(JobAttempt)
        .where(col(JobAttempt.job_id) == job_id, col(JobAttempt.claim_epoch) > after)
        .order_by(col(JobAttempt.claim_epoch))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def list_events(session: AsyncSession, job_id: UUID, after: int, limit: int) -> list[JobEvent]:
    """Return a job's stream events after a sequence number."""
    query = (
        select(JobEvent)
        .where(col(JobEvent.job_id) == job_id, col(JobEvent.sequence) > after)
        .order_by(col(JobEvent.sequence))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def versions(session: AsyncSession, job_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the present version of each job."""
    rows = await session.execute(select(Job.id, Job.version).where(col(Job.id).in_(job_ids)))  # type: ignore[call-overload]
    return {row.id: row.version for row in rows}


async def request_cancel(session: AsyncSession, job_id: UUID) -> bool:
    """Ask for a job's end; False when it is done already. Follow with `cascade_cancel` in a new transaction."""
    job = await get(session, job_id, lock=True)
    if job.status in DONE:
        return False
    if job.parent_id is not None:
        raise ShardNotCancellable
    if job.cancel_requested_at is None:
        await session.execute(
            text(
                "UPDATE job SET cancel_requested_at = clock_timestamp(), version = version + 1,"
                " updated_at = clock_timestamp() WHERE id = :id"
            ),
            {"id": job_id},
        )
    return True


_CANCEL_ALL = text("""
    UPDATE job SET cancel_requested_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
    WHERE id IN (
        SELECT id FROM job
        WHERE workspace_id = :workspace_id AND exploration_id = :exploration_id AND parent_id IS NULL
            AND cancel_requested_at IS NULL AND status = ANY(:active)
        ORDER BY id FOR UPDATE)
    RETURNING id
""")


async def request_cancel_all(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> None:
    """Ask for the end of all unfinished jobs of an exploration; the dispatcher hands it down to their shards."""
    values = {"workspace_id": workspace_id, "exploration_id": exploration_id, "active": list(ACTIVE)}
    asked = list((await session.execute(_CANCEL_ALL, values)).scalars())
    if asked:
        db.after_commit(session, functools.partial(_nudge, asked))


async def cascade_cancel(session: AsyncSession, job_id: UUID) -> None:
    """End what of a cancelled job no worker runs, and nudge the workers that run the rest.

    Apart from the request, so that a parent's lock is never held while its shards' are taken.
    """
    running = await dispatching.cascade_cancel(session, job_id)
    await dispatching.settle_cancelled(session, job_id)
    db.after_commit(session, functools.partial(_nudge, [job_id, *running]))


async def _nudge(job_ids: list[UUID]) -> None:
    await queue().nudge(job_ids)
    await queue().tell_changed(job_ids)


_RETRY = text("""
    UPDATE job SET status = CASE WHEN :open > 0 THEN 'waiting' ELSE 'queued' END, children_open = :open,
        attempt = 0, rescues = 0, error = NULL, result = NULL, cancel_requested_at = NULL, finished_at = NULL,
        next_attempt_at = NULL, dispatched_at = NULL, dispatch_no = dispatch_no + 1,
        version = version + 1, updated_at = clock_timestamp()
    WHERE id = :id
""")
_SET_BUDGET = text("UPDATE job SET max_cost_usd = :usd WHERE id = :id")
_RETRY_SHARDS = text("""
    UPDATE job SET status = 'queued', attempt = 0, rescues = 0, error = NULL, result = NULL,
        cancel_requested_at = NULL, finished_at = NULL, next_attempt_at = NULL, dispatched_at = NULL,
        dispatch_no = dispatch_no + 1, version = version + 1, updated_at = clock_timestamp()
    WHERE parent_id = :id AND status IN ('failed', 'cancelled') RETURNING id, pool, dispatch_no
""")


async def retry(session: AsyncSession, job_id: UUID, options: RetryOptions | None = None) -> Job:
    """Queue a failed or cancelled job again with fresh attempts; committed steps and done shards are kept.

    Options that are named are changed. Raises Invalid for a budget where the model has no price.
    """
    job = await get(session, job_id, lock=True)
    if job.parent_id is not None:
        raise ShardNotRetryable
    if job.status not in ("failed", "cancelled"):
        raise JobNotRetryable
    if options is not None and "max_cost_usd" in options.model_fields_set:
        if options.max_cost_usd is not None:
            limits.require_prices(["chat"], BUDGET_PLACE, model=job.model)
        await session.execute(_SET_BUDGET, {"id": job_id, "usd": options.max_cost_usd})
    shards = [Hint(*row) for row in await session.execute(_RETRY_SHARDS, {"id": job_id})]
    await session.execute(_RETRY, {"id": job_id, "open": len(shards)})
    job = await get(session, job_id)
    await engine.tell_event(session, job_id, job.workspace_id, job.version, "status", told(job))
    hints = shards[: job.max_children_in_flight] or [Hint(job_id, job.pool, job.dispatch_no)]
    db.after_commit(session, functools.partial(_announce_all, hints))
    return job


async def _announce_all(hints: list[Hint]) -> None:
    await queue().announce(hints)


async def announce_finished(finished: Sequence[Finished]) -> None:
    """Tell watchers of finished jobs and start what their end set free."""
    await queue().announce([hint for one in finished for hint in one.hints])
    await queue().tell_changed([job_id for one in finished for job_id in (one.job_id, one.parent_id)])

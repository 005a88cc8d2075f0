"""Statements of the job engine: claim, progress, finish, defer (steps: `core.jobs.committing`).

Every write by a worker carries `(job_id, claim_epoch)` and is void when the epoch is no longer the job's: the
statement touches no row and the caller raises LostClaim, which rolls the transaction back. All times are the
database's. Callers open the transaction (`db.scope`, or `direct` for what runs most) and announce over Redis after
the commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.events import service as events
from core.jobs.errors import LostClaim
from core.jobs.pausing import PAUSED
from core.jobs.records import Claim, End, Finished, Hint
from core.jobs.shown import told

# Lapses in a row with nothing committed between: from the first figure on a job is a suspect, at the second poison.
SUSPECT_AFTER: Final = 3
POISON_AFTER: Final = 6
SUSPECT_START_S: Final = 10.0
"""How long a process of its own for a suspect may take to start."""
PROGRESS_INTERVAL_S: Final = 0.25


# Rows are locked in the order of their ids, here, in commits and by the heartbeat: no two writers wait for each other.
_CLAIM = f"""
    WITH wanted AS (
        SELECT id FROM job WHERE id = ANY($1) ORDER BY id FOR UPDATE
    ), claimed AS (
        UPDATE job SET status = 'running', claim_epoch = claim_epoch + 1, worker_id = $2,
            lease_until = clock_timestamp() + make_interval(secs => $3),
            deadline_at = clock_timestamp() + make_interval(secs => timeout_s),
            started_at = coalesce(started_at, clock_timestamp()), next_attempt_at = NULL,
            version = version + 1, updated_at = clock_timestamp()
        FROM wanted
        WHERE job.id = wanted.id AND cancel_requested_at IS NULL AND ($4 OR rescues < $5) AND (
            status IN ('queued', 'dispatched') OR (status = 'retry_wait' AND next_attempt_at <= clock_timestamp()))
            AND NOT {PAUSED}
        RETURNING job.*
    ), attempted AS (
        INSERT INTO job_attempt (job_id, claim_epoch, workspace_id, attempt, worker_id, started_at)
        SELECT id, claim_epoch, workspace_id, attempt + 1, worker_id, clock_timestamp() FROM claimed
    ), told AS (
        INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
        SELECT id, version, workspace_id, 'status', jsonb_build_object('status', 'running', 'attempt', attempt + 1),
            clock_timestamp() FROM claimed
    )
    SELECT id AS job_id, claim_epoch AS epoch, kind, pool, workspace_id, exploration_id, subject_type, subject_id,
        parent_id, args, attempt, max_attempts, timeout_s, children_total, created_by_type, created_by_id,
        max_cost_usd IS NOT NULL
            OR EXISTS (SELECT FROM job parent WHERE parent.id = claimed.parent_id AND parent.max_cost_usd IS NOT NULL)
            OR EXISTS (SELECT FROM workspace_limit l WHERE l.workspace_id = claimed.workspace_id) AS budgeted,
        model, (SELECT concurrency FROM workspace_setting s WHERE s.workspace_id = claimed.workspace_id) AS concurrency
    FROM claimed
"""  # noqa: S608 - put together from constants


async def claim_all(
    session: db.Opened, job_ids: Sequence[UUID], worker_id: UUID, lease_s: float, *, alone: bool = False
) -> dict[UUID, Claim]:
    """Take those of the jobs that are there to take for this worker and raise their epochs; by id.

    A suspect is there only for a worker that does nothing else (`alone`).
    """
    rows = await db.driver_of(session).fetch(_CLAIM, list(job_ids), worker_id, lease_s, alone, SUSPECT_AFTER)
    return {row["job_id"]: Claim(**row) for row in rows}


async def claim(
    session: db.Opened, job_id: UUID, worker_id: UUID, lease_s: float, *, alone: bool = False
) -> Claim | None:
    """Take one job for this worker, as `claim_all` does; None when it is not there to take."""
    return (await claim_all(session, [job_id], worker_id, lease_s, alone=alone)).get(job_id)


_TAKE_SUSPECTS = f"""
    UPDATE job SET status = 'dispatched', dispatched_at = clock_timestamp() + make_interval(secs => $2),
        next_attempt_at = NULL
    WHERE id = ANY($1) AND rescues >= $3
        AND (dispatched_at IS NULL OR dispatched_at <= clock_timestamp())
        AND (status IN ('queued', 'dispatched') OR (status = 'retry_wait' AND next_attempt_at <= clock_timestamp()))
        AND NOT {PAUSED}
    RETURNING id
"""  # noqa: S608 - put together from constants


async def take_suspects(session: db.Opened, job_ids: Sequence[UUID]) -> set[UUID]:
    """Return those jobs under which workers died again and again, so that they must run alone.

    The caller starts a process for each. Until it had the time to claim its job nobody else is given that job, and
    its message is not looked for.
    """
    rows = await db.driver_of(session).fetch(_TAKE_SUSPECTS, list(job_ids), SUSPECT_START_S, SUSPECT_AFTER)
    return {row["id"] for row in rows}


async def has_lost(session: AsyncSession, job_id: UUID, worker_id: UUID) -> bool:
    """Tell whether a worker had a job and has it no longer: ended, given back, or its lease has lapsed."""
    found = await session.execute(
        text(
            "SELECT 1 FROM job_attempt WHERE job_id = :job_id AND worker_id = :worker_id AND NOT EXISTS ("
            "SELECT FROM job WHERE id = :job_id AND worker_id = :worker_id AND status = 'running'"
            " AND lease_until >= clock_timestamp()) LIMIT 1"
        ),
        {"job_id": job_id, "worker_id": worker_id},
    )
    return found.one_or_none() is not None


_SET_PROGRESS = text("""
    UPDATE job SET progress_total = :total, progress_message = :message, version = version + 1,
        progress_done = least(coalesce(CAST(:done AS integer), progress_done), nullif(CAST(:total AS integer), 0)),
        updated_at = clock_timestamp()
    WHERE id = :job_id AND claim_epoch = :epoch AND status = 'running'
    RETURNING version, progress_done, progress_total, progress_message
""")


async def set_progress(
    session: AsyncSession, claim_: Claim, *, total: int, message: str, done: int | None = None
) -> None:
    """Declare how many steps the job has and what it is doing; raises LostClaim."""
    row = (
        await session.execute(
            _SET_PROGRESS,
            {
                "job_id": claim_.job_id,
                "epoch": claim_.epoch,
                "total": total,
                "message": message,
                "done": done,
            },
        )
    ).one_or_none()
    if row is None:
        raise LostClaim
    data = {"done": row.progress_done, "total": row.progress_total, "message": row.progress_message}
    await tell_event(session, claim_.job_id, claim_.workspace_id, row.version, "progress", data)


_TELL = """
    INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
    VALUES ($1, $2, $3, $4, $5, clock_timestamp()) ON CONFLICT DO NOTHING
"""


async def tell_event(
    session: db.Opened,
    job_id: UUID,
    workspace_id: UUID | None,
    sequence: int,
    event: str,
    data: Mapping[str, Any],
) -> None:
    """Write one event of a job's stream; `sequence` is the job version it belongs to."""
    await db.driver_of(session).execute(_TELL, job_id, sequence, workspace_id, event, json.dumps(data))


_LOG = """
    WITH raised AS (
        UPDATE job SET version = version + 1, updated_at = clock_timestamp()
        WHERE id = $1 AND claim_epoch = $2 AND status = 'running'
        RETURNING id, version, workspace_id
    ), told AS (
        INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
        SELECT id, version, workspace_id, 'log', $3, clock_timestamp() FROM raised
    )
    SELECT version FROM raised
"""


async def tell_log(session: db.Opened, claim_: Claim, data: Mapping[str, Any]) -> None:
    """Tell a job's watchers something in an event `log`; raises LostClaim."""
    if await db.driver_of(session).fetchval(_LOG, claim_.job_id, claim_.epoch, json.dumps(data)) is None:
        raise LostClaim


_FENCE = text("SELECT 1 FROM job WHERE id = :job_id AND claim_epoch = :epoch AND status = 'running' FOR UPDATE")


async def fence(session: AsyncSession, claim_: Claim) -> None:
    """Lock the job for this transaction and prove that it is still this worker's; raises LostClaim."""
    found = await session.execute(_FENCE, {"job_id": claim_.job_id, "epoch": claim_.epoch})
    if found.one_or_none() is None:
        raise LostClaim


_FINISH = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS g(job_id uuid, epoch bigint, status text,
            result jsonb, error jsonb, attempts int, from_status text[])
    ), held AS (
        SELECT job.id FROM job JOIN given ON job.id = given.job_id ORDER BY job.id FOR UPDATE OF job
    ), ended AS (
        UPDATE job SET status = given.status, result = given.result, error = given.error,
            attempt = attempt + given.attempts, lease_until = NULL, deadline_at = NULL, next_attempt_at = NULL,
            progress_done = CASE WHEN given.status = 'succeeded' THEN greatest(progress_total, progress_done)
                ELSE progress_done END,
            finished_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
        FROM given, held
        WHERE job.id = held.id AND job.id = given.job_id AND claim_epoch = given.epoch
            AND job.status = ANY(given.from_status)
        RETURNING job.id, version, workspace_id, exploration_id, subject_type, subject_id, kind, parent_id,
            job.status, job.error, attempt, claim_epoch
    ), attempted AS (
        UPDATE job_attempt a SET finished_at = clock_timestamp(), outcome = ended.status, error = ended.error
        FROM ended WHERE a.job_id = ended.id AND a.claim_epoch = ended.claim_epoch AND a.finished_at IS NULL
    ), told AS (
        INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
        SELECT id, version, workspace_id, 'done', jsonb_build_object('status', status, 'attempt', attempt),
            clock_timestamp() FROM ended
        ON CONFLICT DO NOTHING
    )
    SELECT id, claim_epoch, workspace_id, exploration_id, subject_type, subject_id, kind, parent_id, status FROM ended
"""
_END_ATTEMPT = """
    UPDATE job_attempt SET finished_at = clock_timestamp(), outcome = $3, error = $4
    WHERE job_id = $1 AND claim_epoch = $2 AND finished_at IS NULL
"""


async def finish_all(session: db.Opened, ends: Sequence[End]) -> list[Finished | None]:
    """End jobs: status, attempt row, stream event, outbox event and their parents' counters, all at once.

    A job that is no longer at its epoch, in one of `from_status`, is left alone: None stands in its place.
    """
    given = json.dumps([_end_row(end) for end in ends])
    rows = await db.driver_of(session).fetch(_FINISH, given)
    await events.record_all(
        session,
        [
            {
                "type": f"job.{row['status']}",
                "workspace_id": row["workspace_id"],
                "exploration_id": row["exploration_id"],
                "subject_type": row["subject_type"],
                "subject_id": row["subject_id"],
                "job_id": row["id"],
                "data": {"kind": row["kind"], "status": row["status"]},
            }
            for row in rows
            if row["workspace_id"] is not None and row["parent_id"] is None
        ],
    )
    found = {}
    for row in rows:
        hints = await _leave_parent(session, row["parent_id"]) if row["parent_id"] else []
        found[row["id"], row["claim_epoch"]] = Finished(row["id"], row["status"], row["parent_id"], hints)
    return [found.get((end.job_id, end.epoch)) for end in ends]


async def finish(session: db.Opened, end: End) -> Finished:
    """End one job, as `finish_all` does; raises LostClaim when it is no longer at its epoch."""
    [finished] = await finish_all(session, [end])
    if finished is None:
        raise LostClaim
    return finished


def _end_row(end: End) -> dict[str, Any]:
    return {
        "job_id": str(end.job_id),
        "epoch": end.epoch,
        "status": end.status,
        "result": end.result,
        "error": end.error,
        "attempts": 1 if end.counts_attempt else 0,
        "from_status": list(end.from_status),
    }


async def end_attempt(
    session: db.Opened, job_id: UUID, epoch: int, outcome: str, error: Mapping[str, Any] | None = None
) -> None:
    """Write how one claim of a job ended."""
    reason = json.dumps(error) if error else None
    await db.driver_of(session).execute(_END_ATTEMPT, job_id, epoch, outcome, reason)


_LEAVE_PARENT = """
    UPDATE job SET children_open = children_open - 1,
        status = CASE WHEN children_open = 1 THEN 'queued' ELSE status END,
        dispatch_no = dispatch_no + CASE WHEN children_open = 1 THEN 1 ELSE 0 END,
        dispatched_at = NULL, version = version + 1, updated_at = clock_timestamp()
    WHERE id = $1 AND status = 'waiting'
    RETURNING id, pool, dispatch_no, children_open
"""
_NEXT_SHARD = """
    UPDATE job SET status = 'dispatched', dispatched_at = clock_timestamp(), version = version + 1,
        updated_at = clock_timestamp()
    WHERE id = (
        SELECT id FROM job WHERE parent_id = $1 AND status = 'queued' AND dispatched_at IS NULL
            AND cancel_requested_at IS NULL
        ORDER BY shard_no LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, pool, dispatch_no
"""


async def _leave_parent(session: db.Opened, parent_id: UUID) -> list[Hint]:
    driver = db.driver_of(session)
    parent = await driver.fetchrow(_LEAVE_PARENT, parent_id)
    await sum_children(session, parent_id)
    if parent is None:
        return []
    if parent["children_open"] == 0:
        return [Hint(parent["id"], parent["pool"], parent["dispatch_no"])]
    following = await driver.fetchrow(_NEXT_SHARD, parent_id)
    return [Hint(*following)] if following else []


_SUM_CHILDREN = """
    WITH total AS (
        SELECT coalesce(sum(progress_done), 0) AS done, coalesce(sum(usage_calls), 0) AS calls,
            coalesce(sum(usage_input_tokens), 0) AS input_tokens,
            coalesce(sum(usage_output_tokens), 0) AS output_tokens,
            CASE WHEN count(*) = count(usage_cost_usd) THEN coalesce(sum(usage_cost_usd), 0) END AS cost_usd,
            coalesce(sum(usage_replayed_calls), 0) AS replayed_calls
        FROM job WHERE parent_id = $1
    ), told AS (
        UPDATE job SET progress_done = total.done, version = version + 1, updated_at = clock_timestamp()
        FROM total WHERE id = $1 AND status IN ('waiting', 'queued') AND progress_done < total.done
        RETURNING id, workspace_id, version, progress_done, progress_total, progress_message
    )
    INSERT INTO job_event (job_id, sequence, workspace_id, event, data, created_at)
    SELECT id, version, workspace_id, 'progress', jsonb_build_object('done', progress_done, 'total', progress_total,
        'message', progress_message), clock_timestamp() FROM told ON CONFLICT DO NOTHING
"""


async def sum_children(session: db.Opened, parent_id: UUID) -> None:
    """Recompute a waiting parent's progress from its shards; idempotent, needs no fence.

    Never backwards: of two at the same time, the one that read first may write last.
    """
    await db.driver_of(session).execute(_SUM_CHILDREN, parent_id)


_DEFER = text("""
    UPDATE job SET status = CAST(:status AS text), attempt = attempt + :attempts,
        lease_until = NULL, deadline_at = NULL,
        next_attempt_at = CASE WHEN CAST(:status AS text) = 'retry_wait'
            THEN clock_timestamp() + make_interval(secs => :delay_s) END,
        dispatch_no = dispatch_no + 1, dispatched_at = NULL, error = CAST(:error AS jsonb),
        version = version + 1, updated_at = clock_timestamp()
    WHERE id = :job_id AND claim_epoch = :epoch AND status = 'running'
    RETURNING version, dispatch_no, status, attempt, children_total, next_attempt_at, error
""")


async def defer(
    session: AsyncSession,
    claim_: Claim,
    *,
    outcome: str,
    delay_s: float,
    attempts: int,
    error: Mapping[str, Any] | None = None,
) -> Hint | None:
    """Give the job back: to be run again after `delay_s` (0: at once); `attempts` says whether one is consumed.

    Returns a hint when the job may start at once. Raises LostClaim.
    """
    row = (
        await session.execute(
            _DEFER,
            {
                "job_id": claim_.job_id,
                "epoch": claim_.epoch,
                "status": "retry_wait" if delay_s > 0 else "queued",
                "delay_s": delay_s,
                "attempts": attempts,
                "error": json.dumps(error) if error else None,
            },
        )
    ).one_or_none()
    if row is None:
        raise LostClaim
    await end_attempt(session, claim_.job_id, claim_.epoch, outcome, error)
    await tell_event(session, claim_.job_id, claim_.workspace_id, row.version, "status", told(row))
    return Hint(claim_.job_id, claim_.pool, row.dispatch_no) if delay_s <= 0 else None

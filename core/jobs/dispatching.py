"""What the leading worker does for all: rescue lapsed jobs, cascade cancels, send waiting jobs to the queues.

Each function is one short transaction in the system scope; all are safe to run twice, or by two leaders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.jobs.engine import POISON_AFTER, finish, tell_event
from core.jobs.errors import PermanentError
from core.jobs.pausing import PAUSED
from core.jobs.records import End, Finished, Hint
from core.jobs.shown import told

log = structlog.get_logger(__name__)
# A message that was sent is looked for again after this long; a job just touched is left to its announcer.
STALE_AFTER_S: Final = 3.0
GRACE_S: Final = 1.0
BATCH: Final = 200

_LEAD = text("""
    INSERT INTO lease (name, holder, epoch, lease_until)
    VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :lease_s))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until,
        epoch = lease.epoch + CASE WHEN lease.holder = excluded.holder THEN 0 ELSE 1 END
    WHERE lease.holder = excluded.holder OR lease.lease_until < clock_timestamp()
    RETURNING epoch
""")


async def lead(session: AsyncSession, name: str, holder: UUID, lease_s: float) -> bool:
    """Take or renew the lease `name`; False while another holder's is good."""
    row = await session.execute(_LEAD, {"name": name, "holder": holder, "lease_s": lease_s})
    return row.one_or_none() is not None


_LOOK = text("""
    SELECT
        EXISTS (SELECT FROM job WHERE status = 'running' AND lease_until < clock_timestamp()) AS lapsed,
        EXISTS (SELECT FROM job WHERE cancel_requested_at IS NOT NULL
            AND status IN ('queued', 'dispatched', 'retry_wait', 'running', 'waiting')) AS cancelling,
        EXISTS (SELECT FROM job WHERE status = 'dispatched'
            AND dispatched_at < clock_timestamp() - make_interval(secs => :stale_s)) AS stale,
        EXISTS (SELECT FROM pause WHERE scope <> 'model') AS paused,
        ARRAY (SELECT DISTINCT pool FROM job WHERE status IN ('queued', 'retry_wait')) AS waiting
""")


@dataclass(frozen=True, slots=True)
class Duties:
    """What there is to do: lapsed leases, cancels to hand down, messages to look for, jobs to hold, pools with waiting
    jobs.
    """

    lapsed: bool
    cancelling: bool
    stale: bool
    paused: bool
    waiting: Sequence[str]


async def look(session: AsyncSession) -> Duties:
    """Return what there is to do, in one cheap query."""
    row = (await session.execute(_LOOK, {"stale_s": STALE_AFTER_S})).one()
    return Duties(*row)


_LAPSED = text("""
    SELECT id, claim_epoch, workspace_id, attempt, max_attempts, rescues, steps_at_rescue, pool,
        cancel_requested_at IS NOT NULL AS cancelled, deadline_at < clock_timestamp() AS overdue, timeout_s,
        (SELECT count(*) FROM job_step s WHERE s.job_id = job.id) AS steps
    FROM job WHERE status = 'running' AND lease_until < clock_timestamp()
    ORDER BY lease_until LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_RESCUE = text("""
    UPDATE job SET status = 'queued', rescues = :rescues, steps_at_rescue = :steps, attempt = attempt + :attempts,
        lease_until = NULL, deadline_at = NULL, dispatch_no = dispatch_no + 1, dispatched_at = NULL,
        version = version + 1, updated_at = clock_timestamp()
    WHERE id = :job_id RETURNING version, dispatch_no, status, attempt, children_total, next_attempt_at, error
""")


async def rescue_lapsed(session: AsyncSession, limit: int = 100) -> tuple[list[Hint], list[Finished]]:
    """Give jobs whose worker fell silent back to the queue, or end them: cancelled, overdue or poison."""
    hints: list[Hint] = []
    ended: list[Finished] = []
    for row in (await session.execute(_LAPSED, {"limit": limit})).all():
        try:
            async with session.begin_nested():
                outcome = await _rescue(session, row)
        except db.STATEMENT_ERRORS as error:
            if db.is_away(error):
                raise
            log.exception("job_rescue_failed", job_id=str(row.id))  # the others are rescued all the same
            continue
        if isinstance(outcome, Hint):
            hints.append(outcome)
        else:
            ended.append(outcome)
    return hints, ended


async def _rescue(session: AsyncSession, row: Any) -> Hint | Finished:
    if row.cancelled:
        return await finish(session, End(row.id, row.claim_epoch, "cancelled", counts_attempt=False))
    overdue = bool(row.overdue)
    if overdue and row.attempt + 1 >= row.max_attempts:
        error = PermanentError(f"The job ran longer than its limit of {row.timeout_s:g} s.", code="job_timeout")
        return await finish(session, End(row.id, row.claim_epoch, "failed", error=error.problem()))
    rescues = row.rescues + 1 if row.steps == row.steps_at_rescue else 1
    if not overdue and rescues >= POISON_AFTER:
        return await _finish_poison(session, row.id, row.claim_epoch, rescues)
    await session.execute(
        text(
            "UPDATE job_attempt SET finished_at = clock_timestamp(), outcome = :outcome"
            " WHERE job_id = :job_id AND claim_epoch = :epoch AND finished_at IS NULL"
        ),
        {"job_id": row.id, "epoch": row.claim_epoch, "outcome": "timed_out" if overdue else "lapsed"},
    )
    values = {
        "job_id": row.id,
        "rescues": 0 if overdue else rescues,
        "steps": row.steps,
        "attempts": 1 if overdue else 0,
    }
    queued = (await session.execute(_RESCUE, values)).one()
    await tell_event(session, row.id, row.workspace_id, queued.version, "status", told(queued))
    return Hint(row.id, row.pool, queued.dispatch_no)


async def end_poison(session: AsyncSession, job_id: UUID, worker_id: UUID) -> Finished | None:
    """Fail a suspect whose own process died under it; None when it got on, was given back or is to be cancelled."""
    found = await session.execute(
        text(
            "SELECT id, claim_epoch, rescues FROM job WHERE id = :job_id AND worker_id = :worker_id"
            " AND status = 'running' AND cancel_requested_at IS NULL"
            " AND steps_at_rescue = (SELECT count(*) FROM job_step s WHERE s.job_id = job.id) FOR UPDATE"
        ),
        {"job_id": job_id, "worker_id": worker_id},
    )
    row = found.one_or_none()
    return await _finish_poison(session, row.id, row.claim_epoch, row.rescues + 1) if row else None


async def _finish_poison(session: AsyncSession, job_id: UUID, epoch: int, deaths: int) -> Finished:
    error = PermanentError(
        f"Workers died or lost their lease {deaths} times in a row in this job, with nothing committed between.",
        code="job_poison",
    )
    return await finish(session, End(job_id, epoch, "failed", error=error.problem()))


_CASCADE = text("""
    WITH held AS (
        SELECT job.id FROM job JOIN job parent ON job.parent_id = parent.id
        WHERE parent.cancel_requested_at IS NOT NULL AND job.cancel_requested_at IS NULL
            AND job.status IN ('queued', 'dispatched', 'retry_wait', 'running')
            AND (CAST(:parent_id AS uuid) IS NULL OR parent.id = CAST(:parent_id AS uuid))
        ORDER BY job.id FOR UPDATE OF job
    )
    UPDATE job SET cancel_requested_at = clock_timestamp(), version = version + 1, updated_at = clock_timestamp()
    FROM held
    WHERE job.id = held.id AND cancel_requested_at IS NULL
        AND status IN ('queued', 'dispatched', 'retry_wait', 'running')
    RETURNING job.id
""")
_CANCELLABLE = text("""
    SELECT id, claim_epoch, status FROM job
    WHERE cancel_requested_at IS NOT NULL AND (status IN ('queued', 'dispatched', 'retry_wait')
        OR (status = 'waiting' AND children_open = 0))
        AND (CAST(:job_id AS uuid) IS NULL OR id = CAST(:job_id AS uuid) OR parent_id = CAST(:job_id AS uuid))
    ORDER BY parent_id NULLS LAST, id LIMIT :limit FOR UPDATE SKIP LOCKED
""")


async def cascade_cancel(session: AsyncSession, parent_id: UUID | None = None) -> list[UUID]:
    """Hand a parent's cancel request down to its unfinished shards; None means all parents."""
    return list((await session.execute(_CASCADE, {"parent_id": parent_id})).scalars())


async def settle_cancelled(session: AsyncSession, job_id: UUID | None = None, limit: int = BATCH) -> list[Finished]:
    """End cancelled jobs that no worker runs: `job_id` and its shards, or all. Shards go before their parents."""
    ended: list[Finished] = []
    for _ in range(2):  # ending the last shard queues the parent, which is ended in the second round
        rows = (await session.execute(_CANCELLABLE, {"job_id": job_id, "limit": limit})).all()
        for row in rows:
            end = End(row.id, row.claim_epoch, "cancelled", from_status=(row.status,), counts_attempt=False)
            ended.append(await finish(session, end))
    return ended


_DISPATCH = """
    WITH candidate AS (
        SELECT id, pool, workspace_id, parent_id, shard_no, created_at,
            priority + extract(epoch FROM clock_timestamp() - created_at) / 60.0 AS urgency
        FROM job
        WHERE status IN ('queued', 'retry_wait') AND pool = :pool AND cancel_requested_at IS NULL
            AND (next_attempt_at IS NULL OR next_attempt_at <= clock_timestamp())
            AND (status = 'retry_wait' OR updated_at < clock_timestamp() - make_interval(secs => :grace_s))
            AND {startable}
    ), capped AS (
        SELECT c.*, row_number() OVER (PARTITION BY c.parent_id ORDER BY c.shard_no)
            + (SELECT count(*) FROM job s WHERE s.parent_id = c.parent_id AND s.status IN ('dispatched', 'running'))
            AS place,
            coalesce((SELECT p.max_children_in_flight FROM job p WHERE p.id = c.parent_id), 0) AS cap
        FROM candidate c
    ), ranked AS (
        SELECT id, row_number() OVER (PARTITION BY workspace_id ORDER BY urgency DESC, created_at, id) AS turn, urgency
        FROM capped WHERE parent_id IS NULL OR cap = 0 OR place <= cap
    ), taken AS (
        SELECT job.id FROM job JOIN ranked ON ranked.id = job.id
        ORDER BY ranked.turn, ranked.urgency DESC, job.id LIMIT :room FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE job SET status = 'dispatched', dispatched_at = clock_timestamp(), next_attempt_at = NULL,
        version = version + 1, updated_at = clock_timestamp()
    FROM taken WHERE job.id = taken.id AND job.status IN ('queued', 'retry_wait')
    RETURNING job.id, job.pool, job.dispatch_no
"""
_DISPATCH_ALL = text(_DISPATCH.replace("{startable}", "true"))
_DISPATCH_UNPAUSED = text(_DISPATCH.replace("{startable}", f"NOT {PAUSED}"))


async def dispatch(session: AsyncSession, pool: str, room: int, *, paused: bool = True) -> list[Hint]:
    """Mark up to `room` waiting jobs of a pool as dispatched and return their hints.

    Workspaces take turns; within one, priority plus a point for each minute waited decides. Shards of one
    parent never exceed its cap in flight. `paused` tells whether anything may be: with a long line, to look costs a
    fifth of the time.
    """
    if room <= 0:
        return []
    statement = _DISPATCH_UNPAUSED if paused else _DISPATCH_ALL
    rows = await session.execute(statement, {"pool": pool, "room": room, "grace_s": GRACE_S})
    return [Hint(*row) for row in rows]


_WITHDRAW = text(f"""
    WITH held AS (
        SELECT id FROM job WHERE status = 'dispatched' AND {PAUSED} ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE job SET status = 'queued', dispatched_at = NULL, dispatch_no = dispatch_no + 1, version = version + 1,
        updated_at = clock_timestamp()
    FROM held WHERE job.id = held.id AND job.status = 'dispatched' RETURNING job.id
""")  # noqa: S608 - put together from constants


async def withdraw_paused(session: AsyncSession, limit: int = 1000) -> list[UUID]:
    """Put dispatched jobs that are paused back among the waiting ones; no worker takes their messages."""
    return list((await session.execute(_WITHDRAW, {"limit": limit})).scalars())


_STALE = text("""
    SELECT id, pool, dispatch_no FROM job
    WHERE status = 'dispatched' AND dispatched_at < clock_timestamp() - make_interval(secs => :stale_s)
    ORDER BY dispatched_at LIMIT :limit
""")
_RENEW = text("""
    UPDATE job SET dispatched_at = clock_timestamp(), dispatch_no = dispatch_no + :step
    WHERE id = ANY(:ids) AND status = 'dispatched' RETURNING id, pool, dispatch_no
""")


async def stale(session: AsyncSession, limit: int = BATCH) -> list[Hint]:
    """Return dispatched jobs that nobody picked up for a while; whether their message lives, Redis knows."""
    return [Hint(*row) for row in await session.execute(_STALE, {"stale_s": STALE_AFTER_S, "limit": limit})]


async def renew(session: AsyncSession, job_ids: list[UUID], *, again: bool) -> list[Hint]:
    """Note that dispatched jobs were looked after; `again` gives them a new dispatch number for a new message."""
    rows = await session.execute(_RENEW, {"ids": job_ids, "step": 1 if again else 0})
    return [Hint(*row) for row in rows]


async def purge(session: AsyncSession) -> None:
    """Delete what has served its time: idempotency records (48 h), stream events and workers (7 days)."""
    await session.execute(
        text("DELETE FROM idempotency_record WHERE created_at < clock_timestamp() - interval '48 hours'")
    )
    await session.execute(
        text(
            "DELETE FROM job_event e USING job j WHERE e.job_id = j.id"
            " AND j.finished_at < clock_timestamp() - interval '7 days'"
        )
    )
    await session.execute(text("DELETE FROM worker WHERE heartbeat_at < clock_timestamp() - interval '7 days'"))

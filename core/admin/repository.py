"""Statements of administration, across tenants: opened in the system scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.pausing import PAUSED

# What callers see of a status, as `core.jobs.shown` says it.
_SHOWN = """CASE WHEN status IN ('waiting', 'running') THEN 'running'
        WHEN status IN ('queued', 'dispatched', 'retry_wait')
            THEN CASE WHEN children_total > 0 THEN 'running' ELSE 'queued' END
        ELSE status END"""
_PEOPLE = text("""
    SELECT
        (SELECT count(*) FROM app_user) AS total,
        (SELECT count(*) FROM app_user WHERE is_active) AS active,
        (SELECT count(*) FROM app_user WHERE is_verified) AS verified,
        (SELECT count(*) FROM app_user WHERE is_superadmin) AS superadmins,
        (SELECT count(*) FROM app_user WHERE created_at >= clock_timestamp() - interval '7 days') AS new_in_7_days,
        (SELECT count(DISTINCT user_id) FROM auth_session
            WHERE last_seen_at >= clock_timestamp() - interval '24 hours') AS seen_in_24_hours,
        (SELECT count(*) FROM organization) AS organizations,
        (SELECT count(*) FROM workspace) AS workspaces,
        (SELECT count(*) FROM pause) AS pauses,
        (SELECT count(*) FROM job WHERE status IN ('queued', 'dispatched', 'retry_wait')) AS queue_depth
""")


async def get_people(session: AsyncSession) -> Row[Any]:
    """Return how many people and places there are, and what waits."""
    return (await session.execute(_PEOPLE)).one()


_JOBS = text(f"""
    SELECT kind, {_SHOWN} AS shown, count(*) AS n FROM job WHERE parent_id IS NULL GROUP BY 1, 2 ORDER BY 1, 2
""")  # noqa: S608 - put together from constants


async def count_jobs(session: AsyncSession) -> Sequence[Row[Any]]:
    """Return (kind, shown status, n) of all jobs; shards count with their parents."""
    return (await session.execute(_JOBS)).all()


# Each workspace's part of the ledger is found by its index; a month of the whole ledger has no other.
_SPENT = text("""
    WITH clock AS (
        SELECT date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS today,
            date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month
    )
    SELECT clock.today, clock.month,
        coalesce(sum(coalesce(cost_usd, most_usd)) FILTER (WHERE created_at >= clock.today), 0) AS on_day,
        coalesce(sum(coalesce(cost_usd, most_usd)), 0) AS in_month,
        count(*) FILTER (WHERE created_at >= clock.today AND cost_usd IS NULL) AS unknown_on_day,
        count(*) FILTER (WHERE spent.created_at IS NOT NULL AND cost_usd IS NULL) AS unknown_in_month
    FROM clock LEFT JOIN LATERAL (
        SELECT c.created_at, c.cost_usd, c.most_usd FROM workspace w
        CROSS JOIN LATERAL (
            SELECT created_at, cost_usd, most_usd FROM llm_call
            WHERE workspace_id = w.id AND created_at >= clock.month) c
    ) spent ON true
    GROUP BY 1, 2
""")


async def get_spent(session: AsyncSession) -> Row[Any]:
    """Return what all workspaces spent today and in this month (UTC), in US dollars."""
    return (await session.execute(_SPENT)).one()


_FAILURES = text("""
    SELECT coalesce(error ->> 'code', 'unknown') AS code, count(*) AS n FROM job
    WHERE status = 'failed' AND parent_id IS NULL AND finished_at >= clock_timestamp() - interval '24 hours'
    GROUP BY 1 ORDER BY 2 DESC, 1
""")


async def count_failures(session: AsyncSession) -> Sequence[Row[Any]]:
    """Return (code, n) of the jobs that failed in the last 24 hours, the most frequent first."""
    return (await session.execute(_FAILURES)).all()


_USER = text("""
    SELECT
        (SELECT count(*) FROM organization_member WHERE user_id = :id) AS organizations,
        (SELECT count(*) FROM (
            SELECT workspace_id FROM workspace_member WHERE user_id = :id
            UNION SELECT w.id FROM workspace w JOIN organization_member o USING (organization_id)
            WHERE o.user_id = :id AND o.role IN ('owner', 'admin')) AS entered) AS workspaces,
        (SELECT max(last_seen_at) FROM auth_session WHERE user_id = :id) AS last_seen_at,
        (SELECT count(*) FROM auth_session
            WHERE user_id = :id AND revoked_at IS NULL AND expires_at > clock_timestamp()
                AND last_seen_at > clock_timestamp() - make_interval(mins => :idle)) AS sessions
""")


async def get_user_figures(session: AsyncSession, user_id: UUID, idle_minutes: int) -> Row[Any]:
    """Return where a user may enter, how many sessions still work, and when they were last seen."""
    return (await session.execute(_USER, {"id": user_id, "idle": idle_minutes})).one()


_USER_JOBS = text(f"""
    SELECT {_SHOWN} AS shown, count(*) FILTER (WHERE parent_id IS NULL) AS n, sum(usage_calls) AS calls,
        sum(usage_input_tokens) AS input_tokens, sum(usage_output_tokens) AS output_tokens,
        sum(usage_replayed_calls) AS replayed_calls,
        CASE WHEN count(*) = count(usage_cost_usd) THEN sum(usage_cost_usd) END AS cost_usd
    FROM job WHERE created_by_type = 'user' AND created_by_id = :id GROUP BY 1
""")  # noqa: S608 - put together from constants


async def count_user_jobs(session: AsyncSession, user_id: UUID) -> Sequence[Row[Any]]:
    """Return a user's jobs by shown status, with what their calls took, those of their shards too."""
    return (await session.execute(_USER_JOBS, {"id": user_id})).all()


_QUEUES = text(f"""
    WITH open AS (
        SELECT job.pool, job.status, {PAUSED} AS paused,
            job.status = 'retry_wait' AND job.next_attempt_at > clock_timestamp() AS later,
            coalesce((SELECT max(finished_at) FROM job_attempt a WHERE a.job_id = job.id), job.created_at) AS since
        FROM job WHERE status IN ('queued', 'dispatched', 'retry_wait')
    ), counted AS (
        SELECT pool, count(*) FILTER (WHERE NOT paused AND NOT later) AS waiting,
            count(*) FILTER (WHERE status = 'dispatched') AS dispatched,
            count(*) FILTER (WHERE later AND NOT paused) AS delayed, count(*) FILTER (WHERE paused) AS paused,
            extract(epoch FROM clock_timestamp() - min(since) FILTER (WHERE NOT paused AND NOT later)) AS oldest_s
        FROM open GROUP BY 1
    ), running AS (
        SELECT pool, count(*) AS n FROM job WHERE status = 'running' GROUP BY 1
    ), served AS (
        SELECT pool, count(*) AS workers, sum(slots) AS slots FROM worker, unnest(pools) AS pool
        WHERE stopped_at IS NULL AND heartbeat_at > clock_timestamp() - make_interval(secs => :alive_s) GROUP BY 1
    )
    SELECT pool, coalesce(waiting, 0) AS waiting, coalesce(dispatched, 0) AS dispatched,
        coalesce(delayed, 0) AS delayed, coalesce(paused, 0) AS paused, coalesce(running.n, 0) AS running,
        CAST(oldest_s AS double precision) AS oldest_waiting_s, coalesce(workers, 0) AS workers,
        coalesce(slots, 0) AS slots
    FROM unnest(CAST(:pools AS text[])) AS known(pool)
    FULL JOIN counted USING (pool) FULL JOIN running USING (pool) FULL JOIN served USING (pool)
    ORDER BY pool
""")  # noqa: S608 - put together from constants


async def list_queues(session: AsyncSession, pools: Sequence[str], alive_s: float) -> Sequence[Row[Any]]:
    """Return each pool's line: what waits and for how long, what runs, and who serves it."""
    return (await session.execute(_QUEUES, {"pools": list(pools), "alive_s": alive_s})).all()


_RUNNING = text("""
    SELECT job.worker_id, job.id, job.kind, job.workspace_id, a.started_at AS claimed_at FROM job
    LEFT JOIN job_attempt a ON a.job_id = job.id AND a.claim_epoch = job.claim_epoch
    WHERE job.status = 'running' AND job.worker_id = ANY(:ids) ORDER BY a.started_at, job.id
""")


async def list_running(session: AsyncSession, worker_ids: Sequence[UUID]) -> Sequence[Row[Any]]:
    """Return the jobs that these workers run, by when they were claimed."""
    return (await session.execute(_RUNNING, {"ids": list(worker_ids)})).all()


_ALIVE = text("""
    SELECT count(*) FROM worker
    WHERE stopped_at IS NULL AND heartbeat_at > clock_timestamp() - make_interval(secs => :alive_s)
""")


async def count_alive(session: AsyncSession, alive_s: float) -> int:
    """Return how many workers have been heard of lately."""
    return int((await session.execute(_ALIVE, {"alive_s": alive_s})).scalar_one())


_FAILED = text("""
    SELECT id FROM job WHERE status = 'failed' AND parent_id IS NULL
        AND (CAST(:kind AS text) IS NULL OR kind = :kind)
        AND (CAST(:workspace_id AS uuid) IS NULL OR workspace_id = :workspace_id)
        AND (CAST(:error_code AS text) IS NULL OR error ->> 'code' = :error_code)
        AND (CAST(:since AS timestamptz) IS NULL OR finished_at >= :since)
    ORDER BY finished_at, id LIMIT :limit
""")


async def list_failed(session: AsyncSession, **wanted: Any) -> list[UUID]:
    """Return failed jobs by kind, workspace_id, error_code and since (each None: any), the oldest first, to `limit`."""
    return list((await session.execute(_FAILED, wanted)).scalars())

"""Statements on limits, holds and what is spent.

What is spent is what the usage ledger says, so it is right whoever spent it, and from the first moment of a budget.
A call without a known cost counts the most it can have cost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.base import table_of
from core.db.session import Opened, driver_of
from core.limits.models import WorkspaceLimit, WorkspaceSetting


@dataclass(frozen=True, slots=True)
class Holder:
    """A run of a job that spends: its job, the epoch of its claim, and the job whose budget pays."""

    workspace_id: UUID
    job_id: UUID
    epoch: int
    root_id: UUID


@dataclass(frozen=True, slots=True)
class Settled:
    """What a commit moves from a run's hold to the ledger; the same `commit_id` moves it once."""

    job_id: UUID
    epoch: int
    commit_id: UUID
    usd: Decimal


# What is summed is found by an index; Postgres, which does not know from when on, would rather read the whole ledger.
_LOCK = text("""
    SELECT pg_advisory_xact_lock(hashtextextended('budgets ' || CAST(:workspace_id AS text), 0)),
        set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)
""")


async def lock(session: AsyncSession, workspace_id: UUID) -> None:
    """Let one run of a workspace at a time set money aside, until this transaction ends."""
    await session.execute(_LOCK, {"workspace_id": str(workspace_id)})


# One statement, so one moment: a commit that moves money from a hold to the ledger is seen whole or not at all.
_STATE = text("""
    WITH clock AS (
        SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date AS today
    ), own AS (
        SELECT clock.today, date_trunc('month', clock.today)::date AS month, root.max_cost_usd, l.daily_usd,
            l.monthly_usd, job.status = 'running' AND job.claim_epoch = :epoch AS mine
        FROM clock CROSS JOIN job JOIN job root ON root.id = :root_id
        LEFT JOIN workspace_limit l ON l.workspace_id = :workspace_id
        WHERE job.id = :job_id
    ), kept AS (
        SELECT coalesce(max(day) + 1, (SELECT month FROM own)) AS live, coalesce(sum(spent_usd), 0) AS spent
        FROM spent_day WHERE workspace_id = :workspace_id AND day >= (SELECT month FROM own)
    ), ledger AS (
        SELECT coalesce(sum(coalesce(cost_usd, most_usd)) FILTER (
                WHERE created_at >= (SELECT today::timestamp AT TIME ZONE 'UTC' FROM own)), 0) AS today,
            coalesce(sum(coalesce(cost_usd, most_usd)), 0) AS spent
        FROM llm_call WHERE workspace_id = :workspace_id AND created_at >= (
            SELECT (CASE WHEN monthly_usd IS NOT NULL THEN kept.live WHEN daily_usd IS NOT NULL THEN today END
                )::timestamp AT TIME ZONE 'UTC' FROM own, kept)
    ), held AS (
        SELECT coalesce(sum(greatest(held_usd, 0)), 0) AS workspace,
            coalesce(sum(greatest(held_usd, 0)) FILTER (WHERE root_id = :root_id), 0) AS job
        FROM budget_hold h JOIN job ON job.id = h.job_id AND job.claim_epoch = h.claim_epoch
        WHERE h.workspace_id = :workspace_id AND job.status = 'running'
    )
    SELECT own.mine, own.max_cost_usd, own.daily_usd, own.monthly_usd,
        CASE WHEN own.max_cost_usd IS NOT NULL THEN (
            SELECT coalesce(sum(coalesce(cost_usd, most_usd)), 0) FROM llm_call
            WHERE job_id IN (SELECT id FROM job WHERE id = :root_id OR parent_id = :root_id)) END AS spent_by_job,
        ledger.today AS spent_today, ledger.spent + kept.spent AS spent_in_month,
        held.job AS held_by_job, held.workspace AS held_by_all,
        kept.live < ((clock_timestamp() - interval '1 hour') AT TIME ZONE 'UTC')::date AS days_are_over
    FROM own, kept, ledger, held
""")


async def find_state(session: AsyncSession, holder: Holder) -> Row[Any] | None:
    """Return budgets, spending and holds as one run finds them; None where the job is gone."""
    values = {
        "workspace_id": holder.workspace_id,
        "job_id": holder.job_id,
        "epoch": holder.epoch,
        "root_id": holder.root_id,
    }
    return (await session.execute(_STATE, values)).one_or_none()


_CHANGE = text("""
    WITH swept AS (
        DELETE FROM budget_hold h WHERE workspace_id = :workspace_id AND job_id <> :job_id AND NOT EXISTS (
            SELECT FROM job WHERE job.id = h.job_id AND job.claim_epoch = h.claim_epoch AND job.status = 'running')
    )
    INSERT INTO budget_hold AS h (workspace_id, job_id, root_id, claim_epoch, held_usd)
    VALUES (:workspace_id, :job_id, :root_id, :epoch, :usd)
    ON CONFLICT (job_id) DO UPDATE SET root_id = excluded.root_id, claim_epoch = excluded.claim_epoch,
        held_usd = excluded.held_usd + CASE WHEN h.claim_epoch = excluded.claim_epoch THEN h.held_usd ELSE 0 END,
        last_commit_id = CASE WHEN h.claim_epoch = excluded.claim_epoch THEN h.last_commit_id END
""")


async def change_hold(session: AsyncSession, holder: Holder, usd: Decimal) -> None:
    """Add to what a run holds, or take from it; what earlier runs of the job held is gone. Sweep what is void."""
    await session.execute(
        _CHANGE,
        {
            "workspace_id": holder.workspace_id,
            "job_id": holder.job_id,
            "epoch": holder.epoch,
            "root_id": holder.root_id,
            "usd": usd,
        },
    )


_SETTLE = """
    UPDATE budget_hold h SET held_usd = h.held_usd - s.usd, last_commit_id = s.commit_id
    FROM jsonb_to_recordset($1::jsonb) AS s(job_id uuid, epoch bigint, commit_id uuid, usd numeric)
    WHERE h.job_id = s.job_id AND h.claim_epoch = s.epoch AND h.last_commit_id IS DISTINCT FROM s.commit_id
"""


async def settle(session: Opened, settled: Sequence[Settled]) -> None:
    """Take from holds what the ledger gets in this transaction."""
    rows = [
        {"job_id": str(one.job_id), "epoch": one.epoch, "commit_id": str(one.commit_id), "usd": str(one.usd)}
        for one in settled
    ]
    await driver_of(session).execute(_SETTLE, json.dumps(rows))


# A transaction under way at midnight still writes into the day that is over, so a day is kept an hour later.
_KEEP_DAYS = text("""
    INSERT INTO spent_day (workspace_id, day, spent_usd)
    SELECT :workspace_id, d::date, coalesce((
        SELECT sum(coalesce(cost_usd, most_usd)) FROM llm_call WHERE workspace_id = :workspace_id
            AND created_at >= d AT TIME ZONE 'UTC' AND created_at < (d + interval '1 day') AT TIME ZONE 'UTC'), 0)
    FROM generate_series(date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC'),
        date_trunc('day', (clock_timestamp() - interval '1 hour') AT TIME ZONE 'UTC') - interval '1 day',
        interval '1 day') AS d
    WHERE d::date NOT IN (SELECT day FROM spent_day WHERE workspace_id = :workspace_id)
    ON CONFLICT DO NOTHING
""")


async def keep_days(session: AsyncSession, workspace_id: UUID) -> None:
    """Keep the sums of this month's days that are over."""
    await session.execute(_KEEP_DAYS, {"workspace_id": workspace_id})


_SPENDING = text("""
    WITH clock AS (
        SELECT date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') AS today,
            date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC') AS month
    ), period AS (
        SELECT today AT TIME ZONE 'UTC' AS today, (today + interval '1 day') AT TIME ZONE 'UTC' AS tomorrow,
            month AT TIME ZONE 'UTC' AS month, (month + interval '1 month') AT TIME ZONE 'UTC' AS next_month FROM clock
    ), ledger AS (
        SELECT coalesce(sum(coalesce(cost_usd, most_usd)), 0) AS in_month,
            coalesce(sum(coalesce(cost_usd, most_usd)) FILTER (WHERE created_at >= (SELECT today FROM period)), 0)
                AS on_day,
            count(*) FILTER (WHERE cost_usd IS NULL) AS unknown_in_month,
            count(*) FILTER (WHERE cost_usd IS NULL AND created_at >= (SELECT today FROM period)) AS unknown_on_day
        FROM llm_call WHERE workspace_id = :workspace_id AND created_at >= (SELECT month FROM period)
    )
    SELECT period.*, ledger.*, l.daily_usd, l.monthly_usd, (
        SELECT coalesce(sum(greatest(held_usd, 0)), 0) FROM budget_hold h
        JOIN job ON job.id = h.job_id AND job.claim_epoch = h.claim_epoch AND job.status = 'running'
        WHERE h.workspace_id = :workspace_id) AS held
    FROM period CROSS JOIN ledger LEFT JOIN workspace_limit l ON l.workspace_id = :workspace_id
""")


async def get_spending(session: AsyncSession, workspace_id: UUID) -> Row[Any]:
    """Return a workspace's limits and what it spent today and in this month."""
    return (await session.execute(_SPENDING, {"workspace_id": workspace_id})).one()


async def set_limits(session: AsyncSession, workspace_id: UUID, changes: Mapping[str, Decimal | None]) -> None:
    """Change the limits that are named; a workspace without any has no row."""
    given = insert(table_of(WorkspaceLimit)).values(workspace_id=workspace_id, **changes)
    changed = {**changes, "updated_at": func.clock_timestamp()}
    await session.execute(given.on_conflict_do_update(index_elements=["workspace_id"], set_=changed))
    unlimited = and_(col(WorkspaceLimit.daily_usd).is_(None), col(WorkspaceLimit.monthly_usd).is_(None))
    await session.execute(delete(WorkspaceLimit).where(col(WorkspaceLimit.workspace_id) == workspace_id, unlimited))


async def find_setting(session: AsyncSession, workspace_id: UUID) -> WorkspaceSetting | None:
    """Return how a workspace's jobs ask; None where nothing is set."""
    return await session.get(WorkspaceSetting, workspace_id, populate_existing=True)


async def set_setting(session: AsyncSession, workspace_id: UUID, changes: Mapping[str, Any]) -> None:
    """Change the settings that are named."""
    given = insert(table_of(WorkspaceSetting)).values(workspace_id=workspace_id, **changes)
    changed = {**changes, "updated_at": func.clock_timestamp()}
    await session.execute(given.on_conflict_do_update(index_elements=["workspace_id"], set_=changed))


_HAS_BUDGET = text("SELECT EXISTS (SELECT FROM workspace_limit WHERE workspace_id = :workspace_id)")


async def has_budget(session: AsyncSession, workspace_id: UUID) -> bool:
    """Tell whether a workspace has a budget."""
    return bool((await session.execute(_HAS_BUDGET, {"workspace_id": workspace_id})).scalar_one())

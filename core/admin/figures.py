"""The service in figures, computed from its tables at the moment of asking."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.admin import accounts, repository
from core.admin.schemas import (
    Dashboard,
    Failures,
    JobCounts,
    KindCounts,
    People,
    Spent,
    UserStats,
)
from core.jobs.schemas import JobUsage


async def read_dashboard(session: AsyncSession, alive_s: float) -> Dashboard:
    """Return the figures of the whole service; `alive_s` is how long a silent worker counts as alive."""
    people = await repository.get_people(session)
    spent = await repository.get_spent(session)
    failures = {row.code: row.n for row in await repository.count_failures(session)}
    by_kind: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await repository.count_jobs(session):
        by_kind[row.kind][row.shown] = row.n
    kinds = [KindCounts(kind=kind, **counts) for kind, counts in sorted(by_kind.items())]
    return Dashboard(
        at=clock.now(),
        users=People.model_validate(people, from_attributes=True),
        organizations=people.organizations,
        workspaces=people.workspaces,
        jobs=JobCounts(**{name: sum(getattr(one, name) for one in kinds) for name in JobCounts.model_fields}),
        jobs_by_kind=kinds,
        queue_depth=people.queue_depth,
        spend_today=Spent(since=spent.today, usd=spent.on_day, unknown_calls=spent.unknown_on_day),
        spend_month=Spent(since=spent.month, usd=spent.in_month, unknown_calls=spent.unknown_in_month),
        failures_24h=Failures(total=sum(failures.values()), by_code=failures),
        workers_alive=await repository.count_alive(session, alive_s),
        pauses=people.pauses,
    )


async def read_user_stats(session: AsyncSession, user_id: UUID, idle_minutes: int) -> UserStats:
    """Return what a user has and has done; a session ends that is idle for `idle_minutes`. Raises UserNotFound."""
    await accounts.get(session, user_id)
    figures = await repository.get_user_figures(session, user_id, idle_minutes)
    rows = await repository.count_user_jobs(session, user_id)
    usage = JobUsage(calls=0, input_tokens=0, output_tokens=0, cost_usd=Decimal(0), replayed_calls=0)
    for row in rows:
        usage += JobUsage.model_validate(row, from_attributes=True)
    return UserStats(
        user_id=user_id,
        organizations=figures.organizations,
        workspaces=figures.workspaces,
        active_sessions=figures.sessions,
        last_seen_at=figures.last_seen_at,
        jobs=JobCounts(**{row.shown: row.n for row in rows}),
        usage=usage,
    )

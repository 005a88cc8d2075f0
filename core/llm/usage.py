"""What a workspace's model calls took and cost, from the ledger: by day (UTC), by kind of job, by model."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid

LONGEST_DAYS: Final = 366
USUAL_DAYS: Final = 30


class Figures(BaseModel):
    """Calls (every HTTP try), their tokens, and what those cost whose cost is known."""

    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: float = Field(description="of the calls whose cost is known")
    unknown_cost_calls: int = Field(description="without a price in MODEL_PRICES, or ended without telling its tokens")


class OfKind(Figures):
    """Figures of one kind of job; shards count for the job that made them."""

    kind: str | None = Field(description="null: made outside of jobs")


class OfModel(Figures):
    """Figures of one model."""

    model: str


class OfDay(Figures):
    """Figures of one day (UTC), and of the kinds of jobs in it."""

    day: dt.date
    kinds: list[OfKind]


class Usage(BaseModel):
    """A workspace's model calls from one day to another, both included; days without a call are left out."""

    since: dt.date
    until: dt.date
    total: Figures
    days: list[OfDay]
    kinds: list[OfKind]
    models: list[OfModel]


_LEDGER = text("""
    SELECT (c.created_at AT TIME ZONE 'UTC')::date AS day, coalesce(parent.kind, job.kind) AS kind, c.model,
        count(*) AS calls, coalesce(sum(c.input_tokens), 0) AS input_tokens,
        coalesce(sum(c.output_tokens), 0) AS output_tokens, coalesce(sum(c.cost_usd), 0) AS cost_usd,
        count(*) FILTER (WHERE c.cost_usd IS NULL) AS unknown_cost_calls
    FROM llm_call c
    LEFT JOIN job ON job.id = c.job_id
    LEFT JOIN job parent ON parent.id = job.parent_id
    WHERE c.workspace_id = :workspace_id
        AND c.created_at >= CAST(:since AS date)::timestamp AT TIME ZONE 'UTC'
        AND c.created_at < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


def period(since: dt.date | None, until: dt.date | None, today: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and the last day asked for, by default thirty days up to today; raises Invalid."""
    until = until or (max(today, since) if since else today)
    since = since or _earlier(until, USUAL_DAYS - 1)
    if since > until:
        raise Invalid([FieldError(("query", "from"), "is after `to`")])
    if (until - since).days >= LONGEST_DAYS:
        raise Invalid([FieldError(("query", "from"), f"is more than {LONGEST_DAYS} days before `to`")])
    return since, until


def _earlier(day: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(max(1, day.toordinal() - days))


async def read(session: AsyncSession, workspace_id: UUID, since: dt.date, until: dt.date) -> Usage:
    """Return what a workspace used from a day to another, both included."""
    values = {"workspace_id": workspace_id, "since": since, "until": min(until, dt.date(9999, 12, 30))}
    rows = (await session.execute(_LEDGER, values)).all()
    return Usage(
        since=since,
        until=until,
        total=_summed(rows, Figures),
        days=[
            _summed(found, OfDay, day=day, kinds=_by(found, lambda row: row.kind, OfKind, "kind"))
            for day, found in _grouped(rows, lambda row: row.day)
        ],
        kinds=_by(rows, lambda row: row.kind, OfKind, "kind"),
        models=_by(rows, lambda row: row.model, OfModel, "model"),
    )


def _grouped(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Any]) -> list[tuple[Any, list[Row[Any]]]]:
    groups: defaultdict[Any, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return sorted(groups.items(), key=lambda group: str(group[0] or ""))


def _by(rows: Iterable[Row[Any]], key: Callable[[Row[Any]], Any], shape: Any, name: str) -> list[Any]:
    return [_summed(found, shape, **{name: value}) for value, found in _grouped(rows, key)]


def _summed(rows: Iterable[Row[Any]], shape: Any, **more: Any) -> Any:
    found = list(rows)
    return shape(
        calls=sum(row.calls for row in found),
        input_tokens=sum(row.input_tokens for row in found),
        output_tokens=sum(row.output_tokens for row in found),
        cost_usd=float(sum((row.cost_usd for row in found), Decimal(0))),
        unknown_cost_calls=sum(row.unknown_cost_calls for row in found),
        **more,
    )

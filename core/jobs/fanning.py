"""Fan-out: a parent's shards are written in the transaction that lets it wait for them; it shows what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.jobs.contract import JobContract
from core.jobs.engine import end_attempt, tell_event
from core.jobs.errors import LostClaim
from core.jobs.records import Claim, Fan, Hint, Shard
from core.jobs.shown import Wait

_WAIT = text("""
    UPDATE job SET status = CASE WHEN :open = 0 THEN 'queued' ELSE 'waiting' END,
        children_total = :total, children_open = :open, max_children_in_flight = :max_in_flight,
        lease_until = NULL, deadline_at = NULL, rescues = 0,
        dispatch_no = dispatch_no + 1, dispatched_at = NULL,
        version = version + 1, updated_at = clock_timestamp()
    WHERE id = :job_id AND claim_epoch = :epoch AND status = 'running' RETURNING priority
""")
_INSERT_SHARD = text("""
    INSERT INTO job (id, workspace_id, exploration_id, subject_type, subject_id, kind, pool, args, status, priority,
        dispatched_at, attempt, max_attempts, timeout_s, dispatch_no, claim_epoch, rescues, steps_at_rescue,
        parent_id, shard_no, children_total, children_open, max_children_in_flight,
        progress_done, progress_total, progress_message, usage_calls, usage_input_tokens, usage_output_tokens,
        usage_cost_usd, usage_replayed_calls, created_by_type, created_by_id, version, model)
    VALUES (:id, :workspace_id, :exploration_id, :subject_type, :subject_id, :kind, :pool, CAST(:args AS jsonb),
        CAST(:status AS text), :priority, CASE WHEN CAST(:status AS text) = 'dispatched' THEN clock_timestamp() END,
        0, :max_attempts, :timeout_s, 0, 0, 0, 0, :parent_id, :shard_no, 0, 0, 0, 0, :total, '', 0, 0, 0, 0, 0,
        :created_by_type, :created_by_id, 1, (SELECT model FROM job WHERE id = :parent_id))
    ON CONFLICT (parent_id, shard_no) DO NOTHING
""")


async def fan_out(session: AsyncSession, claim_: Claim, fan: Fan) -> list[Hint]:
    """Insert the shards and let the parent wait for them, in one transaction; return hints for the first ones.

    The parent is queued again, to reduce, when the last shard is done. Raises LostClaim.
    """
    row = (
        await session.execute(
            _WAIT,
            {
                "job_id": claim_.job_id,
                "epoch": claim_.epoch,
                "total": len(fan.shards),
                "open": len(fan.shards),
                "max_in_flight": fan.max_in_flight,
            },
        )
    ).one_or_none()
    if row is None:
        raise LostClaim
    await end_attempt(session, claim_.job_id, claim_.epoch, "fanned_out")
    values = [
        _shard_row(claim_, contract, shard, row.priority)
        | {"status": "dispatched" if position < fan.max_in_flight else "queued"}
        for position, (contract, shard) in enumerate(fan.shards)
    ]
    if values:
        await session.execute(_INSERT_SHARD, values)
    return [Hint(v["id"], v["pool"], 0) for v in values[: fan.max_in_flight]]


def _shard_row(claim_: Claim, contract: JobContract[Any], shard: Shard, priority: int) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "workspace_id": claim_.workspace_id,
        "exploration_id": claim_.exploration_id,
        "subject_type": claim_.subject_type,
        "subject_id": claim_.subject_id,
        "kind": contract.kind,
        "pool": contract.pool,
        "args": shard.args.model_dump_json(),
        "priority": priority,
        "max_attempts": claim_.max_attempts,
        "timeout_s": contract.timeout_s,
        "parent_id": claim_.job_id,
        "shard_no": shard.number,
        "total": shard.total,
        "created_by_type": claim_.created_by_type,
        "created_by_id": claim_.created_by_id,
    }


_SHARD_WAITS = text("""
    SELECT DISTINCT ON (parent_id) parent_id, next_attempt_at, error FROM job one
    WHERE parent_id = ANY(:ids) AND status = 'retry_wait' AND NOT EXISTS (
        SELECT 1 FROM job other WHERE other.parent_id = one.parent_id AND other.status IN ('dispatched', 'running'))
    ORDER BY parent_id, next_attempt_at
""")


async def shard_waits(session: AsyncSession, parent_ids: Sequence[UUID]) -> dict[UUID, Wait]:
    """Return the shortest wait of each parent's shards, where shards wait and none of them runs."""
    if not parent_ids:
        return {}
    rows = await session.execute(_SHARD_WAITS, {"ids": list(parent_ids)})
    return {row.parent_id: Wait(row.next_attempt_at, row.error) for row in rows}


_TOUCH_PARENT = text("""
    UPDATE job SET version = version + 1, updated_at = clock_timestamp() WHERE id = :id AND status = 'waiting'
    RETURNING workspace_id, version, progress_done, progress_total
""")


async def tell_wait(session: AsyncSession, parent_id: UUID) -> None:
    """Tell a parent's watchers that its shards wait, when none of them runs any more.

    Its row is held first: of two shards that start to wait at once, the second one sees the first.
    """
    row = (await session.execute(_TOUCH_PARENT, {"id": parent_id})).one_or_none()
    wait = (await shard_waits(session, [parent_id])).get(parent_id)
    if row is None or wait is None:
        return
    data = {"done": row.progress_done, "total": row.progress_total, "message": wait.message}
    await tell_event(session, parent_id, row.workspace_id, row.version, "progress", data)

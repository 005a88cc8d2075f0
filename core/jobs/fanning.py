"""Fan-out: a parent's shards are written in the transaction that lets it wait for them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.jobs.contract import JobContract
from core.jobs.engine import end_attempt
from core.jobs.errors import LostClaim
from core.jobs.records import Claim, Fan, Hint, Shard

_WAIT = text("""
    UPDATE job SET status = CASE WHEN :open = 0 THEN 'queued' ELSE 'waiting' END,
        children_total = :total, children_open = :open, max_children_in_flight = :max_in_flight,
        lease_until = NULL, deadline_at = NULL,
        dispatch_no = dispatch_no + 1, dispatched_at = NULL,
        version = version + 1, updated_at = clock_timestamp()
    WHERE id = :job_id AND claim_epoch = :epoch AND status = 'running' RETURNING priority
""")
_INSERT_SHARD = text("""
    INSERT INTO job (id, workspace_id, exploration_id, subject_type, subject_id, kind, pool, args, status, priority,
        dispatched_at, attempt, max_attempts, timeout_s, dispatch_no, claim_epoch, rescues, steps_at_rescue,
        parent_id, shard_no, children_total, children_open, max_children_in_flight,
        progress_done, progress_total, progress_message, usage_calls, usage_input_tokens, usage_output_tokens,
        usage_cost_usd, usage_replayed_calls, created_by_type, created_by_id, version)
    VALUES (:id, :workspace_id, :exploration_id, :subject_type, :subject_id, :kind, :pool, CAST(:args AS jsonb),
        CAST(:status AS text), :priority, CASE WHEN CAST(:status AS text) = 'dispatched' THEN clock_timestamp() END,
        0, :max_attempts, :timeout_s, 0, 0, 0, 0, :parent_id, :shard_no, 0, 0, 0, 0, :total, '', 0, 0, 0, 0, 0,
        :created_by_type, :created_by_id, 1)
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
        "max_attempts": contract.max_attempts,
        "timeout_s": contract.timeout_s,
        "parent_id": claim_.job_id,
        "shard_no": shard.number,
        "total": shard.total,
        "created_by_type": claim_.created_by_type,
        "created_by_id": claim_.created_by_id,
    }

"""Committed steps of jobs: what was done once, what it cost, and how far the job got.

Each commit is fenced by (job_id, claim_epoch), as in `core.jobs.engine`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.session import Opened, driver_of
from core.jobs.engine import tell_event
from core.jobs.errors import LostClaim
from core.jobs.records import Claim, Commit, Step

# A commit whose reply was lost is sent again: what it adds up is added once, by the id it left in the job's row.
_COMMIT_STEPS = """
    WITH added AS (
        SELECT * FROM jsonb_to_recordset($1::jsonb) AS a(job_id uuid, commit_id uuid, epoch bigint,
            done int, calls int, input_tokens bigint, output_tokens bigint, cost_usd numeric, replayed_calls int)
    ), held AS (
        SELECT job.id, CASE WHEN last_commit_id = commit_id THEN 0 ELSE 1 END AS times
        FROM job JOIN added ON job.id = added.job_id ORDER BY job.id FOR UPDATE OF job
    )
    UPDATE job SET
        progress_done = least(progress_done + times * done, nullif(progress_total, 0)),
        usage_calls = usage_calls + times * calls, usage_input_tokens = usage_input_tokens + times * input_tokens,
        usage_output_tokens = usage_output_tokens + times * output_tokens,
        usage_cost_usd = usage_cost_usd + times * cost_usd,
        usage_replayed_calls = usage_replayed_calls + times * replayed_calls,
        last_commit_id = commit_id, version = version + 1, updated_at = clock_timestamp()
    FROM added, held
    WHERE job.id = added.job_id AND job.id = held.id AND claim_epoch = epoch AND status = 'running'
    RETURNING job.id, version, progress_done, progress_total, progress_message
"""
_INSERT_STEPS = """
    INSERT INTO job_step (job_id, step_key, input_hash, workspace_id, claim_epoch, output, lineage_id, created_at)
    SELECT s.job_id, s.step_key, s.input_hash, s.workspace_id, s.epoch, s.output, s.lineage_id, clock_timestamp()
    FROM jsonb_to_recordset($1::jsonb) AS s(job_id uuid, step_key text, input_hash text,
        workspace_id uuid, epoch bigint, output jsonb, lineage_id uuid)
    ON CONFLICT DO NOTHING
"""


async def commit_steps(session: Opened, commits: Sequence[Commit]) -> None:
    """Write steps, usage and progress of running jobs, at most one commit per job.

    Raises LostClaim when one of the jobs is no longer this worker's.
    """
    added = json.dumps([_amounts(commit) for commit in commits])
    driver = driver_of(session)
    rows = {row["id"]: row for row in await driver.fetch(_COMMIT_STEPS, added)}
    if len(rows) < len(commits):
        raise LostClaim
    steps = [_step_row(commit.claim, step) for commit in commits for step in commit.steps]
    if steps:
        await driver.execute(_INSERT_STEPS, json.dumps(steps))
    for commit in commits:
        if commit.tell:
            row = rows[commit.claim.job_id]
            data = {name: row[f"progress_{name}"] for name in ("done", "total", "message")}
            await tell_event(session, row["id"], commit.claim.workspace_id, row["version"], "progress", data)


def _amounts(commit: Commit) -> dict[str, Any]:
    usage = commit.usage
    return {
        "job_id": str(commit.claim.job_id),
        "commit_id": str(commit.id),
        "epoch": commit.claim.epoch,
        "done": commit.done,
        "calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": None if usage.cost_usd is None else str(usage.cost_usd),
        "replayed_calls": usage.replayed_calls,
    }


def _step_row(claim_: Claim, step: Step) -> dict[str, Any]:
    return {
        "job_id": str(claim_.job_id),
        "epoch": claim_.epoch,
        "workspace_id": str(claim_.workspace_id) if claim_.workspace_id else None,
        "step_key": step.key,
        "input_hash": step.input_hash,
        "output": step.output,
        "lineage_id": str(step.lineage_id) if step.lineage_id else None,
    }


async def committed_steps(session: AsyncSession, job_id: UUID) -> dict[tuple[str, str], Any]:
    """Return all committed steps of a job: (step_key, input_hash) → output."""
    rows = await session.execute(
        text("SELECT step_key, input_hash, output FROM job_step WHERE job_id = :job_id"), {"job_id": job_id}
    )
    return {(row.step_key, row.input_hash): row.output for row in rows}

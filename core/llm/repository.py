"""Queries of the model client's tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.session import Opened, driver_of

_LIST_ANSWERS = """
    SELECT a.workspace_id, a.key, a.model, a.model_requested, a.output
    FROM unnest($1::uuid[], $2::bpchar[]) AS wanted(workspace_id, key)
    JOIN llm_answer a ON a.workspace_id = wanted.workspace_id AND a.key = wanted.key
"""
_INSERT_ANSWERS = """
    INSERT INTO llm_answer (id, workspace_id, key, model_requested, model, prompt_name, prompt_version, input_hash,
        seed, draw, output)
    SELECT id, workspace_id, key, model_requested, model, prompt_name, prompt_version, input_hash, seed, draw, output
    FROM jsonb_populate_recordset(NULL::llm_answer, $1::jsonb) ON CONFLICT (workspace_id, key) DO NOTHING
"""
_INSERT_CALLS = """
    INSERT INTO llm_call (id, workspace_id, job_id, step_key, kind, model, prompt_name, prompt_version, outcome,
        attempt_no, input_tokens, output_tokens, cost_usd, most_usd, latency_ms, request_id)
    SELECT id, workspace_id, job_id, step_key, kind, model, prompt_name, prompt_version, outcome,
        attempt_no, input_tokens, output_tokens, cost_usd, most_usd, latency_ms, request_id
    FROM jsonb_populate_recordset(NULL::llm_call, $1::jsonb) ON CONFLICT (id) DO NOTHING
"""


async def list_answers(session: Opened, wanted: Sequence[tuple[UUID, str]]) -> list[asyncpg.Record]:
    """Return (workspace_id, key, model, model_requested, output) of the answers under (workspace, key)s."""
    found: list[asyncpg.Record] = await driver_of(session).fetch(
        _LIST_ANSWERS, [workspace_id for workspace_id, _ in wanted], [key for _, key in wanted]
    )
    return found


async def insert_answers(session: Opened, rows: list[dict[str, Any]]) -> None:
    """Insert answers; one that is there already stays as it is."""
    # One order for all writers: two shards that remember the same answers must not wait for each other.
    rows = sorted(rows, key=lambda row: (row["workspace_id"], row["key"]))
    await driver_of(session).execute(_INSERT_ANSWERS, json.dumps(rows, default=str))


async def insert_calls(session: Opened, rows: list[dict[str, Any]]) -> None:
    """Insert ledger rows; one that is there already stays as it is."""
    await driver_of(session).execute(_INSERT_CALLS, json.dumps(rows, default=str))


async def list_latencies_ms(session: AsyncSession, workspace_id: UUID, model: str, limit: int) -> list[int]:
    """Return how long the answered chat calls to a model took, shortest first, among a workspace's newest calls."""
    rows = await session.execute(
        text("""
            SELECT latency_ms FROM (
                SELECT latency_ms, model, kind, outcome FROM llm_call WHERE workspace_id = :workspace_id
                ORDER BY created_at DESC LIMIT :limit
            ) AS newest WHERE model = :model AND kind = 'chat' AND outcome = 'ok' ORDER BY latency_ms
        """),
        {"workspace_id": workspace_id, "model": model, "limit": limit},
    )
    return list(rows.scalars())

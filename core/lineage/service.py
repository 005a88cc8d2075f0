"""Record lineage, in the transaction that commits what it tells of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.session import Opened, driver_of
from core.lineage.models import Lineage

_INSERT = """
    INSERT INTO lineage (id, workspace_id, job_id, step_key, subject_type, subject_id, model, prompt_name,
        prompt_version, seed, draw, input_hash, inputs)
    SELECT id, workspace_id, job_id, step_key, subject_type, subject_id, model, prompt_name, prompt_version,
        seed, draw, input_hash, inputs
    FROM jsonb_populate_recordset(NULL::lineage, $1::jsonb) ON CONFLICT (id) DO NOTHING
"""


async def record(session: Opened, rows: Sequence[dict[str, Any]]) -> None:
    """Write lineage rows (column → value, all but `created_at`); one that is there already stays."""
    if rows:
        await driver_of(session).execute(_INSERT, json.dumps(rows, default=str))


async def prompts_of(session: AsyncSession, subject_id: UUID) -> list[tuple[str, str, int]]:
    """Return the distinct (model, prompt name, prompt version) behind a subject."""
    query = (
        select(col(Lineage.model), col(Lineage.prompt_name), col(Lineage.prompt_version))
        .where(col(Lineage.subject_id) == subject_id)
        .distinct()
        .order_by(col(Lineage.prompt_name), col(Lineage.prompt_version), col(Lineage.model))
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]

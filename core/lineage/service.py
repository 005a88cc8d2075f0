"""Record lineage, in the transaction that commits what it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.base import table_of
from core.lineage.models import Lineage

_INSERT = insert(table_of(Lineage)).on_conflict_do_nothing(index_elements=["id"])


async def record(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write lineage rows (column → value; `id` is given by the caller); one that is there already stays."""
    if rows:
        await session.execute(_INSERT, list(rows))


async def prompts_of(session: AsyncSession, subject_id: UUID) -> list[tuple[str, str, int]]:
    """Return the distinct (model, prompt name, prompt version) behind a subject."""
    query = (
        select(col(Lineage.model), col(Lineage.prompt_name), col(Lineage.prompt_version))
        .where(col(Lineage.subject_id) == subject_id)
        .distinct()
        .order_by(col(Lineage.prompt_name), col(Lineage.prompt_version), col(Lineage.model))
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]

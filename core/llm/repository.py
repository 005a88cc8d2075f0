"""Queries of the model client's tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.base import table_of
from core.llm.models import LlmAnswer, LlmCall

# One statement per row, sent together: its text never changes, so it is compiled and prepared once.
_INSERT_ANSWER = insert(table_of(LlmAnswer)).on_conflict_do_nothing(index_elements=["workspace_id", "key"])
_INSERT_CALL = insert(table_of(LlmCall)).on_conflict_do_nothing(index_elements=["id"])


async def list_answers(session: AsyncSession, workspace_id: UUID, keys: Sequence[str]) -> Sequence[Row[Any]]:
    """Return (key, model, model_requested, output) of the answers under `keys`, in one query."""
    query = select(
        col(LlmAnswer.key), col(LlmAnswer.model), col(LlmAnswer.model_requested), col(LlmAnswer.output)
    ).where(
        col(LlmAnswer.workspace_id) == workspace_id,
        col(LlmAnswer.key) == any_(literal(list(keys), ARRAY(TEXT))),
    )
    return (await session.execute(query)).all()


async def insert_answers(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Insert answers; one that is there already stays as it is."""
    # One order for all writers: two shards that remember the same answers must not wait for each other.
    rows = sorted(rows, key=lambda row: (row["workspace_id"], row["key"]))
    await session.execute(_INSERT_ANSWER, rows)


async def insert_calls(session: AsyncSession, rows: list[dict[str, Any]]) -> None:
    """Insert ledger rows; one that is there already stays as it is."""
    await session.execute(_INSERT_CALL, rows)

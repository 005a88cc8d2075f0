"""Statements on codings; used by the service only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.base import table_of
from core.db.paging import newest_first
from core.themes.coding import Said
from core.themes.models import ThemeAssignment, ThemeCoding

PIECE = 1000


async def find(
    session: AsyncSession, workspace_id: UUID, coding_id: UUID, simulation_id: UUID | None = None
) -> ThemeCoding | None:
    """Return a coding, of a simulation where one is named."""
    query = select(ThemeCoding).where(col(ThemeCoding.id) == coding_id, col(ThemeCoding.workspace_id) == workspace_id)
    if simulation_id is not None:
        query = query.where(col(ThemeCoding.simulation_id) == simulation_id)
    return (await session.execute(query)).scalar_one_or_none()


async def list_for_simulation(
    session: AsyncSession,
    workspace_id: UUID,
    simulation_id: UUID,
    *,
    limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[ThemeCoding]:
    """Return a simulation's codings, newest first."""
    query = select(ThemeCoding).where(
        col(ThemeCoding.workspace_id) == workspace_id, col(ThemeCoding.simulation_id) == simulation_id
    )
    query = newest_first(query, ThemeCoding, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def list_said(session: AsyncSession, workspace_id: UUID, simulation_id: UUID, key: str) -> list[Said]:
    """Return what was written to an open-ended question, by respondent number."""
    rows = await session.execute(
        text("""
            SELECT r.number, r.persona_id, r.weight, a.value #>> '{}' AS said
            FROM answer a JOIN respondent r ON r.simulation_id = a.simulation_id AND r.number = a.respondent_number
            WHERE a.workspace_id = :workspace_id AND a.simulation_id = :simulation_id AND a.question_key = :key
                AND a.missing_reason IS NULL
            ORDER BY r.number
        """),
        {"workspace_id": workspace_id, "simulation_id": simulation_id, "key": key},
    )
    return [Said(row.number, row.persona_id, row.weight, row.said) for row in rows if row.said]


async def add_assignments(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write assignments."""
    for start in range(0, len(rows), PIECE):
        await session.execute(insert(table_of(ThemeAssignment)), list(rows[start : start + PIECE]))


async def list_coded(session: AsyncSession, coding: ThemeCoding, key: str) -> list[Any]:
    """Return (number, persona_id, weight, codes, quotes) of the coded texts of a question, by respondent number."""
    rows = await session.execute(
        text("""
            SELECT r.number, r.persona_id, r.weight, t.codes, t.quotes
            FROM theme_assignment t
            JOIN respondent r ON r.simulation_id = :simulation_id AND r.number = t.respondent_number
            WHERE t.workspace_id = :workspace_id AND t.coding_id = :coding_id AND t.question_key = :key
            ORDER BY r.number
        """),
        {
            "workspace_id": coding.workspace_id,
            "simulation_id": coding.simulation_id,
            "coding_id": coding.id,
            "key": key,
        },
    )
    return list(rows)

"""Statements on the respondents that extend a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.surveys.models import Simulation

MOVED_AT_ONCE: Final = 1000
"""Respondents whose answers one statement moves: with fifty questions each it takes a second."""


async def lock(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> Simulation | None:
    """Return a simulation as it is now, and let nobody else change it in this transaction's time."""
    query = select(Simulation).where(col(Simulation.id) == simulation_id, col(Simulation.workspace_id) == workspace_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def find_extension(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> Simulation | None:
    """Return the row of those who are being added to a simulation."""
    return (await find_extensions(session, workspace_id, [simulation_id])).get(simulation_id)


async def find_extensions(
    session: AsyncSession, workspace_id: UUID, simulation_ids: Sequence[UUID]
) -> dict[UUID, Simulation]:
    """Return the rows of those who are being added, by the simulation they are added to."""
    query = select(Simulation).where(
        col(Simulation.extension_of).in_(simulation_ids), col(Simulation.workspace_id) == workspace_id
    )
    return {one.extension_of: one for one in (await session.execute(query)).scalars() if one.extension_of is not None}


async def count_answering(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> int:
    """Return how many respondents of a row have answered at least one question."""
    rows = await session.execute(
        text(
            "SELECT count(DISTINCT respondent_number) FROM answer WHERE workspace_id = :workspace_id"
            " AND simulation_id = :simulation_id AND missing_reason IS NULL"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return int(rows.scalar_one())


async def move(session: AsyncSession, extension: Simulation, simulation_id: UUID) -> None:
    """Make the respondents and answers of a row those of a simulation; they keep their numbers."""
    first = sum(extension.sizes) - extension.sample_size + 1
    for start in range(first, first + extension.sample_size, MOVED_AT_ONCE):
        span = {
            "workspace_id": extension.workspace_id,
            "from": extension.id,
            "to": simulation_id,
            "first": start,
            "last": start + MOVED_AT_ONCE,
        }
        await session.execute(
            text("""
                INSERT INTO respondent (workspace_id, simulation_id, number, persona_id, persona_version, weight,
                    attributes, arms)
                SELECT workspace_id, :to, number, persona_id, persona_version, weight, attributes, arms
                FROM respondent WHERE workspace_id = :workspace_id AND simulation_id = :from
                    AND number >= :first AND number < :last
            """),
            span,
        )
        await session.execute(
            text("""
                UPDATE answer SET simulation_id = :to WHERE workspace_id = :workspace_id AND simulation_id = :from
                    AND respondent_number >= :first AND respondent_number < :last
            """),
            span,
        )


async def count_by_persona(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> dict[UUID, int]:
    """Return how many respondents each persona has."""
    rows = await session.execute(
        text(
            "SELECT persona_id, count(*) FROM respondent WHERE workspace_id = :workspace_id"
            " AND simulation_id = :simulation_id GROUP BY persona_id"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return {row[0]: row[1] for row in rows}


async def weigh(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, persona_id: UUID, weight: float
) -> None:
    """Give all respondents of a persona another weight."""
    await session.execute(
        text(
            "UPDATE respondent SET weight = :weight WHERE workspace_id = :workspace_id"
            " AND simulation_id = :simulation_id AND persona_id = :persona_id AND weight <> :weight"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id, "persona_id": persona_id, "weight": weight},
    )

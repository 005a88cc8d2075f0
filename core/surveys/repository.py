"""Statements on simulations, respondents and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.paging import newest_first
from core.surveys.elicitation import Given
from core.surveys.models import Respondent, Simulation


async def find_simulation(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, exploration_id: UUID | None = None
) -> Simulation | None:
    """Return a simulation of the workspace, and of the exploration where one is given; no addition then."""
    query = select(Simulation).where(col(Simulation.id) == simulation_id, col(Simulation.workspace_id) == workspace_id)
    if exploration_id is not None:
        query = query.where(col(Simulation.exploration_id) == exploration_id, col(Simulation.extension_of).is_(None))
    return (await session.execute(query)).scalar_one_or_none()


async def list_ids(session: AsyncSession, workspace_id: UUID) -> list[UUID]:
    """Return the ids of a workspace's simulations, the oldest first."""
    query = select(col(Simulation.id)).where(
        col(Simulation.workspace_id) == workspace_id, col(Simulation.extension_of).is_(None)
    )
    query = query.order_by(col(Simulation.id))
    return list((await session.execute(query)).scalars())


async def list_for_exploration(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, limit: int, before: tuple[datetime, UUID] | None
) -> list[Simulation]:
    """Return an exploration's simulations, newest first."""
    query = select(Simulation).where(
        col(Simulation.workspace_id) == workspace_id,
        col(Simulation.exploration_id) == exploration_id,
        col(Simulation.extension_of).is_(None),
    )
    query = newest_first(query, Simulation, limit=limit, before=before)
    return list((await session.execute(query)).scalars())


async def insert_respondents(session: AsyncSession, simulation: Simulation, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write respondents that are not there yet."""
    await session.execute(
        text("""
            INSERT INTO respondent
                (workspace_id, simulation_id, number, persona_id, persona_version, weight, attributes, arms)
            SELECT :workspace_id, :simulation_id, r.number, r.persona_id, r.persona_version, r.weight, r.attributes,
                r.arms
            FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                AS r(number int, persona_id uuid, persona_version int, weight float, attributes jsonb,
                    arms jsonb)
            ON CONFLICT DO NOTHING
        """),
        {
            "workspace_id": simulation.workspace_id,
            "simulation_id": simulation.id,
            "rows": json.dumps(list(rows), ensure_ascii=False),
        },
    )


async def list_respondents(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, *, first: int = 1, last: int | None = None
) -> list[Respondent]:
    """Return respondents by number, `first` included, `last` excluded."""
    query = select(Respondent).where(
        col(Respondent.workspace_id) == workspace_id,
        col(Respondent.simulation_id) == simulation_id,
        col(Respondent.number) >= first,
    )
    if last is not None:
        query = query.where(col(Respondent.number) < last)
    return list((await session.execute(query.order_by(col(Respondent.number)))).scalars())


@dataclass(frozen=True, slots=True)
class Alike:
    """How many respondents share a persona version, a weight and all attributes."""

    persona_id: UUID
    persona_version: int
    weight: float
    attributes: Mapping[str, Any]
    count: int


async def list_same(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> list[Any]:
    """Return (persona_id, persona_version, attributes, arms, numbers) of respondents who differ in none of these."""
    rows = await session.execute(
        # As text, 1 and 1.0 differ: so they do in a prompt.
        text("""
            SELECT persona_id, persona_version, CAST(shown AS jsonb) AS attributes, arms, numbers FROM (
                SELECT persona_id, persona_version, attributes::text AS shown, arms,
                    array_agg(number ORDER BY number) AS numbers
                FROM respondent
                WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id GROUP BY 1, 2, 3, 4
            ) AS same ORDER BY numbers[1]
        """),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return list(rows)


def as_recordset(answers: Sequence[Given]) -> str:
    """Return answers as the JSON that statements take for rows."""
    rows = [
        {
            "number": a.number,
            "key": a.key,
            "method": a.method,
            "value": a.value,
            "probabilities": a.probabilities,
            "text": a.text,
            "flags": a.flags or None,
            "option_order": a.option_order,
            "missing_reason": a.missing_reason,
            "model": a.model,
            "lineage_id": str(a.lineage_id) if a.lineage_id else None,
        }
        for a in answers
    ]
    return json.dumps(rows, ensure_ascii=False)


async def insert_answers(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, answers: Sequence[Given]
) -> None:
    """Write answers; the first one of a respondent to a question stays."""
    await session.execute(
        text("""
            INSERT INTO answer (workspace_id, simulation_id, respondent_number, question_key, method, value,
                probabilities, text, flags, option_order, missing_reason, model, lineage_id)
            SELECT :workspace_id, :simulation_id, a.number, a.key, a.method, nullif(a.value, 'null'::jsonb),
                nullif(a.probabilities, 'null'::jsonb), a.text, nullif(a.flags, 'null'::jsonb),
                nullif(a.option_order, 'null'::jsonb), a.missing_reason, a.model, a.lineage_id
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS a(number int, key text, method text, value jsonb,
                probabilities jsonb, text text, flags jsonb, option_order jsonb, missing_reason text, model text,
                lineage_id uuid)
            ON CONFLICT DO NOTHING
        """),
        {
            "workspace_id": workspace_id,
            "simulation_id": simulation_id,
            "rows": as_recordset(answers),
        },
    )


async def fill_missing(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, methods: dict[str, str], reason: str
) -> int:
    """Write a missing answer with `reason` wherever a respondent has none to a question; return how many.

    Where as many answers are there as could be, which is soon counted, none is looked for.
    """
    result = await session.execute(
        text("""
            WITH filled AS (
                INSERT INTO answer
                    (workspace_id, simulation_id, respondent_number, question_key, method, missing_reason)
                SELECT r.workspace_id, r.simulation_id, r.number, q.key, q.method, :reason
                FROM respondent r CROSS JOIN jsonb_each_text(CAST(:methods AS jsonb)) AS q(key, method)
                WHERE r.workspace_id = :workspace_id AND r.simulation_id = :simulation_id AND (
                    SELECT count(*) FROM answer WHERE simulation_id = :simulation_id AND question_key = ANY(:keys)
                ) < CAST(:questions AS int) * (
                    SELECT count(*) FROM respondent WHERE simulation_id = :simulation_id
                ) AND NOT EXISTS (
                    SELECT 1 FROM answer a WHERE a.simulation_id = r.simulation_id
                        AND a.respondent_number = r.number AND a.question_key = q.key)
                ON CONFLICT DO NOTHING RETURNING 1
            ) SELECT count(*) FROM filled
        """),
        {
            "workspace_id": workspace_id,
            "simulation_id": simulation_id,
            "methods": json.dumps(methods),
            "keys": list(methods),
            "questions": len(methods),
            "reason": reason,
        },
    )
    return int(result.scalar_one())


async def count_by_reason(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> dict[str | None, int]:
    """Return how many answers are missing for each reason, and under None how many were given."""
    rows = await session.execute(
        text(
            "SELECT missing_reason, count(*) FROM answer WHERE workspace_id = :workspace_id"
            " AND simulation_id = :simulation_id GROUP BY missing_reason ORDER BY missing_reason"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return {row[0]: row[1] for row in rows}


@dataclass(slots=True)  # a frozen one takes four times as long to make, and there are many
class Tally:
    """How many respondents of one persona gave the same answer, or none for the same reason.

    `weight` is that of each; with `squares`, the sum of their squared weights, it is the mean of weights that differ.
    """

    key: str
    persona_id: UUID
    weight: float
    value: Any
    method: str
    missing_reason: str | None
    count: int
    squares: float | None = None


async def list_texts(session: AsyncSession, workspace_id: UUID, simulation_id: UUID, key: str) -> list[Any]:
    """Return (respondent number, persona id, attributes, text) of all answers to an open-ended question."""
    rows = await session.execute(
        text("""
            SELECT r.number, r.persona_id, r.attributes, a.value #>> '{}' AS said
            FROM answer a JOIN respondent r ON r.simulation_id = a.simulation_id AND r.number = a.respondent_number
            WHERE a.workspace_id = :workspace_id AND a.simulation_id = :simulation_id AND a.question_key = :key
                AND a.missing_reason IS NULL
            ORDER BY r.number
        """),
        {"workspace_id": workspace_id, "simulation_id": simulation_id, "key": key},
    )
    return list(rows)


async def list_answers(
    session: AsyncSession, workspace_id: UUID, simulation_id: UUID, first: int, last: int
) -> list[Any]:
    """Return the answers of respondents `first`…`last`-1, by respondent and question."""
    rows = await session.execute(
        text("""
            SELECT respondent_number, question_key, value, method, probabilities, text, flags, option_order,
                missing_reason
            FROM answer WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id
                AND respondent_number >= :first AND respondent_number < :last
            ORDER BY respondent_number, question_key
        """),
        {"workspace_id": workspace_id, "simulation_id": simulation_id, "first": first, "last": last},
    )
    return list(rows)


async def models_of(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> list[str]:
    """Return the names of the models that answered."""
    rows = await session.execute(
        text(
            "SELECT DISTINCT model FROM answer WHERE workspace_id = :workspace_id"
            " AND simulation_id = :simulation_id AND model IS NOT NULL ORDER BY model"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return list(rows.scalars())


async def attribute_names(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> list[str]:
    """Return the names of all attributes of a simulation's respondents, sorted."""
    rows = await session.execute(
        text(
            "SELECT DISTINCT name FROM respondent, jsonb_object_keys(attributes) AS name"
            " WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id"
        ),
        {"workspace_id": workspace_id, "simulation_id": simulation_id},
    )
    return sorted(rows.scalars())


async def embedding_models_of(session: AsyncSession, workspace_id: UUID, job_id: UUID | None) -> list[str]:
    """Return the names of the models that embedded statements for a job's shards, paid for now or before."""
    rated = """
        SELECT DISTINCT s.output ->> 'model' FROM job_step s JOIN job j ON j.id = s.job_id
        WHERE s.workspace_id = :workspace_id AND j.parent_id = :job_id AND s.step_key LIKE 'ssr.%' ORDER BY 1
    """
    # Steps of earlier releases do not name a model; what was paid for does.
    called = """
        SELECT DISTINCT model FROM llm_call WHERE workspace_id = :workspace_id AND kind = 'embedding' AND outcome = 'ok'
            AND job_id IN (SELECT id FROM job WHERE id = :job_id OR parent_id = :job_id) ORDER BY 1
    """
    for query in (rated, called):
        rows = await session.execute(text(query), {"workspace_id": workspace_id, "job_id": job_id})
        if found := [name for name in rows.scalars() if name]:
            return found
    return []


def job_ids_of(workspace_id: UUID, exploration_id: UUID) -> Select[UUID | None]:
    """Select the ids of the jobs of an exploration's simulations."""
    return select(col(Simulation.job_id)).where(
        col(Simulation.workspace_id) == workspace_id,
        col(Simulation.exploration_id) == exploration_id,
        col(Simulation.extension_of).is_(None),
    )

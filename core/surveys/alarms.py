"""Reads what quality alarms are computed from.

read    a simulation's alarms, from the answers recorded so far
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires.content import Question
from core.surveys import outcomes
from core.surveys.models import Simulation
from core.surveys.quality import FEWEST_IN_BLOCK, Lines, Positions, alarms, blocks_of, ordered_by_lot
from core.surveys.retests import stabilities_of
from core.surveys.schemas import QualityRead, ResultsRead
from core.surveys.service import content_of


async def read(session: AsyncSession, simulation: Simulation, results: ResultsRead | None = None) -> QualityRead:
    """Return the quality alarms of a simulation; `results` are those of all its respondents, where they were read."""
    found = results or await outcomes.read(session, simulation)
    content = content_of(simulation)
    blocks = [tuple(question.key for question in block) for block in blocks_of(content)]
    lines = await straight_lines(session, simulation, blocks)
    positions = await first_positions(session, simulation, ordered_by_lot(content))
    positions |= await first_in_sets(session, simulation, [one for one in content.questions() if one.sets is not None])
    again = await stabilities_of(session, simulation, content)
    told = alarms(content, {one.key: one for one in found.questions}, lines, positions, again)
    return QualityRead(
        simulation_id=simulation.id,
        status=found.status,
        complete=found.complete,
        n=found.n,
        fired=sum(alarm.fired for alarm in told),
        alarms=told,
        warnings=found.warnings,
    )


async def straight_lines(
    session: AsyncSession, simulation: Simulation, blocks: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], Lines]:
    """Return, for each block of keys, how many respondents gave all its items one answer; one statement for all."""
    found = await _straight_matrices(session, simulation, blocks)
    blocks = [block for block in blocks if block not in found]
    places = {key: place for place, block in enumerate(blocks) for key in block}
    rows = await session.execute(
        text("""
            SELECT block, count(*) FILTER (WHERE kinds = 1), count(*) FROM (
                SELECT asked.block, count(DISTINCT a.value) AS kinds
                FROM unnest(CAST(:keys AS text[]), CAST(:blocks AS int[])) AS asked(key, block)
                JOIN answer a ON a.question_key = asked.key
                WHERE a.workspace_id = :workspace_id AND a.simulation_id = :simulation_id
                    AND a.missing_reason IS NULL
                GROUP BY asked.block, a.respondent_number HAVING count(*) >= :fewest
            ) AS respondents GROUP BY block
        """),
        _ids(simulation) | {"keys": list(places), "blocks": list(places.values()), "fewest": FEWEST_IN_BLOCK},
    )
    counted = {int(block): Lines(int(straight), int(n)) for block, straight, n in rows}
    return found | {block: counted.get(place, Lines(0, 0)) for place, block in enumerate(blocks)}


async def _straight_matrices(
    session: AsyncSession, simulation: Simulation, blocks: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], Lines]:
    """Return the same of blocks that are the rows of a matrix."""
    matrices = {block[0].partition(".")[0]: block for block in blocks if "." in block[0]}
    if not matrices:
        return {}
    rows = await session.execute(
        text("""
            SELECT question_key, count(*) FILTER (WHERE kinds = 1), count(*) FROM (
                SELECT a.question_key, count(DISTINCT rated.value) AS kinds
                FROM answer a CROSS JOIN LATERAL jsonb_each_text(a.value) AS rated
                WHERE a.workspace_id = :workspace_id AND a.simulation_id = :simulation_id
                    AND a.question_key = ANY(:keys) AND a.missing_reason IS NULL
                GROUP BY a.question_key, a.respondent_number HAVING count(*) >= :fewest
            ) AS respondents GROUP BY question_key
        """),
        _ids(simulation) | {"keys": list(matrices), "fewest": FEWEST_IN_BLOCK},
    )
    counted = {str(key): Lines(int(straight), int(n)) for key, straight, n in rows}
    return {block: counted.get(key, Lines(0, 0)) for key, block in matrices.items()}


async def first_positions(
    session: AsyncSession, simulation: Simulation, questions: Sequence[Question]
) -> dict[str, Positions]:
    """Return how often the option shown first was chosen, by question, as orders were recorded; one statement for all.

    Pinned options, whose place nobody draws, do not count.
    """
    moved = {one.key: [option.code for option in one.options if not option.pinned] for one in questions}
    rows = await session.execute(
        text("""
            SELECT question_key, count(*) FILTER (WHERE first = chosen), count(*) FROM (
                SELECT question_key, option_order ->> 0 AS first,
                    CASE jsonb_typeof(value) WHEN 'array' THEN value ->> 0 ELSE value #>> '{}' END AS chosen
                FROM answer
                WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = ANY(:keys)
                    AND method = 'direct' AND missing_reason IS NULL AND option_order IS NOT NULL
            ) AS answers
            WHERE CAST(:moved AS jsonb) -> question_key ? chosen
            GROUP BY question_key
        """),
        _ids(simulation) | {"keys": list(moved), "moved": json.dumps(moved)},
    )
    found = {str(key): (int(first), int(n)) for key, first, n in rows}
    return {key: Positions(*found.get(key, (0, 0)), 1 / max(1, len(codes))) for key, codes in moved.items()}


async def first_in_sets(
    session: AsyncSession, simulation: Simulation, questions: Sequence[Question]
) -> dict[str, Positions]:
    """Return how often the option shown first in a set was its best, by max_diff question; `n` counts sets."""
    rows = await session.execute(
        text("""
            SELECT question_key, count(*) FILTER (WHERE judged #>> '{items,0}' = judged ->> 'best'), count(*)
            FROM answer, jsonb_array_elements(value) AS judged
            WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = ANY(:keys)
                AND missing_reason IS NULL
            GROUP BY question_key
        """),
        _ids(simulation) | {"keys": [one.key for one in questions]},
    )
    found = {str(key): (int(first), int(n)) for key, first, n in rows}
    return {
        one.key: Positions(*found.get(one.key, (0, 0)), 1 / one.sets.size) for one in questions if one.sets is not None
    }


def _ids(simulation: Simulation) -> dict[str, Any]:
    return {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id}

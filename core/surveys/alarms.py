"""Reads what quality alarms are computed from.

read    a simulation's alarms, from the answers recorded so far
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires.content import Question, shown_options
from core.surveys.models import Simulation
from core.surveys.quality import FEWEST_IN_BLOCK, Lines, Positions, alarms, blocks_of, ordered_by_lot
from core.surveys.schemas import QualityRead
from core.surveys.service import content_of, results

MOST_ORDERS: Final = 2000
"""Respondents whose order of options is drawn again, from the lowest number on: enough to tell a tenth."""


async def read(session: AsyncSession, simulation: Simulation) -> QualityRead:
    """Return the quality alarms of a simulation."""
    found = await results(session, simulation)
    content = content_of(simulation)
    blocks = [tuple(question.key for question in block) for block in blocks_of(content)]
    lines = await straight_lines(session, simulation, blocks)
    positions = await first_positions(session, simulation, ordered_by_lot(content))
    told = alarms(content, {one.key: one for one in found.questions}, lines, positions)
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
    found = {int(block): Lines(int(straight), int(n)) for block, straight, n in rows}
    return {block: found.get(place, Lines(0, 0)) for place, block in enumerate(blocks)}


async def first_positions(
    session: AsyncSession, simulation: Simulation, questions: Sequence[Question]
) -> dict[str, Positions]:
    """Return how often the option shown first was chosen, by question; one statement for all.

    Each respondent's order is that of their seed.
    """
    rows = await session.execute(
        text("""
            SELECT question_key, respondent_number, value #>> '{}' FROM (
                SELECT question_key, respondent_number, value,
                    row_number() OVER (PARTITION BY question_key ORDER BY respondent_number) AS place
                FROM answer
                WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = ANY(:keys)
                    AND method = 'direct' AND missing_reason IS NULL
            ) AS given WHERE place <= :most
        """),
        _ids(simulation) | {"keys": [one.key for one in questions], "most": MOST_ORDERS},
    )
    chosen: dict[str, list[tuple[int, str]]] = {one.key: [] for one in questions}
    for key, number, code in rows:
        chosen[key].append((int(number), str(code)))
    return {one.key: _position(one, simulation.seed, chosen[one.key]) for one in questions}


def _position(question: Question, seed: int, given: Sequence[tuple[int, str]]) -> Positions:
    moved = {option.code for option in question.options if not option.pinned}
    chosen = [(number, code) for number, code in given if code in moved]
    first = sum(shown_options(question, seed, number)[0].code == code for number, code in chosen)
    return Positions(first, len(chosen), 1 / max(1, len(moved)))


def _ids(simulation: Simulation) -> dict[str, Any]:
    return {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id}

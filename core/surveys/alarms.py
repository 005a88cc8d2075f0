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
from core.surveys.quality import FEWEST_IN_BLOCK as FEWEST
from core.surveys.quality import Lines, Positions, alarms, blocks_of, ordered_by_lot
from core.surveys.schemas import QualityRead
from core.surveys.service import content_of, results

MOST_ORDERS: Final = 2000
"""Respondents whose order of options is drawn again, from the lowest number on: enough to tell a tenth."""


async def read(session: AsyncSession, simulation: Simulation) -> QualityRead:
    """Return the quality alarms of a simulation."""
    found = await results(session, simulation)
    content = content_of(simulation)
    lines = {}
    for block in blocks_of(content):
        keys = tuple(question.key for question in block)
        lines[keys] = await _lines(session, simulation, keys)
    positions = {one.key: await _positions(session, simulation, one) for one in ordered_by_lot(content)}
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


async def _lines(session: AsyncSession, simulation: Simulation, keys: Sequence[str]) -> Lines:
    row = (
        await session.execute(
            text("""
                SELECT count(*) FILTER (WHERE kinds = 1), count(*) FROM (
                    SELECT count(DISTINCT value) AS kinds FROM answer
                    WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = ANY(:keys)
                        AND missing_reason IS NULL
                    GROUP BY respondent_number HAVING count(*) >= :fewest
                ) AS respondents
            """),
            _ids(simulation) | {"keys": list(keys), "fewest": FEWEST},
        )
    ).one()
    return Lines(int(row[0]), int(row[1]))


async def _positions(session: AsyncSession, simulation: Simulation, question: Question) -> Positions:
    """Return how often the option shown first was chosen; each respondent's order is that of their seed."""
    rows = await session.execute(
        text("""
            SELECT respondent_number, value #>> '{}' FROM answer
            WHERE workspace_id = :workspace_id AND simulation_id = :simulation_id AND question_key = :key
                AND method = 'direct' AND missing_reason IS NULL
            ORDER BY respondent_number LIMIT :most
        """),
        _ids(simulation) | {"key": question.key, "most": MOST_ORDERS},
    )
    moved = {option.code for option in question.options if not option.pinned}
    chosen = [(int(number), str(code)) for number, code in rows if code in moved]
    first = sum(shown_options(question, simulation.seed, number)[0].code == code for number, code in chosen)
    return Positions(first, len(chosen), 1 / max(1, len(moved)))


def _ids(simulation: Simulation) -> dict[str, Any]:
    return {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id}

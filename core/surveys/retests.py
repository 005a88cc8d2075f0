"""What respondents said when they were asked again, and how well it agrees with what they had said.

insert    write answers of the second time; the first one of a respondent to a question stays
read      how well the two answers agree, question by question
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires.content import Content
from core.surveys.elicitation import Given
from core.surveys.method_schemas import QuestionRetest, RetestRead
from core.surveys.methods import Requested
from core.surveys.models import Simulation
from core.surveys.quality import THRESHOLDS
from core.surveys.repository import as_recordset
from core.surveys.retest import Pair, Stability, stabilities


async def insert(session: AsyncSession, workspace_id: UUID, simulation_id: UUID, answers: Sequence[Given]) -> None:
    """Write what respondents said when asked again."""
    await session.execute(
        text("""
            INSERT INTO retest_answer (workspace_id, simulation_id, respondent_number, question_key, method, value,
                probabilities, text, flags, missing_reason, model, lineage_id)
            SELECT :workspace_id, :simulation_id, a.number, a.key, a.method, nullif(a.value, 'null'::jsonb),
                nullif(a.probabilities, 'null'::jsonb), a.text, nullif(a.flags, 'null'::jsonb), a.missing_reason,
                a.model, a.lineage_id
            FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS a(number int, key text, method text, value jsonb,
                probabilities jsonb, text text, flags jsonb, missing_reason text, model text, lineage_id uuid)
            ON CONFLICT DO NOTHING
        """),
        {
            "workspace_id": workspace_id,
            "simulation_id": simulation_id,
            "rows": as_recordset(answers),
        },
    )


async def pairs_of(session: AsyncSession, simulation: Simulation) -> list[Pair]:
    """Return the answers of those who gave one both times, by question and respondent."""
    rows = await session.execute(
        text("""
            SELECT r.question_key, a.value, a.probabilities, r.value, r.probabilities
            FROM retest_answer r JOIN answer a ON a.simulation_id = r.simulation_id
                AND a.respondent_number = r.respondent_number AND a.question_key = r.question_key
            WHERE r.workspace_id = :workspace_id AND r.simulation_id = :simulation_id
                AND r.missing_reason IS NULL AND a.missing_reason IS NULL
            ORDER BY r.question_key, r.respondent_number
        """),
        {"workspace_id": simulation.workspace_id, "simulation_id": simulation.id},
    )
    return [Pair(*row) for row in rows]


async def stabilities_of(session: AsyncSession, simulation: Simulation, content: Content) -> dict[str, Stability]:
    """Return how well the two answers agree, by question, or why that is not known."""
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    return stabilities(content, requested, await pairs_of(session, simulation))


async def read(session: AsyncSession, simulation: Simulation) -> RetestRead:
    """Return how well the two answers agree, question by question."""
    content = Content.model_validate(simulation.content)
    found = await stabilities_of(session, simulation, content)
    threshold = THRESHOLDS["test_retest"]
    return RetestRead(
        simulation_id=simulation.id,
        share=simulation.parameters.get("retest_share", 0.0),
        respondents=max((one.n for one in found.values()), default=0),
        threshold=threshold,
        questions=[
            QuestionRetest(
                key=key,
                n=one.n,
                coefficient=one.coefficient,
                agreement=one.agreement,
                value=one.value,
                upper=one.upper,
                unsteady=one.unsteady(threshold),
                reason=one.reason,
            )
            for key, one in found.items()
        ],
    )

"""Chooses the anchors of a simulation that starts, and tells those of one that did.

anchors_for    what rates the statements of each question asked by similarity, to be kept with the simulation
read           what rated them in a simulation
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.questionnaires import anchor_sets
from core.questionnaires.content import Content
from core.surveys.anchors import Anchors, chosen, sets_of
from core.surveys.elicitation import rated_items
from core.surveys.method_schemas import AnchorsRead, QuestionAnchors
from core.surveys.methods import Requested, method_for
from core.surveys.models import Simulation


async def anchors_for(
    session: AsyncSession,
    workspace_id: UUID,
    content: Content,
    language: str,
    requested: Requested,
    parameters: Mapping[str, Any],
    loc: tuple[str | int, ...] = ("body", "questionnaire_id"),
) -> dict[str, dict[str, Any]]:
    """Return, by key, the anchors of each question, and row of a matrix, asked by similarity; raises Invalid at `loc`.

    A set that a question names is checked even where another method is asked for.
    """
    own = await anchor_sets.named_by(session, workspace_id, content, language, loc)
    found: dict[str, dict[str, Any]] = {}
    for question in content.questions():
        if method_for(question, requested) != "ssr":
            continue
        row = own.get(question.key)
        for item in rated_items([question]):
            found[item.key] = (
                chosen(item, language, parameters["ssr_anchors"])
                if row is None
                else Anchors("own", row.sets, row.name, row.version, str(row.id))
            ).recorded()
    return found


def read(simulation: Simulation) -> AnchorsRead:
    """Return the anchors of a simulation; one of an earlier release was rated by labels."""
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    kept = simulation.anchors or {}
    return AnchorsRead(
        simulation_id=simulation.id,
        temperature=simulation.parameters["ssr_temperature"],
        epsilon=simulation.parameters["ssr_epsilon"],
        questions=[
            QuestionAnchors(key=one.key, **(kept.get(one.key) or Anchors("labels", sets_of(None, one)).recorded()))
            for question in Content.model_validate(simulation.content).questions()
            if method_for(question, requested) == "ssr"
            for one in rated_items([question])
        ],
    )

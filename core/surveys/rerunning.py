"""Another run of a simulation: the same people asked again, with what is to be changed.

start     write the new simulation and submit its job

It pays only for what changed. Each call is remembered in the workspace under all that it depends on (model, prompt,
input with the respondent's own earlier answers, seed), so one whose input is the same is replayed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import FieldError, Invalid
from core.explorations import service as explorations
from core.jobs.schemas import JobRead
from core.personas import service as personas
from core.questionnaires import service as questionnaires
from core.questionnaires.content import Content
from core.settings import get_settings
from core.surveys.anchoring import anchors_for
from core.surveys.drawing import persona_parts, sizes_of
from core.surveys.methods import Requested, default_parameters
from core.surveys.models import Simulation
from core.surveys.run_schemas import SimulationRerun
from core.surveys.service import get, require_finished
from core.surveys.submitting import submit_run
from core.workspaces.access import Member


async def start(
    session: AsyncSession, member: Member, exploration_id: UUID, simulation_id: UUID, body: SimulationRerun
) -> JobRead:
    """Write a simulation with all parameters of another one but for the changes, and its job.

    Raises SimulationNotFound, SimulationNotFinished while the other one runs, Invalid naming the field,
    ExplorationEnded.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    original = await get(session, member.workspace_id, exploration_id, simulation_id)
    await require_finished(session, original)
    changes = body.changes
    asked = await _questionnaire(session, original, body)
    size, method = changes.sample_size, changes.method or original.method
    # Of runs of earlier releases nobody was asked again.
    parameters = default_parameters(get_settings().embedding_model) | {"retest_share": 0.0} | original.parameters
    parameters |= changes.parameters.model_dump(exclude_none=True)
    simulation = Simulation(
        **original.model_dump(include={"workspace_id", "exploration_id", "plan_id", "plan"}),
        **asked,
        personas=await _personas(session, original) if changes.personas == "newest" else original.personas,
        sample_size=size or original.sample_size,
        sizes=[size] if size else sizes_of(original),
        method=method,
        seed=original.seed if changes.seed is None else changes.seed,
        parameters=parameters,
        rerun_of=original.id,
    )
    simulation.anchors = await _anchors(session, original, simulation, body)
    simulation.title = changes.title or original.title
    return await submit_run(session, member, simulation, body.job)


async def _anchors(
    session: AsyncSession, original: Simulation, simulation: Simulation, body: SimulationRerun
) -> dict[str, Any] | None:
    """Return what rates statements: with the questions as asked what rated them then, else what would now."""
    requested: Requested = simulation.method  # type: ignore[assignment]  # written from a Requested
    changes = body.changes
    named: tuple[str | int, ...] = ("questionnaire_id",) if body.questionnaire_id else ("changes", "questionnaire")
    as_asked = changes.questionnaire == "as_asked" and changes.parameters.ssr_anchors is None
    if as_asked and original.anchors is None:
        return None
    content = Content.model_validate(simulation.content)
    found = await anchors_for(
        session, original.workspace_id, content, simulation.language, requested, simulation.parameters, ("body", *named)
    )
    return found | {key: kept for key, kept in (original.anchors or {}).items() if as_asked and key in found}


async def _questionnaire(session: AsyncSession, original: Simulation, body: SimulationRerun) -> dict[str, Any]:
    """Return the members of a simulation that its questionnaire gives."""
    if body.questionnaire_id is None and body.changes.questionnaire == "as_asked":
        return original.model_dump(include={"questionnaire_id", "questionnaire_version", "language", "content"})
    if body.questionnaire_id is None:
        loc: tuple[str | int, ...] = ("body", "changes", "questionnaire")
    elif body.changes.questionnaire == "as_asked":
        wrong = "goes without questionnaire_id: another questionnaire was not asked"
        raise Invalid([FieldError(("body", "changes", "questionnaire"), wrong)])
    else:
        loc = ("body", "questionnaire_id")
    found = await questionnaires.snapshot(
        session, original.workspace_id, original.exploration_id, body.questionnaire_id or original.questionnaire_id, loc
    )
    return {
        "questionnaire_id": found.questionnaire_id,
        "questionnaire_version": found.version,
        "language": found.language,
        "content": found.content.model_dump(mode="json"),
    }


async def _personas(session: AsyncSession, original: Simulation) -> list[dict[str, Any]]:
    """Return the same personas as they are now; raises Invalid where one was deleted."""
    ids = [UUID(part["persona_id"]) for part in original.personas]
    loc = ("body", "changes", "personas")
    found = await personas.get_many(session, original.workspace_id, original.exploration_id, ids, loc)
    return persona_parts(found)

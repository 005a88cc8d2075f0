"""Operations on survey simulations: create, read, list, responses, complete."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.events import service as events
from core.explorations import service as explorations
from core.jobs import counting
from core.jobs import service as jobs
from core.jobs.models import Job
from core.jobs.schemas import JobRead
from core.jobs.shown import ShownStatus, shown_status
from core.llm.contract import is_demonstration
from core.questionnaires import service as questionnaires
from core.questionnaires.content import Content
from core.settings import get_settings
from core.surveys import additions, repository
from core.surveys.addition_schemas import ExtensionRead
from core.surveys.anchoring import anchors_for
from core.surveys.cautions import sample_warnings
from core.surveys.drawing import persona_parts, sizes_of
from core.surveys.errors import SimulationNotFinished, SimulationNotFound
from core.surveys.methods import default_parameters, method_for
from core.surveys.missing import unasked_answers
from core.surveys.models import Simulation
from core.surveys.panel import panel
from core.surveys.responses import AnswerRead, ResponseRead
from core.surveys.schemas import LARGEST_SEED, PersonaPart, SimulationCreate, SimulationRead, SimulationUpdate
from core.surveys.submitting import submit_run
from core.workspaces.access import Member


async def start(session: AsyncSession, member: Member, exploration_id: UUID, body: SimulationCreate) -> JobRead:
    """Write a simulation and its job; the questionnaire and the personas are fixed as they are now.

    Raises Invalid naming the field, ExplorationNotFound, ExplorationEnded.
    """
    await explorations.require_open(session, member.workspace_id, exploration_id)
    asked = await panel(session, member.workspace_id, exploration_id, body)
    snapshot = await questionnaires.snapshot(session, member.workspace_id, exploration_id, body.questionnaire_id)
    seed = body.seed if body.seed is not None else secrets.randbelow(LARGEST_SEED + 1)
    parameters = default_parameters(get_settings().embedding_model) | body.parameters.model_dump(exclude_none=True)
    rated = (snapshot.content, snapshot.language, body.method, parameters)
    simulation = Simulation(
        workspace_id=member.workspace_id,
        exploration_id=exploration_id,
        questionnaire_id=snapshot.questionnaire_id,
        questionnaire_version=snapshot.version,
        title=body.title or snapshot.title,
        language=snapshot.language,
        content=snapshot.content.model_dump(mode="json"),
        plan_id=body.plan_id,
        personas=persona_parts(asked.personas),
        plan=asked.plan,
        sample_size=asked.sample_size,
        sizes=[asked.sample_size],
        method=body.method,
        seed=seed,
        parameters=parameters,
        anchors=await anchors_for(session, member.workspace_id, *rated),
    )
    return await submit_run(session, member, simulation, body.job)


async def get(session: AsyncSession, workspace_id: UUID, exploration_id: UUID, simulation_id: UUID) -> Simulation:
    """Return a simulation; raises ExplorationNotFound, SimulationNotFound."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await repository.find_simulation(session, workspace_id, simulation_id, exploration_id)
    if found is None:
        raise SimulationNotFound
    return found


async def update(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, simulation_id: UUID, body: SimulationUpdate
) -> SimulationRead:
    """Mark a simulation's data as offered for download, or not; raises SimulationNotFound."""
    simulation = await get(session, workspace_id, exploration_id, simulation_id)
    simulation.is_download = body.is_download
    await session.flush()
    return await read(session, simulation)


async def get_by_id(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> Simulation:
    """Return a simulation for a job that names it; raises SimulationNotFound when it is gone."""
    found = await repository.find_simulation(session, workspace_id, simulation_id)
    if found is None:
        raise SimulationNotFound
    return found


async def list_ids(session: AsyncSession, workspace_id: UUID) -> list[UUID]:
    """Return the ids of all simulations of a workspace, the oldest first."""
    return await repository.list_ids(session, workspace_id)


async def read(session: AsyncSession, simulation: Simulation) -> SimulationRead:
    """Return a simulation's shape."""
    return (await _read_all(session, [simulation]))[0]


async def _read_all(session: AsyncSession, found: Sequence[Simulation]) -> list[SimulationRead]:
    """Return the shapes of simulations of one workspace, with two statements for all of them."""
    if not found:
        return []
    added = await additions.find_extensions(session, found[0].workspace_id, [one.id for one in found])
    ids = [one.job_id for one in (*found, *added.values()) if one.job_id is not None]
    own = await jobs.get_many(session, ids)
    return [
        _shape(one, own, await _extension(session, added[one.id], own) if one.id in added else None) for one in found
    ]


def _shape(simulation: Simulation, own: Mapping[UUID, Job], extension: ExtensionRead | None) -> SimulationRead:
    assert simulation.job_id is not None
    return SimulationRead(
        id=simulation.id,
        exploration_id=simulation.exploration_id,
        questionnaire_id=simulation.questionnaire_id,
        questionnaire_version=simulation.questionnaire_version,
        plan_id=simulation.plan_id,
        title=simulation.title,
        status=shown_status(own[simulation.job_id]),
        complete=simulation.complete,
        sample_size=simulation.sample_size,
        sizes=sizes_of(simulation),
        extension=extension,
        rerun_of=simulation.rerun_of,
        method=simulation.method,
        seed=simulation.seed,
        parameters=simulation.parameters,
        personas=[PersonaPart.model_validate(part) for part in simulation.personas],
        warnings=sample_warnings(simulation),
        model=simulation.model,
        demonstration=simulation.demonstration,
        is_download=simulation.is_download,
        job_id=simulation.job_id,
        created_at=simulation.created_at,
    )


async def _extension(session: AsyncSession, added: Simulation, own: Mapping[UUID, Job]) -> ExtensionRead:
    """Tell of those who are being added to a simulation."""
    assert added.job_id is not None
    job = own[added.job_id]
    return ExtensionRead(
        n=added.sample_size,
        answering=await additions.count_answering(session, added.workspace_id, added.id),
        status=shown_status(job),
        job_id=job.id,
    )


async def count_by_status(session: AsyncSession, workspace_id: UUID, exploration_id: UUID) -> dict[ShownStatus, int]:
    """Return how many simulations of an exploration have each status."""
    return await counting.by_status(session, repository.job_ids_of(workspace_id, exploration_id))


async def list_for(
    session: AsyncSession, workspace_id: UUID, exploration_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> list[SimulationRead]:
    """Return an exploration's simulations, newest first."""
    await explorations.get(session, workspace_id, exploration_id)
    found = await repository.list_for_exploration(session, workspace_id, exploration_id, limit, before)
    return await _read_all(session, found)


async def status_of(session: AsyncSession, simulation: Simulation) -> ShownStatus:
    """Return the status of the simulation's job."""
    return shown_status(await job_of(session, simulation))


async def job_of(session: AsyncSession, simulation: Simulation) -> Job:
    """Return the job that runs the simulation."""
    assert simulation.job_id is not None
    return await jobs.get(session, simulation.job_id)


def content_of(simulation: Simulation) -> Content:
    """Return the questionnaire as it was asked."""
    return Content.model_validate(simulation.content)


def persona_versions(simulation: Simulation) -> list[tuple[UUID, int]]:
    """Return (persona id, version) of who takes part, in the order given."""
    return [(UUID(part["persona_id"]), int(part["version"])) for part in simulation.personas]


def persona_names(simulation: Simulation) -> dict[UUID, str]:
    """Return persona id → name, in the order given."""
    return {UUID(part["persona_id"]): str(part["name"]) for part in simulation.personas}


async def list_responses(
    session: AsyncSession, simulation: Simulation, *, after: int, limit: int
) -> list[ResponseRead]:
    """Return the answers of respondents numbered above `after`, by number, and what a stopped run did not ask."""
    first, last = after + 1, after + 1 + limit
    people = await repository.list_respondents(session, simulation.workspace_id, simulation.id, first=first, last=last)
    rows = await repository.list_answers(session, simulation.workspace_id, simulation.id, first, last)
    answers: dict[int, dict[str, AnswerRead]] = {}
    for row in rows:
        answers.setdefault(row.respondent_number, {})[row.question_key] = AnswerRead(
            value=row.value,
            method=row.method,
            probabilities=row.probabilities,
            text=row.text,
            flags=row.flags or [],
            option_order=row.option_order,
            missing_reason=row.missing_reason,
        )
    content = content_of(simulation)
    unasked = unasked_answers(content, simulation.method, await job_of(session, simulation))
    order = [question.key for question in content.questions()]
    return [
        ResponseRead(
            respondent_number=person.number,
            persona_id=person.persona_id,
            persona_version=person.persona_version,
            weight=person.weight,
            attributes=person.attributes,
            arms={one.key: person.arms[one.key] for one in content.splits if one.key in person.arms},
            answers={key: found[key] for key in order if key in found},
        )
        for person in people
        for found in [unasked | answers.get(person.number, {})]
    ]


async def model_of(session: AsyncSession, simulation: Simulation) -> tuple[str | None, bool | None]:
    """Return which model answered, while a simulation runs from the answers so far."""
    if simulation.model is not None:
        return simulation.model, simulation.demonstration
    models = await repository.models_of(session, simulation.workspace_id, simulation.id)
    return (", ".join(models), any(map(is_demonstration, models))) if models else (None, None)


async def require_finished(session: AsyncSession, simulation: Simulation) -> None:
    """Refuse while a simulation still runs; raises SimulationNotFinished."""
    if await status_of(session, simulation) in ("queued", "running"):
        raise SimulationNotFinished


async def count_by_reason(session: AsyncSession, workspace_id: UUID, simulation_id: UUID) -> dict[str | None, int]:
    """Return how many answers are missing for each reason, and under None how many were given."""
    return await repository.count_by_reason(session, workspace_id, simulation_id)


async def complete(session: AsyncSession, simulation_id: UUID, workspace_id: UUID) -> None:
    """Close a simulation whose shards are done: label what is missing, name the model, tell the event.

    It is complete when nothing had to be labelled: each respondent has, for each question, an answer or a final
    reason for none (`not_shown`, `refused`, `invalid`). Runs in the transaction that ends the simulation's job.
    """
    simulation = await get_by_id(session, workspace_id, simulation_id)
    simulation.complete = not await close(session, simulation)
    await tell_completed(session, simulation, simulation.job_id)


async def close(session: AsyncSession, simulation: Simulation) -> int:
    """Label what is missing and name the model; return how many answers had to be labelled."""
    ids, requested = (simulation.workspace_id, simulation.id), simulation.method
    methods = {
        question.key: method_for(question, requested)  # type: ignore[arg-type]  # written from a Requested
        for question in content_of(simulation).questions()
    }
    unanswered = await repository.fill_missing(session, *ids, dict(methods), "error")
    models = await repository.models_of(session, *ids)
    simulation.model = ", ".join(models) or None
    simulation.demonstration = any(map(is_demonstration, models)) if models else None
    return unanswered


async def tell_completed(session: AsyncSession, simulation: Simulation, job_id: UUID | None) -> None:
    """Record the event that a job has completed a simulation, or an addition to it."""
    await events.record(
        session,
        type="simulation.completed",
        workspace_id=simulation.workspace_id,
        exploration_id=simulation.exploration_id,
        subject_type="simulation",
        subject_id=simulation.id,
        job_id=job_id,
        data={"complete": simulation.complete},
    )


async def add_respondents(session: AsyncSession, simulation: Simulation, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a simulation's respondents; those that are there stay as they are."""
    await repository.insert_respondents(session, simulation, rows)


async def list_texts(session: AsyncSession, simulation: Simulation, key: str) -> list[Any]:
    """Return (number, persona_id, attributes, said) of all answers to an open-ended question."""
    return await repository.list_texts(session, simulation.workspace_id, simulation.id, key)


async def embedding_models(session: AsyncSession, simulation: Simulation) -> list[str]:
    """Return the names of the models that embedded what a simulation's respondents said."""
    return await repository.embedding_models_of(session, simulation.workspace_id, simulation.job_id)

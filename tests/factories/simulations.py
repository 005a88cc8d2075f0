"""Simulations as rows, with their personas and the job that runs them; and the answers they leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.db import session as db
from core.explorations.models import Exploration
from core.jobs import service
from core.personas.models import Persona, PersonaVersion
from core.questionnaires.content import Content
from core.questionnaires.models import Questionnaire
from core.surveys.jobs import RUN_SIMULATION, RunSimulation
from core.surveys.models import Simulation
from tests.factories.jobs import AUTHOR

PARAMETERS = {"ssr_temperature": 1.0, "ssr_epsilon": 0.01, "distribution_draws": 3}


async def submit(
    workspace_id: UUID,
    content: Content,
    *,
    sample_size: int,
    method: str = "direct",
    people: int = 1,
    seed: int = 7,
    parameters: dict[str, Any] = PARAMETERS,
) -> Simulation:
    """Store a simulation of so many personas and submit its job."""
    exploration = Exploration(workspace_id=workspace_id, title="Mood")
    personas = [
        Persona(workspace_id=workspace_id, exploration_id=exploration.id, origin="manual", name=f"Persona {number}")
        for number in range(people)
    ]
    stored = content.model_dump(mode="json")
    questionnaire = Questionnaire(
        workspace_id=workspace_id,
        exploration_id=exploration.id,
        title="Mood",
        content=stored,
        question_count=content.question_count,
    )
    simulation = Simulation(
        workspace_id=workspace_id,
        exploration_id=exploration.id,
        questionnaire_id=questionnaire.id,
        questionnaire_version=1,
        title="Mood",
        language="en",
        content=stored,
        personas=[{"persona_id": str(one.id), "version": 1, "name": one.name, "weight": None} for one in personas],
        sample_size=sample_size,
        method=method,
        seed=seed,
        parameters=parameters,
    )
    async with db.scope([workspace_id]) as session:
        session.add(exploration)
        await session.flush()
        session.add_all([*personas, questionnaire])
        await session.flush()
        session.add_all(
            PersonaVersion(workspace_id=workspace_id, persona_id=one.id, version=1, profile={"name": one.name})
            for one in personas
        )
        session.add(simulation)
        args = RunSimulation(simulation_id=simulation.id)
        job = await service.submit(session, RUN_SIMULATION, args, workspace_id=workspace_id, author=AUTHOR)
        simulation.job_id = job.id
    return simulation


async def answers(simulation: Simulation, columns: str = "value, method, missing_reason") -> dict[tuple[int, str], Any]:
    """Return (respondent number, question key) → the columns asked for."""
    query = f"SELECT respondent_number, question_key, {columns} FROM answer WHERE simulation_id = :id"
    async with db.scope([simulation.workspace_id]) as session:
        rows = list(await session.execute(text(query), {"id": simulation.id}))
    return {(row[0], row[1]): tuple(row[2:]) for row in rows}


async def read(simulation: Simulation) -> Simulation:
    """Return a simulation's row as it is."""
    async with db.scope([simulation.workspace_id]) as session:
        return await session.get_one(Simulation, simulation.id)

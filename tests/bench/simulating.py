"""Runs simulations on workers of a given size and asks the same of the model by a plain script."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from core.db import session as db
from core.db.session import asyncpg_url
from core.llm.contract import wire_seed
from core.llm.dialect import Dialect
from core.personas import service as personas
from core.settings import OFFLINE_MODEL
from core.surveys import repository, service
from core.surveys.elicitation import Voice, section_input
from core.surveys.prompts import SURVEY_DIRECT
from core.surveys.sharding import step_seed
from tests.bench.meter import Meter
from tests.factories.questionnaires import question, questionnaire
from tests.fixtures.system import Study, System

SEEDS = itertools.count(1)
"""A seed for each simulation: what was answered before would be remembered, not asked."""
QUESTION = question("single_choice", key="mood", text="Are you better off?", options=["Better", "Same", "Worse"])


@dataclass(frozen=True, slots=True)
class Ran:
    """One simulation: from its submit to its end, and what all processes used meanwhile."""

    simulation_id: UUID
    seconds: float
    calls: int
    used: Meter


def meter(system: System) -> Meter:
    """Return a meter of the product and its servers."""
    servers = {name: (getattr(system, name).pid or 0,) for name in ("postgres", "valkey", "model")}
    workers = tuple(worker.process.pid for worker in system.workers)
    return Meter({"workers": workers, "web": (system.web.process.pid,), **servers})


@asynccontextmanager
async def workers(study: Study, count: int, places: int) -> AsyncIterator[None]:
    """Run workers with so many calls in flight each, warm: the SDK loaded, slow start behind them."""
    system = study.system
    study.questionnaire_id = (await system.post(f"{study.base}/questionnaires", questionnaire(QUESTION)))["id"]
    system.environment["MODEL_MAX_CONCURRENCY"] = str(places)
    system.add_workers(count)
    try:
        await system.configure_model(latency_ms=50)
        for _ in range(2):
            await ended(system, (await study.simulate(8 * places * count, seed=next(SEEDS)))["id"], within_s=120)
        yield
    finally:
        system.end_workers()
        await system.configure_model()


async def ended(system: System, job_id: str, within_s: float) -> dict[str, Any]:
    """Wait for a job's end with no load on the web process, and return it."""
    connection = await asyncpg.connect(asyncpg_url(system.postgres.url))
    try:
        async with asyncio.timeout(within_s):
            while True:
                if await connection.fetchval("SELECT finished_at FROM job WHERE id = $1::uuid", job_id):
                    return await system.finished(job_id)
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def simulate(study: Study, calls: int, latency_s: float) -> Ran:
    """Ask so many respondents one question each of a model that takes its time; every one of them answers."""
    system = study.system
    await system.configure_model(latency_ms=1000 * latency_s)
    with meter(system) as used:
        job = await ended(system, (await study.simulate(calls, seed=next(SEEDS)))["id"], within_s=120)
    simulation_id = UUID(job["result"]["simulation_id"])
    [row] = await system.rows(
        "SELECT extract(epoch FROM finished_at - created_at)::float AS seconds, (SELECT count(*) FROM answer"
        " WHERE simulation_id = $2 AND missing_reason IS NULL) AS answers FROM job WHERE id = $1::uuid",
        job["id"],
        simulation_id,
    )
    assert (job["status"], job["usage"]["calls"], row["answers"]) == ("succeeded", calls, calls)
    return Ran(simulation_id, row["seconds"], job["usage"]["calls"], used)


async def requests_of(study: Study, simulation_id: UUID) -> list[dict[str, Any]]:
    """Return the bodies of the requests that a simulation of one section has made."""
    workspace_id = UUID(study.base.split("/")[2])
    async with db.scope([workspace_id]) as session:
        simulation = await service.get_by_id(session, workspace_id, simulation_id)
        people = await repository.list_respondents(session, workspace_id, simulation_id)
        taking_part = await personas.snapshots(session, workspace_id, service.persona_versions(simulation))
    profiles = {one.persona_id: one.profile for one in taking_part}
    [section] = service.content_of(simulation).sections
    bodies: list[dict[str, Any]] = []
    for one in people:
        voice = Voice(one.number, one.persona_id, one.persona_version, profiles[one.persona_id], one.attributes)
        data = section_input(voice, section, section.questions, (), simulation.language, simulation.seed, {})
        seed = wire_seed(step_seed(simulation.seed, "respondent", one.number, 0, "direct"), 0)
        shape, messages = SURVEY_DIRECT.shape(data), SURVEY_DIRECT.messages(data)
        bodies.append(Dialect().chat_body(SURVEY_DIRECT, shape, messages, model=OFFLINE_MODEL, seed=seed))
    return bodies

"""A simulation of which a part fails, or that is cancelled: what was answered is kept, the rest can be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.db import session as db
from core.jobs import service as jobs_service
from core.jobs.models import Job
from core.llm.contract import Embeddings
from core.llm.errors import ModelRejected
from core.llm.scripted import Asked, ScriptedModel
from core.surveys import outcomes
from core.surveys.models import Simulation
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content, question
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import SINGLE, TEXT, answering, number_of, run, saying
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies
from worker.runner import Runner

RATED = question("likert", key="rated")


class Embedder(ScriptedModel):
    """A model that embeds statements only while it is told to; the anchors it always embeds."""

    def __init__(self, **script: Any) -> None:
        super().__init__({"survey_direct": answering, "survey_statements": saying} | script)
        self.refuses = False

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        """Refuse statements where told to."""
        if self.refuses and any(text.startswith("I think") for text in texts):
            raise ModelRejected("The embedding model is gone.")
        return await super().embed(texts, model=model)


async def retry(runner: Runner, simulation: Simulation, job: Job) -> Job:
    async with db.scope([simulation.workspace_id]) as session:
        await jobs_service.retry(session, job.id)
    return await run(runner, simulation)


async def test_answers_outlive_a_rating_that_fails(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await simulations.submit(workspace_id, content(TEXT, RATED), sample_size=6, method="ssr")
    model = Embedder()
    model.refuses = True
    runner = make_runner(model)
    job = await run(runner, simulation)
    assert job.error is not None
    assert (job.status, job.error["detail"]) == ("failed", "The embedding model is gone.")
    kept = await answers(simulation)
    assert {key for _, key in kept} == {"text"}
    assert len(kept) == 6
    said = len(model.asked)
    model.refuses = False
    assert (await retry(runner, simulation, job)).status == "succeeded"
    assert len(await answers(simulation)) == 12
    assert len(model.asked) == said  # nothing was asked again


async def test_of_a_part_that_fails_the_rest_is_kept_and_a_retry_fills_it(
    workspace_id: UUID, make_runner: MakeRunner
) -> None:
    broken = True

    def script(asked: Asked) -> Any:
        return ModelRejected("The key is wrong.") if broken and number_of(asked) == 25 else answering(asked)

    simulation = await simulations.submit(workspace_id, content(SINGLE), sample_size=45)
    runner = make_runner(Embedder(survey_direct=script))
    job = await run(runner, simulation)
    assert job.error is not None
    assert (job.status, job.error["code"]) == ("failed", "parts_failed")
    assert "The key is wrong." in job.error["detail"]
    given = {number for number, _ in await answers(simulation)}
    assert set(range(1, 46)) - given <= set(range(21, 41))
    assert 25 not in given
    assert not (await simulations.read(simulation)).complete
    async with db.scope([workspace_id]) as session:
        found = await outcomes.read(session, await simulations.read(simulation))
    assert (found.n, found.n_planned, sum(part.n for part in found.personas)) == (len(given), 45, len(given))
    assert 0 < found.n_eff <= len(given)
    assert found.warnings[0].startswith(f"Incomplete: the run failed, and {len(given)} of 45 planned respondents")
    broken = False
    assert (await retry(runner, simulation, job)).status == "succeeded"
    assert len(await answers(simulation)) == 45
    assert (await simulations.read(simulation)).complete
    async with db.scope([workspace_id]) as session:
        found = await outcomes.read(session, await simulations.read(simulation))
    assert (found.n, [one for one in found.warnings if one.startswith("Incomplete")]) == (45, [])


async def test_what_was_said_before_a_cancel_is_rated_and_kept(workspace_id: UUID, make_runner: MakeRunner) -> None:
    waiting = asyncio.Event()

    class Stuck(Embedder):
        async def complete(self, *asked: Any, **over: Any) -> Any:
            """Answer the first four, then hang."""
            if len(self.asked) >= 4:
                waiting.set()
                await asyncio.sleep(60)
            return await super().complete(*asked, **over)

    simulation = await simulations.submit(workspace_id, content(RATED), sample_size=8, method="ssr")
    assert simulation.job_id is not None
    runner = make_runner(Stuck())
    await runner.run(simulation.job_id)
    [shard] = await jobs.children(simulation.job_id)
    running = asyncio.create_task(runner.run(shard.id))
    await asyncio.wait_for(waiting.wait(), 10)
    async with db.scope([workspace_id]) as session:
        await jobs_service.request_cancel(session, simulation.job_id)
    async with db.scope([workspace_id]) as session:
        await jobs_service.cascade_cancel(session, simulation.job_id)
    runner.heartbeat.wake()
    await asyncio.wait_for(running, 10)
    assert (await jobs.read(shard.id)).status == "cancelled"
    assert len(await answers(simulation)) == 4

"""More respondents: nobody is asked twice, and what was there stays whole however the addition ends."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.errors import Invalid
from core.jobs import service as jobs_service
from core.llm.errors import ModelRejected
from core.surveys import service as surveys
from core.surveys.errors import SimulationNotFinished, SimulationStopped
from core.surveys.models import Simulation
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content
from tests.factories.runs import files, respondents, submit_extension, told, work
from tests.factories.simulations import answers
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import EVERY_TYPE, TYPES, model, number_of, one_is, run
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies

N = 12


async def ran(workspace_id: UUID, make_runner: MakeRunner, **options: Any) -> Simulation:
    """Run a simulation of three personas by all methods."""
    options = {"sample_size": N, "method": "auto", "people": 3} | options
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), **options)
    await run(make_runner(model()), simulation)
    return simulation


async def dataset(simulation: Simulation) -> dict[Any, Any]:
    return await answers(simulation, "value, method, probabilities, text, flags, option_order, lineage_id, created_at")


async def test_those_who_are_added_are_asked_and_nobody_else(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    before, people = await dataset(simulation), await respondents(simulation)
    asked = model()
    job = await work(make_runner(asked), await submit_extension(simulation, 9))
    assert (job.status, job.result, job.subject_id) == (
        "succeeded", {"simulation_id": str(simulation.id)}, simulation.id,
    )  # fmt: skip
    each = {number_of(one) for one in asked.asked if one.prompt != "survey_distribution"}
    assert each == set(range(N + 1, N + 10))
    # the cells are those that were asked about before: their distributions are replayed
    assert Counter(one.prompt for one in asked.asked) == {"survey_direct": 9, "survey_statements": 9}
    after = await dataset(simulation)
    assert {key: row for key, row in after.items() if key[0] <= N} == before
    assert set(after) == {(number, key) for number in range(1, N + 10) for key in TYPES}
    shown = await told(simulation)
    assert (shown.sample_size, shown.sizes, shown.complete, shown.extension) == (N + 9, [N, 9], True, None)
    now = await respondents(simulation)
    assert {number: now[number] for number in people} == people
    assert Counter(Counter(row[0] for row in now.values()).values()) == {7: 3}


async def test_the_same_sizes_give_the_same_dataset(workspace_id: UUID, make_runner: MakeRunner) -> None:
    found = []
    for _ in range(2):
        simulation = await ran(workspace_id, make_runner)
        for n in (5, 3):
            await work(make_runner(model()), await submit_extension(simulation, n))
        people = await respondents(simulation)
        places = {one: place for place, one in enumerate(dict.fromkeys(row[0] for _, row in sorted(people.items())))}
        found.append([(number, places[row[0]]) for number, row in sorted(people.items())])
    assert found[0] == found[1]
    assert len(found[0]) == N + 8


async def test_results_do_not_count_who_is_being_added(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    runner = make_runner(model())
    await runner.run(job_id)
    await runner.run((await jobs.children(job_id))[0].id)
    assert await files(simulation) == whole
    shown = await told(simulation)
    assert (shown.status, shown.complete, shown.sample_size) == ("succeeded", True, N)
    assert shown.extension is not None
    assert (shown.extension.n, shown.extension.answering, shown.extension.status) == (6, 6, "running")
    async with db.scope([workspace_id]) as session:
        listed = await surveys.list_for(session, workspace_id, simulation.exploration_id, limit=9, before=None)
        stored = await surveys.get_by_id(session, workspace_id, simulation.id)
        results = await surveys.results(session, stored)
    assert [one.id for one in listed] == [simulation.id]
    assert (results.n, results.n_planned, results.complete) == (N, N, True)


async def test_one_at_a_time(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=N)
    with pytest.raises(SimulationNotFinished):
        await submit_extension(simulation, 1)
    await run(make_runner(model()), simulation)
    await submit_extension(simulation, 1)
    with pytest.raises(SimulationNotFinished):
        await submit_extension(simulation, 1)


async def test_what_was_stopped_is_retried_or_given_up(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner, method="direct")
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    failing = model(survey_direct=one_is(ModelRejected(), N + 2))
    job = await work(make_runner(failing), job_id)
    assert job.status == "failed"
    shown = await told(simulation)
    assert shown.extension is not None
    assert (shown.extension.status, shown.extension.n, shown.complete) == ("failed", 6, True)
    assert await files(simulation) == whole
    again = model()
    await work(make_runner(again), await submit_extension(simulation, 6))
    # what was paid for is remembered
    assert len(again.asked) < 6
    assert (await told(simulation)).sizes == [N, 6]
    async with db.scope([workspace_id]) as session:
        await jobs_service.retry(session, job_id)
    job = await work(make_runner(model()), job_id)
    assert (job.status, (job.error or {})["code"]) == ("failed", "simulation_not_found")
    assert (await told(simulation)).sizes == [N, 6]


async def test_a_cancelled_addition_changes_nothing(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    whole = await files(simulation)
    job_id = await submit_extension(simulation, 6)
    async with db.scope([workspace_id]) as session:
        await jobs_service.request_cancel(session, job_id)
    assert await files(simulation) == whole
    shown = await told(simulation)
    assert (shown.extension and shown.extension.status, shown.sample_size) == ("cancelled", N)
    async with db.scope([workspace_id]) as session:
        await jobs_service.retry(session, job_id)
    assert (await work(make_runner(model()), job_id)).status == "succeeded"
    assert (await told(simulation)).sample_size == N + 6


async def test_a_simulation_that_was_stopped_is_not_extended(workspace_id: UUID) -> None:
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=N)
    assert simulation.job_id is not None
    async with db.scope([workspace_id]) as session:
        await jobs_service.request_cancel(session, simulation.job_id)
    with pytest.raises(SimulationStopped):
        await submit_extension(simulation, 1)


async def test_there_are_never_more_than_a_simulation_may_have(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await ran(workspace_id, make_runner)
    with pytest.raises(Invalid) as refused:
        await submit_extension(simulation, 50_000)
    assert refused.value.errors[0].loc == ("body", "n")

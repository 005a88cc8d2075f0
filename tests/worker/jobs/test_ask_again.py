"""A part of the respondents is asked again: kept apart, replayed when a shard is tried again, in no dataset."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from core.db import session as db
from core.llm.errors import ModelUnavailable
from core.llm.scripted import Asked
from core.surveys import retests
from core.surveys.models import Simulation
from core.surveys.retest import people_again
from tests.factories import jobs, simulations
from tests.factories.questionnaires import content, question
from tests.factories.simulations import PARAMETERS, answers
from tests.fixtures.jobs import new_workspace
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import answering, model, number_of, run

N, AGAIN = 50, 30
ASKED = content(question("nps", key="mood"), question("likert", key="agree"), question("open_ended", key="why"))
TWICE = PARAMETERS | {"retest_share": 0.1}

pytestmark = pytest.mark.usefixtures("job_database")


async def submitted(parameters: dict[str, Any], method: str = "direct") -> Simulation:
    """Submit a simulation in a workspace of its own, so that nothing was paid for before."""
    return await simulations.submit(
        await new_workspace(), ASKED, sample_size=N, method=method, parameters=parameters, people=2
    )


async def said_again(simulation: Simulation) -> dict[tuple[int, str], Any]:
    """Return what was said when asked again, by respondent and question."""
    query = "SELECT respondent_number, question_key, value FROM retest_answer WHERE simulation_id = :id"
    async with db.scope([simulation.workspace_id]) as session:
        rows = list(await session.execute(text(query), {"id": simulation.id}))
    return {(row[0], row[1]): row[2] for row in rows}


async def test_the_dataset_is_the_same_whether_somebody_is_asked_again_or_not(make_runner: MakeRunner) -> None:
    found = []
    for parameters in (TWICE, PARAMETERS):
        simulation = await submitted(parameters)
        job = await run(make_runner(model()), simulation)
        assert job.status == "succeeded"
        assert job.progress_done == job.progress_total
        found.append((await answers(simulation), await said_again(simulation)))
    (first, again), (other, none) = found
    assert first == other
    assert none == {}
    assert {number for number, _ in again} == people_again(7, N, 0.1)
    assert {key for _, key in again} == {"mood", "agree"}
    assert any(first[who][0] != value for who, value in again.items())


async def test_who_is_asked_again_remembers_nothing_and_has_a_seed_of_its_own(make_runner: MakeRunner) -> None:
    asked = model()
    await run(make_runner(asked), await submitted(TWICE))
    calls = Counter(number_of(one) for one in asked.asked)
    assert Counter(calls.values()) == {1: N - AGAIN, 2: AGAIN}
    assert len({one.seed for one in asked.asked}) == len(asked.asked) == N + AGAIN
    assert all(not one.data.earlier_answers for one in asked.asked)  # type: ignore[attr-defined]


async def test_a_shard_tried_again_pays_for_nobody_twice(make_runner: MakeRunner) -> None:
    failures = [ModelUnavailable()]

    def script(one: Asked) -> Any:
        keys = [asked.key for asked in one.data.section.questions]  # type: ignore[attr-defined]
        return failures.pop() if "why" not in keys and failures else answering(one)

    simulation = await submitted(TWICE)
    asked = model(survey_direct=script)
    runner = make_runner(asked)
    job = await run(runner, simulation)
    [shard] = [one for one in await jobs.children(job.id) if one.status == "retry_wait"]
    await jobs.change(shard.id, next_attempt_at="now() - interval '1 second'")
    await runner.run(shard.id)
    await runner.run(job.id)
    assert (await jobs.read(job.id)).status == "succeeded"
    assert len(await said_again(simulation)) == 2 * AGAIN
    assert sum(count > 1 for count in Counter(one.seed for one in asked.asked).values()) == 1


async def test_statements_said_again_are_rated_and_compared_by_what_they_mean(make_runner: MakeRunner) -> None:
    simulation = await submitted(TWICE, "ssr")
    await run(make_runner(model()), simulation)
    async with db.scope([simulation.workspace_id]) as session:
        told = await retests.read(session, simulation)
    found = {one.key: one for one in told.questions}
    assert (found["mood"].n, found["agree"].n, told.respondents, told.share) == (AGAIN, AGAIN, AGAIN, 0.1)
    assert found["why"].reason == "type"
    assert {found[key].coefficient or found[key].reason for key in ("mood", "agree")} <= {"icc", "no_variation"}

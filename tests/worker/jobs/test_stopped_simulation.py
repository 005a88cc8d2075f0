"""A simulation whose budget ends it keeps what was answered, says what is missing, and goes on where it stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.jobs import service
from core.jobs.models import Job
from core.llm.contract import Completion, Embeddings
from core.llm.errors import BudgetExhausted, PriceUnknown, SpendingRefused
from core.llm.scripted import ScriptedModel
from core.surveys import outcomes
from core.surveys import service as surveys
from core.surveys.models import Simulation
from tests.factories import simulations
from tests.factories.questionnaires import content, question
from tests.factories.simulations import answers
from tests.fixtures.jobs import new_workspace
from tests.fixtures.runners import MakeRunner
from tests.worker.jobs.test_run_simulation import EVERY_TYPE, TYPES, answering, estimating, run, saying
from worker.jobs import all as _bodies  # noqa: F401 - registers the bodies
from worker.runner import Runner

N = 25
SPENT = {"which": "day", "limit_usd": 2.0, "spent_usd": 1.5, "next_call_usd": 0.75}


class Purse(ScriptedModel):
    """A model that answers so many questions, embeddings included; then the budget is used up."""

    def __init__(self, calls: int, refusal: Callable[[], SpendingRefused]) -> None:
        script = {"survey_direct": answering, "survey_statements": saying, "survey_distribution": estimating}
        super().__init__(script)
        self.calls, self.refusal = calls, refusal

    def pay(self) -> None:
        if not self.calls:
            raise self.refusal()
        self.calls -= 1

    async def complete(self, *asked: Any, **over: Any) -> Completion[Any]:
        """Answer while there is money."""
        self.pay()
        await asyncio.sleep(0.001)  # others are under way meanwhile
        return await super().complete(*asked, **over)

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        """Embed while there is money."""
        self.pay()
        return await super().embed(texts, model=model)


def used_up() -> SpendingRefused:
    return BudgetExhausted("It is used up.", budget=SPENT)


async def retry(runner: Runner, simulation: Simulation, job: Job) -> Job:
    async with db.scope([simulation.workspace_id]) as session:
        await service.retry(session, job.id)
    return await run(runner, simulation)


async def shown(simulation: Simulation) -> Counter[str | None]:
    """Count the answers in a simulation's responses by their missing_reason; they agree with the results."""
    async with db.scope([simulation.workspace_id]) as session:
        stored = await surveys.get_by_id(session, simulation.workspace_id, simulation.id)
        rows = await surveys.list_responses(session, stored, after=0, limit=1000)
        results = await outcomes.read(session, stored)
    found = Counter(answer.missing_reason for row in rows for answer in row.answers.values())
    told: Counter[str | None] = Counter()
    for asked in results.questions:
        told.update(asked.missing)
        told[None] += asked.n
    assert +told == +found
    return found


# All calls: the anchors, 6 distributions, 25 direct, 25 statements and their ratings.
@pytest.mark.parametrize("calls", [0, 1, 30, 56])
async def test_wherever_it_stops_a_retry_makes_the_same_data_and_pays_for_the_rest(
    workspace_id: UUID, make_runner: MakeRunner, calls: int
) -> None:
    simulation = await simulations.submit(workspace_id, content(*EVERY_TYPE), sample_size=N, method="auto")
    model = Purse(calls, used_up)
    runner = make_runner(model)
    job = await run(runner, simulation)
    assert job.error is not None
    assert (job.status, job.error["code"], job.error["budget"]) == ("failed", "budget_exhausted", SPENT)
    assert job.attempt == 1
    assert model.calls == 0
    given = await answers(simulation)
    assert {reason for _, _, reason in given.values()} <= {None}
    assert (len(given) > 0) is (calls >= 30)
    counted = await shown(simulation)
    assert +counted == +Counter({None: len(given), "budget": N * len(TYPES) - len(given)})
    assert not (await simulations.read(simulation)).complete

    model.calls = 1000
    ended = await retry(runner, simulation, job)
    assert (ended.status, (await simulations.read(simulation)).complete) == ("succeeded", True)
    assert await shown(simulation) == {None: N * len(TYPES)}
    asked = Counter((one.prompt, one.seed, one.draw) for one in model.asked)
    assert set(asked.values()) == {1}


async def test_the_data_is_that_of_a_run_that_was_never_stopped(job_database: None, make_runner: MakeRunner) -> None:
    found = []
    for calls in (1000, 40):
        simulation = await simulations.submit(
            await new_workspace(), content(*EVERY_TYPE), sample_size=N, method="auto", people=2
        )
        model = Purse(calls, used_up)
        runner = make_runner(model)
        job = await run(runner, simulation)
        if job.status == "failed":
            model.calls = 1000
            await retry(runner, simulation, job)
        found.append(await answers(simulation, "value, probabilities, text"))
    assert found[0] == found[1]


async def test_a_price_that_is_gone_is_told_and_retried_likewise(workspace_id: UUID, make_runner: MakeRunner) -> None:
    simulation = await simulations.submit(workspace_id, content(question("open_ended", key="text")), sample_size=3)
    model = Purse(0, lambda: PriceUnknown("There is no price of m."))
    runner = make_runner(model)
    job = await run(runner, simulation)
    assert job.error is not None
    assert (job.status, job.error["code"], job.error["detail"]) == (
        "failed",
        "price_unknown",
        "There is no price of m.",
    )
    assert await shown(simulation) == {"budget": 3}
    model.calls = 1000
    assert (await retry(runner, simulation, job)).status == "succeeded"

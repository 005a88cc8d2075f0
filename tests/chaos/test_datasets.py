"""The same seed and inputs give the same bytes: on one worker or four, killed or not, by every method, with logic."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.factories.questionnaires import question
from tests.fixtures.system import Study, System, new_study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
N = 60
EXTENSION = 25
METHODS = ("auto", "direct", "distribution", "ssr")
BRANDS = ["Tata", "Tesla", "None of these", "Other"]
FIRST = [
    question(key="owns", text="Do you own a car?", options=["Yes", "No"]),
    question("multiple_choice", key="knows", text="Which do you know?", options=BRANDS, randomise=True),
    question("likert", key="glad", text="Are you satisfied with your life?"),
]
SECOND = [
    question(key="brand", text="Which brand is it?", options=BRANDS, randomise=True, show_if='owns == "1"'),
    question("open_ended", key="why", text="Why {{brand}}?"),
    question("nps", key="nps", text="Would you recommend it?", show_if='owns == "1"'),
    question("numeric", key="trips", text="How many trips a week?", scale={"min": 0, "max": 30}),
    question("likert", key="walks", text="I like to walk.", show_if='owns == "2"'),
]
SECTIONS = [{"title": "You", "questions": FIRST}, {"title": "Your car", "questions": SECOND}]


@pytest.fixture
async def study(system: System) -> Study:
    """A study whose questionnaire has every kind of reply, orders by lot, display logic and piping."""
    system.end_workers()
    await system.configure_model(latency_ms=30)
    made = await new_study(system)
    body = {"title": "Cars", "sections": SECTIONS}
    made.questionnaire_id = (await system.post(f"{made.base}/questionnaires", body))["id"]
    return made


async def forget(system: System) -> None:
    """Forget what was answered, so that it is asked again."""
    await system.rows("DELETE FROM llm_answer")


async def ended(study: Study, job: dict[str, Any], kills: int) -> str:
    """Kill workers while a job goes on; return the simulation's id once it has succeeded."""
    system, rng = study.system, random.Random(7)
    for kill in range(kills):
        await system.reach(job["id"], 10 + 25 * kill)
        await asyncio.sleep(rng.uniform(0, 0.2))
        system.workers.pop(0).kill()
        system.add_workers()
    done = await system.finished(job["id"])
    assert done["status"] == "succeeded", done
    return str(done["subject_id"])


async def files(study: Study, simulation_id: str) -> list[str]:
    return [await study.export(simulation_id, format_) for format_ in ("csv", "jsonl")]


@pytest.mark.parametrize("method", METHODS)
async def test_one_worker_or_four_killed_or_not(study: Study, method: str) -> None:
    system = study.system
    found = []
    for workers, kills in ((1, 0), (4, 0), (4, 3)):
        await forget(system)
        system.add_workers(workers)
        simulation_id = await ended(study, await study.simulate(N, method=method), kills)
        first = await files(study, simulation_id)
        job = await system.post(f"{study.base}/simulations/{simulation_id}/extend", {"n": EXTENSION})
        if kills:
            await system.reach(job["id"], 5)
            system.workers.pop(0).kill()
            assert await files(study, simulation_id) == first  # nobody of the addition yet
            system.add_workers()
        await ended(study, job, 0)
        whole = await files(study, simulation_id)
        assert whole[1].splitlines()[:N] == first[1].splitlines()
        assert len(whole[1].splitlines()) == N + EXTENSION
        found.append(whole)
        system.end_workers()
    assert found[0] == found[1] == found[2]

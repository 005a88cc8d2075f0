"""What a simulation says of questions that were not answered: reasons are kept, and nothing at all is no success."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from core.embedded.model import OfflineModel
from tests.factories.questionnaires import question
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]
N = 20
KEYS = {"choice", "scale"}


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study with two questions that every method can ask."""
    return await new_study(
        client, question("single_choice", key="choice", text="Better off?"), question("likert", key="scale")
    )


@pytest.fixture
async def model(offline_model: OfflineModel) -> AsyncIterator[httpx.AsyncClient]:
    """The model's switches, set back when the test is over."""
    async with httpx.AsyncClient(base_url=offline_model.origin) as http:
        yield http
        await http.delete("/config")


async def simulate(client: httpx.AsyncClient, study: Study, **members: Any) -> Json:
    """Simulate and return the job's end."""
    answer = await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=N, **members))
    return await finished(client, answer.json())


@pytest.mark.parametrize("method", ["direct", "ssr", "distribution"])
async def test_a_run_without_a_single_answer_fails_and_says_why(
    client: httpx.AsyncClient, model: httpx.AsyncClient, study: Study, method: str
) -> None:
    await model.post("/config", json={"rate_refusal": 1.0})
    job = await simulate(client, study, method=method, seed=41)
    assert (job["status"], job["error"]["code"], job["result"]) == ("failed", "no_answers", None)
    assert f"{N * len(KEYS)} refused" in job["error"]["detail"]
    place = f"{study.base}/simulations/{job['subject_id']}"
    results = (await client.get(f"{place}/results")).json()
    assert (results["status"], results["complete"], results["n"]) == ("failed", False, 0)
    assert results["n_planned"] == N
    assert (
        results["warnings"][0]
        == f"Incomplete: the run failed, and 0 of {N} planned respondents answered at least one question."
    )
    for asked in results["questions"]:
        assert (asked["n"], asked["missing"], asked["mean"]) == (0, {"refused": N}, None)
    rows = (await client.get(f"{place}/responses", params={"limit": 200})).json()["items"]
    assert len(rows) == N
    for row in rows:
        assert {key: answer["missing_reason"] for key, answer in row["answers"].items()} == dict.fromkeys(
            KEYS, "refused"
        )
    assert (await client.get(f"{place}/export")).text.count("\n") == N + 1
    report = await client.post(f"{study.base}/reports", json={"kind": "survey", "simulation_id": job["subject_id"]})
    assert (await finished(client, report.json()))["status"] == "succeeded"
    retried = await client.post(f"/jobs/{job['id']}/retry")
    again = await finished(client, retried.json())
    assert (again["error"], again["usage"]) == (job["error"], job["usage"])  # asks nobody a second time


async def test_a_run_with_some_refusals_is_complete_and_counts_them(
    client: httpx.AsyncClient, model: httpx.AsyncClient, study: Study
) -> None:
    await model.post("/config", json={"rate_refusal": 0.5})
    job = await simulate(client, study, method="direct", seed=42)
    assert job["status"] == "succeeded"
    results = (await client.get(f"{study.base}/simulations/{job['subject_id']}/results")).json()
    assert results["complete"] is True
    for asked in results["questions"]:
        assert 0 < asked["n"] < N
        assert asked["missing"] == {"refused": N - asked["n"]}

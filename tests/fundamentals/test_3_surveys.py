"""A simulation can be repeated, recounted and explained, and says what answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from core.embedded.model import OfflineModel
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]
CHOICES = ("single_choice", "likert", "nps")


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """Two personas and a questionnaire with a question of each type."""
    return await new_study(client)


@pytest.fixture
async def broken_model(offline_model: OfflineModel) -> AsyncIterator[None]:
    """A model whose every reply is no valid answer, until the test is over."""
    async with httpx.AsyncClient(base_url=offline_model.origin) as http:
        (await http.post("/config", json={"rate_invalid_json": 1.0})).raise_for_status()
        yield
        await http.delete("/config")


async def simulate(client: httpx.AsyncClient, study: Study, **members: Any) -> str:
    """Simulate a dozen respondents and return the simulation's address."""
    body = study.simulation(sample_size=12, **members)
    job = await finished(client, (await client.post(f"{study.base}/simulations", json=body)).json())
    return f"{study.base}/simulations/{job['subject_id']}"


async def responses(client: httpx.AsyncClient, simulation: str) -> list[Json]:
    found: list[Json] = (await client.get(f"{simulation}/responses", params={"limit": 200})).json()["items"]
    return found


async def test_a_seed_fixes_the_respondents(client: httpx.AsyncClient, study: Study) -> None:
    one, same, other = [await simulate(client, study, seed=seed) for seed in (5, 5, 6)]
    assert await responses(client, one) == await responses(client, same)
    assert await responses(client, one) != await responses(client, other)


async def test_every_number_is_recounted_from_the_responses(client: httpx.AsyncClient, study: Study) -> None:
    simulation = await simulate(client, study)
    given = [row["answers"] for row in await responses(client, simulation)]
    questions = (await client.get(f"{simulation}/results")).json()["questions"]
    for question in (q for q in questions if q["key"] in CHOICES):
        counts = Counter(str(answers[question["key"]]["value"]) for answers in given)
        assert {option["code"]: option["count"] for option in question["options"] if option["count"]} == counts


@pytest.mark.usefixtures("broken_model")
async def test_a_missing_answer_has_a_reason(client: httpx.AsyncClient, study: Study) -> None:
    simulation = await simulate(client, study, seed=99, method="direct")
    for row in await responses(client, simulation):
        assert {answer["missing_reason"] for answer in row["answers"].values()} == {"invalid"}
    for question in (await client.get(f"{simulation}/results")).json()["questions"]:
        assert (question["n"], question["missing"]) == (0, {"invalid": 12})


async def test_a_demonstration_says_so_everywhere(client: httpx.AsyncClient, study: Study) -> None:
    made = await client.post(f"{study.base}/personas/auto-generate", json={"count": 1, "seed": 1})
    [persona_id] = (await finished(client, made.json()))["result"]["persona_ids"]
    simulation = await simulate(client, study)
    body = {"kind": "survey", "formats": ["pdf"], "simulation_id": simulation.rpartition("/")[2]}
    report = await finished(client, (await client.post(f"{study.base}/reports", json=body)).json())
    for place in (
        f"{study.base}/personas/{persona_id}",
        f"{simulation}/results",
        f"{study.base}/reports/{report['subject_id']}",
    ):
        assert (await client.get(place)).json()["demonstration"] is True, place
    header, first = (await client.get(f"{simulation}/export")).text.splitlines()[:2]
    assert dict(zip(header.split(","), first.split(","), strict=False))["demonstration"] == "true"

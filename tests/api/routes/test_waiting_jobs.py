"""A model that asks for patience: who looks at the job sees until when it waits, and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.embedded.model import OfflineModel
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker", "busy_model")
Json = dict[str, Any]
ASKED_S = 200


@pytest.fixture
async def busy_model(offline_model: OfflineModel) -> AsyncIterator[None]:
    """A model that refuses every request and asks for some minutes of patience, until the test is over."""
    async with httpx.AsyncClient(base_url=offline_model.origin) as http:
        (await http.post("/config", json={"rate_429": 1.0, "retry_after_s": ASKED_S})).raise_for_status()
        yield
        await http.delete("/config")


@pytest.fixture
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


async def once(client: httpx.AsyncClient, job_id: str, fits: Callable[[Json], bool]) -> Json:
    """Return a job as soon as it fits."""
    async with asyncio.timeout(60):
        while True:
            job: Json = (await client.get(f"/jobs/{job_id}", params={"wait": 2})).json()
            if fits(job):
                return job


def check_wait(job: Json) -> None:
    """Assert that a job says that it waits as long as the model asked, and that the model is the reason."""
    until = datetime.fromisoformat(job["next_attempt_at"])
    assert timedelta(seconds=ASKED_S - 60) < until - datetime.now(UTC) <= timedelta(seconds=ASKED_S + 1)
    said, _, reason = job["progress"]["message"].partition("Z: ")
    assert said == f"Waiting until {until:%Y-%m-%dT%H:%M:%S}"
    assert "429 Too Many Requests" in reason
    assert job["error"] is None


async def test_a_waiting_job_says_until_when_and_why(client: httpx.AsyncClient, study: Study) -> None:
    answer = await client.post(f"{study.base}/personas/auto-generate", json={"count": 1, "seed": 5})
    job = await once(client, answer.json()["id"], lambda job: job["next_attempt_at"] is not None)
    assert (job["status"], job["attempt"]) == ("queued", 0)
    check_wait(job)
    [attempt] = (await client.get(f"/jobs/{job['id']}/attempts")).json()["items"]
    assert (attempt["attempt"], attempt["outcome"], attempt["error"]["code"]) == (1, "snoozed", "model_paused")
    await client.post(f"/jobs/{job['id']}/cancel")
    ended = await finished(client, job)
    assert (ended["status"], ended["next_attempt_at"]) == ("cancelled", None)


async def test_a_simulation_whose_shards_wait_says_so(client: httpx.AsyncClient, study: Study) -> None:
    answer = await client.post(f"{study.base}/simulations", json=study.simulation(method="direct", seed=31))
    job = await once(client, answer.json()["id"], lambda job: job["next_attempt_at"] is not None)
    assert (job["status"], job["attempt"]) == ("running", 1)
    check_wait(job)
    for shard in (await client.get(f"/jobs/{job['id']}/children")).json()["items"]:
        assert shard["status"] == "queued"
        check_wait(shard)
    await client.post(f"/jobs/{job['id']}/cancel")
    assert (await finished(client, job))["status"] == "cancelled"

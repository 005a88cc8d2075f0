"""A model that fails for a while: a simulation waits, visibly, and goes on by itself without having lost an attempt."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from core.embedded.model import OfflineModel
from tests.core.llm.conftest import configured
from tests.factories.studies import new_study
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]


async def waiting(client: httpx.AsyncClient, job_id: str) -> Json:
    """Return a job as soon as it waits."""
    async with asyncio.timeout(60):
        while True:
            job: Json = (await client.get(f"/jobs/{job_id}", params={"wait": 2})).json()
            if job["next_attempt_at"] is not None:
                return job


async def test_a_simulation_outlasts_an_outage_without_using_up_an_attempt(
    client: httpx.AsyncClient, offline_model: OfflineModel
) -> None:
    study = await new_study(client)
    async with configured(offline_model, rate_500=1.0) as stats:
        answer = await client.post(f"{study.base}/simulations", json=study.simulation(method="direct", seed=77))
        job = await waiting(client, answer.json()["id"])
        assert "fails (HTTP 500 Internal Server Error)" in job["progress"]["message"]
        in_vain = sum((await stats())["requests"].values())
    ended = await finished(client, job)
    assert (ended["status"], ended["attempt"]) == ("succeeded", 1)
    for shard in (await client.get(f"/jobs/{job['id']}/children")).json()["items"]:
        runs = (await client.get(f"/jobs/{shard['id']}/attempts")).json()["items"]
        assert {run["attempt"] for run in runs} == {1}
        assert "snoozed" in {run["outcome"] for run in runs}
    assert in_vain <= 40

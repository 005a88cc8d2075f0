"""A receiver is told how a study gets on, once and in order, and can tell that it is us."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.fixtures.receiver import Receiver
from tests.fixtures.system import System, new_study, running_system

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
async def product() -> AsyncIterator[System]:
    """The product with a worker, whose receivers may be local."""
    async with running_system(WEBHOOK_ALLOW_PRIVATE="true") as running:
        running.add_workers()
        yield running


async def test_a_study_is_told_as_it_gets_on(product: System, receiver: Receiver) -> None:
    study = await new_study(product)
    workspace = study.base.rpartition("/explorations/")[0]
    hook = await product.post(
        f"{workspace}/webhooks", {"url": receiver.url, "event_types": ["*", "job.progress"], "description": "ours"}
    )
    secret = await product.post(f"{workspace}/webhook-secret/rotate", {})
    job = await study.simulate(3, job={"callback_url": f"{receiver.url}/back"})
    await product.finished(job["id"])
    await receiver.has(3)
    while not {("/hook/back", "job.succeeded"), ("/hook", "simulation.completed")} <= {
        (got.path, json.loads(got.body)["type"]) for got in receiver.got
    }:
        await receiver.has(len(receiver.got) + 1)

    told = [got.verified(hook["secret"]) for got in receiver.got if got.path == "/hook"]
    about = [one for one in told if one["data"]["job_id"] == job["id"]]
    types = [one["type"] for one in about if one["type"] != "job.progress"]
    assert types == ["job.succeeded", "simulation.completed"]
    sequences = [one["data"]["sequence"] for one in about]
    assert sequences == sorted(set(sequences))
    assert about[0]["data"]["links"]["job"].endswith(f"/jobs/{job['id']}")

    [back] = [got for got in receiver.got if got.path == "/hook/back"]
    assert back.verified(secret["secret"])["type"] == "job.succeeded"
    async with asyncio.timeout(20):  # what a receiver has got is noted a moment later
        while await statuses(product, workspace, job["id"]) != {"delivered"}:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.1)


async def statuses(product: System, workspace: str, job_id: str) -> set[str]:
    """Return how the deliveries about a job stand."""
    shown = await product.get(f"{workspace}/webhooks/deliveries", job_id=job_id, limit=200)
    return {one["status"] for one in shown["items"]}

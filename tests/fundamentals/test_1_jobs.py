"""Begin here. Work is a job: submitted, done once, and nobody else's business."""

from __future__ import annotations

import httpx
import pytest

from tests.factories.studies import Study, new_study
from tests.factories.users import log_in, make_user
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """Two personas and a questionnaire."""
    return await new_study(client)


async def test_work_is_accepted_at_once_and_finishes_later(client: httpx.AsyncClient, study: Study) -> None:
    accepted = await client.post(f"{study.base}/simulations", json=study.simulation())
    assert accepted.status_code == 202
    job = await finished(client, accepted.json())
    assert job["status"] == "succeeded"
    simulation = (await client.get(f"{study.base}/simulations/{job['result']['simulation_id']}")).json()
    assert simulation["status"] == "succeeded"


async def test_the_same_idempotency_key_makes_one_job(client: httpx.AsyncClient, study: Study) -> None:
    twice = [
        await client.post(
            f"{study.base}/simulations", json=study.simulation(seed=3), headers={"Idempotency-Key": "order-1"}
        )
        for _ in range(2)
    ]
    first, again = (answer.json()["id"] for answer in twice)
    assert first == again


async def test_a_parent_waits_for_its_shards_and_ends_once(client: httpx.AsyncClient, study: Study) -> None:
    submitted = await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=60, method="direct"))
    job = await finished(client, submitted.json())
    shards = (await client.get(f"/jobs/{job['id']}/children")).json()["items"]
    assert len(shards) > 1
    assert max(shard["finished_at"] for shard in shards) <= job["finished_at"]
    runs = (await client.get(f"/jobs/{job['id']}/attempts")).json()["items"]
    assert [run["outcome"] for run in runs] == ["fanned_out", "succeeded"]
    assert job["usage"]["calls"] == sum(shard["usage"]["calls"] for shard in shards)


async def test_to_an_outsider_none_of_it_exists(client: httpx.AsyncClient, study: Study) -> None:
    job = (await client.post(f"{study.base}/simulations", json=study.simulation())).json()
    stranger = await log_in(client, await make_user())
    for path in (study.workspace, study.base, f"{study.base}/simulations", f"/jobs/{job['id']}"):
        assert (await client.get(path)).status_code == 200
        assert (await client.get(path, headers=stranger)).status_code == 404

"""Pausing over HTTP, with a worker that goes on as soon as it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.embedded.model import OfflineModel
from core.settings import OFFLINE_MODEL
from tests.core.llm.conftest import configured
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished
from tests.fixtures.system import WorkerHandle

Json = dict[str, Any]
REASON = "The provider has an incident."


@pytest.fixture(autouse=True)
async def _nothing_stays_paused(client: httpx.AsyncClient) -> AsyncIterator[None]:
    yield
    for one in (await client.get("/admin/pauses", params={"limit": 200})).json()["items"]:
        await client.delete(f"/admin/pauses/{one['id']}")


@pytest.fixture
async def study(client: httpx.AsyncClient) -> Study:
    return await new_study(client)


async def pause(client: httpx.AsyncClient, scope: str, value: str) -> str:
    """Pause something and return the pause's address."""
    made = await client.post("/admin/pauses", json={"scope": scope, "value": value, "reason": REASON})
    assert made.status_code == 201, made.text
    return made.headers["Location"]


async def generate(client: httpx.AsyncClient, study: Study) -> Json:
    """Submit a job."""
    answer = await client.post(f"{study.base}/personas/auto-generate", json={"count": 1, "seed": 5})
    assert answer.status_code == 202, answer.text
    job: Json = answer.json()
    return job


async def said(client: httpx.AsyncClient, job: Json, text: str) -> Json:
    """Return a job once its message has a text."""
    async with asyncio.timeout(20):
        while True:
            read: Json = (await client.get(f"/jobs/{job['id']}")).json()
            if text in read["progress"]["message"]:
                return read
            assert not read["done"], read
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("scope", ["kind", "workspace", "model"])
async def test_a_job_waits_says_why_and_goes_on_when_resumed(
    client: httpx.AsyncClient, worker: WorkerHandle, study: Study, scope: str
) -> None:
    value = {"kind": "personas.generate", "workspace": study.workspace_id, "model": OFFLINE_MODEL}[scope]
    address = await pause(client, scope, value)
    await asyncio.sleep(1.5 if scope == "model" else 0)  # a worker looks once a second
    job = await said(client, await generate(client, study), REASON)
    assert (job["status"], job["attempt"], job["usage"]["calls"]) == ("queued", 0, 0)
    await asyncio.sleep(1.5)
    assert (await client.get(f"/jobs/{job['id']}")).json()["status"] == "queued"
    assert (await client.delete(address)).status_code == 204
    ended = await finished(client, job, within_s=45)
    assert (ended["status"], ended["attempt"]) == ("succeeded", 1)


async def test_other_workspaces_are_served_meanwhile(
    client: httpx.AsyncClient, worker: WorkerHandle, study: Study
) -> None:
    await pause(client, "workspace", study.workspace_id)
    held = await generate(client, study)
    other = await finished(client, await generate(client, await new_study(client)), within_s=45)
    assert other["status"] == "succeeded"
    assert (await client.get(f"/jobs/{held['id']}")).json()["status"] == "queued"
    assert (await client.post(f"/jobs/{held['id']}/cancel")).json()["status"] == "cancelled"


@pytest.mark.parametrize(("scope", "people", "latency_ms"), [("workspace", 600, 100), ("model", 300, 400)])
async def test_a_simulation_stops_in_mid_run_and_pays_for_nothing_twice(
    client: httpx.AsyncClient,
    worker: WorkerHandle,
    study: Study,
    offline_model: OfflineModel,
    scope: str,
    people: int,
    latency_ms: float,
) -> None:
    value = {"workspace": study.workspace_id, "model": OFFLINE_MODEL}[scope]
    async with configured(offline_model, latency_ms=latency_ms) as stats:
        body = study.simulation(sample_size=people, method="direct")
        job = (await client.post(f"{study.base}/simulations", json=body)).json()
        async with asyncio.timeout(30):
            while not job["usage"]["calls"]:
                job = (await client.get(f"/jobs/{job['id']}", params={"wait": 5})).json()
        address = await pause(client, scope, value)
        stopped = await said(client, job, REASON)
        assert (stopped["status"], stopped["done"]) == ("running", False)
        asked = (await stats())["requests"]
        await asyncio.sleep(2.5)
        assert (await stats())["requests"] == asked
        await client.delete(address)
        async with httpx.AsyncClient(base_url=offline_model.origin) as http:
            await http.delete("/config")  # quick from here on
        ended = await finished(client, job)
        assert (ended["status"], ended["progress"]["done"]) == ("succeeded", ended["progress"]["total"])
        children = (await client.get(f"/jobs/{job['id']}/children", params={"limit": 200})).json()["items"]
        assert {child["attempt"] for child in children} == {1}
        assert ended["usage"]["calls"] == sum((await stats())["requests"].values())


async def test_pauses_are_listed_and_on_record(client: httpx.AsyncClient, workspace: Json) -> None:
    addresses = [await pause(client, "workspace", workspace["id"]), await pause(client, "model", "some-model")]
    read = [(await client.get(address)).json() for address in addresses]
    assert (await client.get("/admin/pauses")).json()["items"] == read[::-1]
    assert (read[0]["scope"], read[0]["value"], read[0]["reason"]) == ("workspace", workspace["id"], REASON)
    assert read[0]["created_by_id"] == (await client.get("/auth/me")).json()["id"]
    assert (await client.get("/admin/dashboard")).json()["pauses"] == 2
    await client.delete(addresses[0])
    entries = (await client.get(f"/workspaces/{workspace['id']}/audit-log")).json()["items"]
    actions = [one["action"] for one in entries if one["action"].endswith(("paused", "resumed"))]
    assert actions == ["workspace.resumed", "workspace.paused"]
    again = await client.delete(addresses[0])
    assert (again.status_code, again.json()["code"]) == (404, "pause_not_found")


async def test_what_is_paused_already_is_told(client: httpx.AsyncClient, workspace: Json) -> None:
    await pause(client, "workspace", workspace["id"])
    body = {"scope": "workspace", "value": workspace["id"].upper(), "reason": "Again."}
    refused = await client.post("/admin/pauses", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_paused")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"scope": "planet"}, "scope"),
        ({"scope": "workspace", "value": "mine"}, "value"),
        ({"scope": "workspace", "value": str(uuid4())}, "value"),
        ({"value": "two words"}, "value"),
        ({"value": ""}, "value"),
        ({"reason": " "}, "reason"),
        ({"reason": None}, "reason"),
        ({"until": "tomorrow"}, "until"),
    ],
)
async def test_what_cannot_be_paused_is_named(client: httpx.AsyncClient, body: Json, place: str) -> None:
    whole = {"scope": "kind", "value": "personas.generate", "reason": "A test."} | body
    refused = await client.post("/admin/pauses", json=whole)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["body", place]


async def test_a_kind_that_is_misspelt_is_refused_with_those_there_are(client: httpx.AsyncClient) -> None:
    refused = await client.post("/admin/pauses", json={"scope": "kind", "value": "simulation.run", "reason": "A test."})
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["loc"]) == (422, ["body", "value"])
    assert "simulations.run" in error["msg"]

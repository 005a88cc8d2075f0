"""Deleting an exploration ends its jobs, and nothing new starts in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from core.db import session as db
from core.embedded.model import OfflineModel
from core.explorations import service as explorations
from tests.factories import bodies, jobs
from tests.factories.studies import Study, new_study, stored
from tests.fixtures.api import finished

Json = dict[str, Any]


@pytest.fixture
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture
async def patient_model(offline_model: OfflineModel) -> AsyncIterator[None]:
    """The model takes a minute for each answer, so that no job ends by itself."""
    async with httpx.AsyncClient(base_url=offline_model.origin) as http:
        (await http.post("/config", json={"latency_ms": 60_000})).raise_for_status()
        yield
        await http.delete("/config")


async def submitted(client: httpx.AsyncClient, study: Study, name: str) -> Json:
    method, path, body = bodies.routes(study)[name]
    document: Json = (await client.request(method, path, json=body | {"job": None})).json()
    return document


async def children(client: httpx.AsyncClient, job: Json) -> list[Json]:
    found: list[Json] = (await client.get(f"/jobs/{job['id']}/children")).json()["items"]
    return found


async def held_up(task: asyncio.Task[Any]) -> None:
    """Return once somebody waits for a lock that another transaction holds; fails when the task ends instead."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with db.scope(db.SYSTEM) as session:
        while not (await session.execute(waiting)).scalar_one():
            assert not task.done()
            await asyncio.sleep(0.01)


@pytest.mark.usefixtures("worker", "patient_model")
async def test_running_jobs_and_their_shards_are_cancelled(client: httpx.AsyncClient, study: Study) -> None:
    simulation = await submitted(client, study, "simulation")
    generation = await submitted(client, study, "generation")
    async with asyncio.timeout(30):
        while [shard["status"] for shard in await children(client, simulation)] != ["running"]:
            await client.get(f"/jobs/{simulation['id']}", params={"wait": 1})
    assert (await client.delete(study.base)).status_code == 204
    for job in (simulation, generation):
        ended = await finished(client, (await client.get(f"/jobs/{job['id']}")).json(), within_s=30)
        assert (ended["status"], ended["cancel_requested_at"] is None) == ("cancelled", False)
    assert [shard["status"] for shard in await children(client, simulation)] == ["cancelled"]
    retried = await client.post(f"/jobs/{simulation['id']}/retry")
    assert (retried.status_code, retried.json()["code"]) == (404, "exploration_not_found")
    assert (await client.get(f"/jobs/{simulation['id']}")).json()["status"] == "cancelled"


@pytest.mark.parametrize("name", ["generation", "simulation", "report"])
async def test_nothing_new_is_taken(client: httpx.AsyncClient, study: Study, name: str) -> None:
    assert (await client.delete(study.base)).status_code == 204
    before = await stored(study.workspace_id)
    method, path, body = bodies.routes(study)[name]
    answer = await client.request(method, path, json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (404, "exploration_not_found")
    assert await stored(study.workspace_id) == before


@pytest.mark.usefixtures("worker")
async def test_what_was_in_it_is_kept_and_no_longer_found(client: httpx.AsyncClient, study: Study) -> None:
    simulation = await finished(client, await submitted(client, study, "simulation"))
    body = {"kind": "survey", "formats": ["pdf"], "simulation_id": simulation["subject_id"]}
    report = await finished(client, (await client.post(f"{study.base}/reports", json=body)).json())
    places = [
        f"personas/{study.persona_ids[0]}",
        f"questionnaires/{study.questionnaire_id}",
        *(f"simulations/{simulation['subject_id']}{part}" for part in ("", "/results", "/responses", "/export")),
        *(f"reports/{report['subject_id']}{part}" for part in ("", "/files/pdf")),
    ]
    assert {(await client.get(f"{study.base}/{place}")).status_code for place in places} == {200}
    before = await stored(study.workspace_id)
    await client.delete(study.base)
    answers = [await client.get(f"{study.base}/{place}") for place in places]
    assert [(a.status_code, a.json()["code"]) for a in answers] == [(404, "exploration_not_found")] * len(places)
    kept = await stored(study.workspace_id)
    assert (kept["answer"], kept["stored_file"]) == (before["answer"], before["stored_file"])


async def test_jobs_elsewhere_go_on(client: httpx.AsyncClient, study: Study) -> None:
    other = (await client.post(f"{study.workspace}/explorations", json={"title": "other"})).json()["id"]
    workspace_id, mine, its = UUID(study.workspace_id), UUID(study.exploration_id), UUID(other)
    ours = await jobs.submit(workspace_id, exploration_id=mine, status="waiting")
    done = await jobs.submit(workspace_id, exploration_id=mine, status="succeeded")
    elsewhere = await jobs.submit(workspace_id, exploration_id=its, status="waiting")
    await client.delete(study.base)
    asked = {job_id: (await jobs.read(job_id)).cancel_requested_at is not None for job_id in (ours, done, elsewhere)}
    assert asked == {ours: True, done: False, elsewhere: False}


async def test_work_submitted_at_the_same_moment_is_cancelled_too(client: httpx.AsyncClient, study: Study) -> None:
    workspace_id, exploration_id = UUID(study.workspace_id), UUID(study.exploration_id)
    async with asyncio.timeout(30), db.scope([workspace_id]) as submitting:
        await explorations.require_open(submitting, workspace_id, exploration_id)
        deleting = asyncio.create_task(client.delete(study.base))
        await held_up(deleting)
        job_id = await jobs.submit(workspace_id, exploration_id=exploration_id, status="waiting")
    assert (await deleting).status_code == 204
    assert (await jobs.read(job_id)).cancel_requested_at is not None


async def test_who_submits_while_it_is_deleted_finds_nothing(client: httpx.AsyncClient, study: Study) -> None:
    async with asyncio.timeout(30), db.scope([UUID(study.workspace_id)]) as deleting:
        await deleting.execute(
            text("UPDATE exploration SET deleted_at = now() WHERE id = :id"), {"id": study.exploration_id}
        )
        submitting = asyncio.create_task(submitted(client, study, "simulation"))
        await held_up(submitting)
    assert (await submitting)["code"] == "exploration_not_found"

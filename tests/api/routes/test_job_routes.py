"""Jobs over HTTP: one shape, entity tags, long polls, lists, cancel and retry, and nothing for other tenants."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.embedded.model import OfflineModel
from tests.factories.studies import Study, new_study, stored
from tests.factories.users import log_in, make_user
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]
SHAPE = {
    "id", "kind", "status", "done", "workspace_id", "exploration_id", "subject_type", "subject_id", "attempt",
    "max_attempts", "next_attempt_at", "progress", "result", "error", "usage", "created_at", "started_at",
    "finished_at", "cancel_requested_at", "created_by",
}  # fmt: skip


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture
async def slow_model(offline_model: OfflineModel) -> AsyncIterator[None]:
    """The model takes its time, so that jobs are seen at work."""
    async with httpx.AsyncClient(base_url=offline_model.origin) as model:
        (await model.post("/config", json={"latency_ms": 1500})).raise_for_status()
        yield
        (await model.delete("/config")).raise_for_status()


async def submitted(client: httpx.AsyncClient, study: Study, **members: Any) -> Json:
    """Submit a small simulation and return its job."""
    answer = await client.post(f"{study.base}/simulations", json=study.simulation(method="direct", **members))
    assert answer.status_code == 202, answer.text
    document: Json = answer.json()
    return document


async def test_submitted_work_is_a_job_with_an_address(client: httpx.AsyncClient, study: Study) -> None:
    answer = await client.post(f"{study.base}/simulations", json=study.simulation(method="direct", seed=1))
    job = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/jobs/{job['id']}"
    assert int(answer.headers["retry-after"]) >= 1
    assert set(job) == SHAPE
    assert (job["kind"], job["status"], job["done"]) == ("simulations.run", "queued", False)
    assert job["usage"] | {"calls": 0, "cost_usd": None} == job["usage"]  # nobody knows yet
    assert (job["workspace_id"], job["exploration_id"]) == (study.workspace_id, study.exploration_id)
    assert (await client.get(f"{study.base}/simulations/{job['subject_id']}")).json()["job_id"] == job["id"]


async def test_a_finished_job_says_what_it_made_and_what_it_cost(client: httpx.AsyncClient, study: Study) -> None:
    job = await finished(client, await submitted(client, study, seed=2))
    me = (await client.get("/auth/me")).json()["id"]
    assert set(job) == SHAPE
    assert (job["status"], job["done"], job["error"]) == ("succeeded", True, None)
    assert job["result"]["simulation_id"] == job["subject_id"]
    assert job["created_by"] == {"type": "user", "id": me}
    assert set(job["progress"]) == {"done", "total", "message"}
    assert job["progress"]["done"] == job["progress"]["total"] > 0
    assert set(job["usage"]) == {"calls", "input_tokens", "output_tokens", "cost_usd", "replayed_calls"}
    assert job["usage"]["calls"] >= 4
    assert job["usage"]["cost_usd"] is None  # the demonstration has no price
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]


async def test_an_unchanged_job_is_304(client: httpx.AsyncClient, study: Study) -> None:
    job = await finished(client, await submitted(client, study, seed=3))
    first = await client.get(f"/jobs/{job['id']}")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for known in (tag, f'"other", {tag}', "*"):
        again = await client.get(f"/jobs/{job['id']}", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get(f"/jobs/{job['id']}", headers={"If-None-Match": '"other"'})).json() == job
    in_two_lines = [("If-None-Match", '"other"'), ("If-None-Match", tag)]
    assert (await client.get(f"/jobs/{job['id']}", headers=in_two_lines)).status_code == 304
    assert "retry-after" not in first.headers


@pytest.mark.usefixtures("slow_model")
async def test_a_long_poll_returns_on_change_and_on_the_end(client: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(client, study, seed=uuid4().int % 2**31, sample_size=2)
    seen, started = [job["status"]], time.monotonic()
    while not job["done"]:
        answer = await client.get(f"/jobs/{job['id']}", params={"wait": 20})
        changed = answer.json()
        assert answer.status_code == 200
        assert changed != job
        job = changed
        seen.append(job["status"])
    assert job["status"] == "succeeded"
    assert "running" in seen
    assert time.monotonic() - started < 19
    started = time.monotonic()
    await client.get(f"/jobs/{job['id']}", params={"wait": 20})
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("wait", ["-1", "61", "x", "1e3"])
async def test_a_wait_out_of_range_is_refused(client: httpx.AsyncClient, wait: str) -> None:
    answer = await client.get(f"/jobs/{uuid4()}?wait={wait}")
    assert answer.json()["errors"][0]["loc"] == ["query", "wait"]


async def test_a_list_is_filtered_and_shards_are_left_out(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    first, second = [await finished(client, await submitted(client, study, seed=n)) for n in (1, 2)]
    generated = await client.post(f"{study.base}/personas/auto-generate", json={"count": 1, "seed": 1})
    third = await finished(client, generated.json())

    async def listed(**filters: str) -> list[str]:
        return [
            j["id"]
            for j in (await client.get("/jobs", params={"workspace_id": study.workspace_id} | filters)).json()["items"]
        ]

    assert await listed() == [third["id"], second["id"], first["id"]]
    assert await listed(kind="simulations.run") == [second["id"], first["id"]]
    assert await listed(subject_id=first["subject_id"]) == [first["id"]]
    assert await listed(exploration_id=study.exploration_id, status="succeeded") == [
        third["id"],
        second["id"],
        first["id"],
    ]
    assert await listed(status="failed") == []
    assert await listed(kind="simulations.run_shard") == []
    assert await listed(exploration_id=str(uuid4())) == []
    assert await listed(workspace_id=str(uuid4())) == []
    assert (await client.get("/jobs", params={"status": "waiting"})).status_code == 422
    page = (await client.get("/jobs", params={"workspace_id": study.workspace_id, "limit": 2})).json()
    rest = await client.get("/jobs", params={"workspace_id": study.workspace_id, "cursor": page["next_cursor"]})
    assert [j["id"] for j in page["items"] + rest.json()["items"]] == await listed()


async def test_children_and_attempts_are_pages(client: httpx.AsyncClient, study: Study) -> None:
    job = await finished(client, await submitted(client, study, seed=4))
    children = (await client.get(f"/jobs/{job['id']}/children")).json()
    assert children["next_cursor"] is None
    assert all(set(child) == SHAPE and child["done"] for child in children["items"])
    assert {child["kind"] for child in children["items"]} == {"simulations.run_shard"}
    attempts = (await client.get(f"/jobs/{job['id']}/attempts", params={"limit": 1})).json()
    assert len(attempts["items"]) == 1
    assert set(attempts["items"][0]) == {
        "attempt", "claim_epoch", "worker_id", "started_at", "finished_at", "outcome", "error",
    }  # fmt: skip
    more = await client.get(f"/jobs/{job['id']}/attempts", params={"cursor": attempts["next_cursor"]})
    assert more.json()["items"][0]["claim_epoch"] > attempts["items"][0]["claim_epoch"]


@pytest.mark.usefixtures("slow_model")
async def test_a_cancelled_job_ends_and_can_be_retried(client: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(client, study, seed=uuid4().int % 2**31)
    early = await client.post(f"/jobs/{job['id']}/retry")
    assert (early.status_code, early.json()["code"]) == (409, "job_not_retryable")
    asked = await client.post(f"/jobs/{job['id']}/cancel")
    assert asked.status_code == 202
    assert asked.json()["cancel_requested_at"]
    ended = await finished(client, asked.json(), within_s=10)
    assert ended["status"] == "cancelled"
    assert (await client.post(f"/jobs/{job['id']}/cancel")).status_code == 200
    retried = await client.post(f"/jobs/{job['id']}/retry")
    assert (retried.status_code, retried.json()["done"]) == (202, False)
    assert (await finished(client, retried.json()))["status"] == "succeeded"
    late = await client.post(f"/jobs/{job['id']}/retry")
    assert (late.status_code, late.json()["code"]) == (409, "job_not_retryable")


async def test_options_of_the_job_are_taken_and_checked(client: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(client, study, seed=5, job={"priority": "interactive", "max_attempts": 7})
    assert job["max_attempts"] == 7
    before = await stored(study.workspace_id)
    for options, name in (
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": 21}, "max_attempts"),
        ({"priority": "urgent"}, "priority"),
        ({"max_cost_usd": -1}, "max_cost_usd"),
        ({"surprise": 1}, "surprise"),
    ):
        answer = await client.post(f"{study.base}/simulations", json=study.simulation(job=options))
        assert [error["loc"] for error in answer.json()["errors"]] == [["body", "job", name]]
    after = await stored(study.workspace_id)
    assert (after["simulation"], after["idempotency_record"]) == (before["simulation"], before["idempotency_record"])


async def test_another_tenants_job_is_nowhere(client: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(client, study, seed=6)
    outsider = await log_in(client, await make_user())
    calls = [("GET", tail) for tail in ("", "/events", "/children", "/attempts")] + [
        ("POST", tail) for tail in ("/cancel", "/retry")
    ]
    for method, tail in calls:
        answer = await client.request(method, f"/jobs/{job['id']}{tail}", headers=outsider)
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    listed = await client.get("/jobs", params={"workspace_id": study.workspace_id}, headers=outsider)
    assert listed.json()["items"] == []
    await asyncio.sleep(0)
    assert (await finished(client, job))["status"] == "succeeded"

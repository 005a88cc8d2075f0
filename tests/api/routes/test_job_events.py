"""The event stream of a job, read from a real server: nothing lost, nothing twice, an end after `done`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.routes import jobs
from core.embedded.model import OfflineModel
from tests.factories.studies import Study, new_study
from tests.factories.users import log_in, make_user
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")


@dataclass(frozen=True)
class Event:
    """One event of a stream."""

    id: int
    name: str
    data: dict[str, Any]


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture(scope="module")
async def stream(app: FastAPI, client: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """A client that reaches the application over a socket, logged in like `client`."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": client.headers["Authorization"]}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as made:
        yield made
    server.should_exit = True
    await serving


async def submitted(client: httpx.AsyncClient, study: Study, **members: Any) -> dict[str, Any]:
    body = study.simulation(method="direct", seed=uuid4().int % 2**31, **members)
    job: dict[str, Any] = (await client.post(f"{study.base}/simulations", json=body)).json()
    return job


async def read(client: httpx.AsyncClient, job_id: str, after: str | None = None, most: int = 10_000) -> list[Event]:
    """Read a stream to its end, or to the given number of events."""
    headers = {} if after is None else {"Last-Event-ID": after}
    found: list[Event] = []
    fields: dict[str, str] = {}
    async with asyncio.timeout(60), client.stream("GET", f"/jobs/{job_id}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if name in ("id", "event", "data"):
                fields[name] = value
            elif not line and fields:
                found.append(Event(int(fields["id"]), fields["event"], json.loads(fields["data"])))
                fields = {}
                if len(found) == most:
                    break
    return found


async def test_a_stream_tells_a_job_from_its_beginning_to_its_end(stream: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(stream, study)
    events = await read(stream, job["id"])
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))
    assert {event.name for event in events} <= {"status", "progress", "log", "done"}
    assert [event.name for event in events].index("done") == len(events) - 1
    statuses = [event.data["status"] for event in events if event.name == "status"]
    assert (statuses[0], "running" in statuses) == ("queued", True)
    assert events[-1].data["status"] == "succeeded"
    shown = [event.data["done"] for event in events if event.name == "progress"]
    assert shown == sorted(shown)
    last = events[-1].data["progress"]
    assert last == (await stream.get(f"/jobs/{job['id']}")).json()["progress"]
    assert last["done"] == last["total"] > 0
    assert (await stream.get(f"/jobs/{job['id']}")).json()["done"]


async def test_a_resumed_stream_repeats_and_loses_nothing(stream: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(stream, study, sample_size=8)
    first = await read(stream, job["id"], most=2)
    rest = await read(stream, job["id"], after=str(first[-1].id))
    whole = await read(stream, job["id"])
    assert first + rest == whole


@pytest.mark.parametrize("ahead", ["99999", "9" * 18, "9" * 19, "9" * 5000])
async def test_an_id_the_job_has_not_reached_is_none(stream: httpx.AsyncClient, study: Study, ahead: str) -> None:
    job = await submitted(stream, study, sample_size=3000)
    first = await read(stream, job["id"], after=ahead, most=1)
    assert (first[0].name, first[0].data["status"]) == ("status", "queued")
    await stream.post(f"/jobs/{job['id']}/cancel")


async def test_a_done_jobs_stream_ends_at_once(stream: httpx.AsyncClient, study: Study) -> None:
    job = await finished(stream, await submitted(stream, study))
    whole = await read(stream, job["id"])
    after_the_last = await read(stream, job["id"], after=str(whole[-1].id))
    assert [event.name for event in after_the_last] == ["done"]
    assert await read(stream, job["id"], after="nonsense") == whole


async def test_a_cancelled_jobs_stream_says_so(stream: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(stream, study, sample_size=3000)
    reading = asyncio.create_task(read(stream, job["id"]))
    await stream.post(f"/jobs/{job['id']}/cancel")
    assert (await reading)[-1].data["status"] == "cancelled"


async def test_a_stream_that_has_nothing_to_tell_is_kept_open_by_comments(
    stream: httpx.AsyncClient, study: Study, offline_model: OfflineModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobs.PING_S == 15
    monkeypatch.setattr(jobs, "PING_S", 1)
    async with httpx.AsyncClient(base_url=offline_model.origin) as model:
        (await model.post("/config", json={"latency_ms": 3000})).raise_for_status()
        job = await submitted(stream, study)
        async with stream.stream("GET", f"/jobs/{job['id']}/events") as answer:
            lines = [line async for line in answer.aiter_lines()]
        (await model.delete("/config")).raise_for_status()
    assert any(line.startswith(":") for line in lines)
    assert "event: done" in lines


async def test_a_stream_ends_when_its_job_is_deleted_with_its_workspace(
    stream: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    doomed = await new_study(client)
    job = await submitted(stream, doomed, sample_size=3000)
    reading = asyncio.create_task(read(stream, job["id"]))
    await read(stream, job["id"], most=1)
    gone = await stream.delete(f"/workspaces/{doomed.workspace_id}", params={"cancel_jobs": True})
    assert gone.status_code == 204, gone.text
    assert "done" not in {event.name for event in await reading}
    assert (await stream.get(f"/jobs/{job['id']}/events")).status_code == 404


async def test_anothers_stream_is_not_found(stream: httpx.AsyncClient, study: Study) -> None:
    job = await submitted(stream, study)
    answer = await stream.get(f"/jobs/{job['id']}/events", headers=await log_in(stream, await make_user()))
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")

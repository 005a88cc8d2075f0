"""The client and the commands on a running product."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
import redis.asyncio as redis
from typer.testing import CliRunner, Result

from core.cli.main import app
from core.client.client import Client
from core.client.errors import JobNotSucceeded, NotFound
from core.jobs.queue import CHANGED_CHANNEL
from tests.fixtures.system import Study, System, WorkerHandle, new_study

Found = TypeVar("Found")


@pytest.fixture(scope="module")
async def study(system: System) -> Study:
    """A study, and a worker."""
    made = await new_study(system)
    system.add_workers()
    return made


async def with_client(study: Study, use: Callable[[Client], Found]) -> Found:
    """Use a client of the product, logged in as this study's maker, in a thread of its own."""
    token = study.system.client.headers["Authorization"].removeprefix("Bearer ")

    def run() -> Found:
        with Client(str(study.system.client.base_url), token=token) as client:
            return use(client)

    return await asyncio.to_thread(run)


def body(study: Study, n: int, seed: int) -> dict[str, Any]:
    """A simulation's."""
    return {
        "questionnaire_id": study.questionnaire_id,
        "persona_ids": study.persona_ids,
        "sample_size": n,
        "seed": seed,
        "method": "direct",
    }


async def test_from_submit_to_file(study: Study, tmp_path: Path) -> None:
    def use(client: Client) -> list[str]:
        job = client.result(client.submit(f"{study.base}/simulations", body(study, 6, seed=1)), timeout_s=60)
        assert job.result is not None
        data = f"{study.base}/simulations/{job.result['simulation_id']}/export"
        return client.download(data, tmp_path / "data.csv", format="csv").read_text().splitlines()

    assert len(await with_client(study, use)) == 1 + 6


async def test_one_key_is_one_job(study: Study) -> None:
    def use(client: Client) -> set[str]:
        sent = body(study, 6, seed=2)
        return {str(client.submit(f"{study.base}/simulations", sent, key="again").id) for _ in range(3)}

    assert len(await with_client(study, use)) == 1


async def test_a_stream_outlasts_the_service(study: Study) -> None:
    system = study.system
    await system.configure_model(latency_ms=150)
    job = await study.simulate(150, seed=3)

    async def restart() -> None:
        for _ in range(2):
            await asyncio.sleep(0.8)
            system.web.kill()
            await asyncio.sleep(0.5)
            system.web = WorkerHandle.start(system.environment, "api")

    events, _ = await asyncio.gather(with_client(study, lambda client: list(client.stream(job["id"]))), restart())
    ids = [event.id for event in events]
    assert ids == sorted(set(ids))
    assert [event.event for event in events].count("done") == 1
    recorded = await system.rows("SELECT sequence, event FROM job_event WHERE job_id = $1::uuid ORDER BY 1", job["id"])
    assert [(event.id, event.event) for event in events] == [(row["sequence"], row["event"]) for row in recorded]
    await system.configure_model()


@pytest.mark.slow
async def test_many_who_wait_outlast_the_service(study: Study) -> None:
    system = study.system
    await system.configure_model(latency_ms=150)
    job = await study.simulate(150, seed=6)
    token = system.client.headers["Authorization"].removeprefix("Bearer ")

    def streamed() -> list[tuple[int, str]]:
        with Client(str(system.client.base_url), token=token) as client:
            return [(event.id, event.event) for event in client.stream(job["id"])]

    def waited() -> str:
        with Client(str(system.client.base_url), token=token) as client:
            return client.wait(client.job(job["id"]), timeout_s=60).status

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(20) as threads:
        streams = [loop.run_in_executor(threads, streamed) for _ in range(10)]
        waits = [loop.run_in_executor(threads, waited) for _ in range(10)]
        await asyncio.sleep(1.5)
        system.web.kill()
        await asyncio.sleep(0.5)
        system.web = WorkerHandle.start(system.environment, "api")
        told, ends = await asyncio.gather(asyncio.gather(*streams), asyncio.gather(*waits))
    recorded = await system.rows("SELECT sequence, event FROM job_event WHERE job_id = $1::uuid ORDER BY 1", job["id"])
    assert told == 10 * [[(row["sequence"], row["event"]) for row in recorded]]
    assert ends == 10 * ["succeeded"]
    await system.configure_model()


async def test_an_open_stream_outlasts_the_database(study: Study) -> None:
    system = study.system
    await system.configure_model(latency_ms=150)
    job = await study.simulate(100, seed=8)
    ids: list[int] = []
    async with asyncio.timeout(90), system.client.stream("GET", f"/jobs/{job['id']}/events", timeout=60) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("id: "):
                ids.append(int(line.removeprefix("id: ")))
            if len(ids) == 1 and not line:
                await asyncio.to_thread(system.postgres.stop)
                async with redis.from_url(system.valkey.url) as bell:  # type: ignore[no-untyped-call]
                    await bell.publish(CHANGED_CHANNEL, job["id"])  # the stream wants to read now
                await asyncio.sleep(0.5)
                await asyncio.to_thread(system.postgres.start)
    recorded = await system.rows("SELECT sequence FROM job_event WHERE job_id = $1::uuid ORDER BY 1", job["id"])
    assert ids == [row["sequence"] for row in recorded]
    await system.configure_model()


async def test_a_cancelled_job_is_no_success(study: Study) -> None:
    await study.system.configure_model(latency_ms=300)

    def use(client: Client) -> str:
        job = client.submit(f"{study.base}/simulations", body(study, 300, seed=4))
        client.cancel(job.id)
        with pytest.raises(JobNotSucceeded):
            client.result(job, timeout_s=30)
        return client.job(job.id).status

    assert await with_client(study, use) == "cancelled"
    await study.system.configure_model()


async def test_what_is_not_there_is_not_found(study: Study) -> None:
    def use(client: Client) -> None:
        with pytest.raises(NotFound):
            client.get("/workspaces/00000000-0000-0000-0000-000000000000")

    await with_client(study, use)


async def command(study: Study, *arguments: str) -> Result:
    """Run `synthetic-people jobs …` on the product."""
    token = study.system.client.headers["Authorization"].removeprefix("Bearer ")
    environment = {"SYNTHETIC_PEOPLE_URL": str(study.system.client.base_url), "SYNTHETIC_PEOPLE_TOKEN": token}
    return await asyncio.to_thread(CliRunner().invoke, app, ["jobs", *arguments], env=environment)


async def test_jobs_are_listed_shown_watched_cancelled_and_retried(study: Study) -> None:
    await study.system.configure_model(latency_ms=300)
    job_id = (await study.simulate(200, seed=5))["id"]
    asked = await command(study, "cancel", job_id)
    assert asked.exit_code == 0, asked.output
    watched = await command(study, "watch", job_id)
    assert watched.exit_code == 1
    assert "done     cancelled" in watched.output
    listed = await command(study, "list", "--status", "cancelled", "--kind", "simulations.run")
    [line] = [one for one in listed.output.splitlines() if job_id in one]
    assert line.split()[1:3] == ["simulations.run", "cancelled"]
    await study.system.configure_model()
    again = await command(study, "retry", job_id)
    assert "simulations.run" in again.output, again.output
    assert (await command(study, "watch", job_id)).exit_code == 0
    shown = json.loads((await command(study, "show", job_id, "--json")).output)
    assert (shown["id"], shown["status"]) == (job_id, "succeeded")
    assert "succeeded" in (await command(study, "show", job_id)).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "00000000-0000-0000-0000-000000000000"), "Not found"),
        (("show", "nonsense"), "a valid uuid"),
        (("list", "--status", "asleep"), "query.status"),
    ],
)
async def test_what_is_wrong_is_said_without_a_traceback(study: Study, arguments: tuple[str, ...], said: str) -> None:
    result = await command(study, *arguments)
    assert result.exit_code in (1, 2)
    assert said in result.output.replace("UUID", "uuid")
    assert "Traceback" not in result.output


def test_without_an_address_or_a_stack_it_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNTHETIC_PEOPLE_URL", raising=False)
    result = CliRunner().invoke(app, ["jobs", "list", "--data-dir", str(tmp_path)])
    assert result.exit_code == 1
    assert "SYNTHETIC_PEOPLE_URL" in result.output
    result = CliRunner().invoke(app, ["jobs", "list", "--url", "http://127.0.0.1:1"])
    assert (result.exit_code, "SYNTHETIC_PEOPLE_TOKEN" in result.output) == (1, True)

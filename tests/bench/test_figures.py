"""Speed, each figure beside a bare reference on the same servers in the same minute; written to RESULTS.md."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import signal
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.jobs import service
from core.jobs.queue import close_queue
from core.jobs.service import Author
from core.settings import get_settings
from tests.bench import references
from tests.bench.noop_worker import NOOP, NoopArgs
from tests.factories.questionnaires import question, questionnaire
from tests.fixtures.system import Study, System, WorkerHandle, new_study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
RESULTS = Path(__file__).with_name("RESULTS.md")
PICKUPS = 100
SUBMITS = 2000
NOOPS = 1000
CLIENTS = 20
IDLE_S = 10
CALLS = 500
IN_FLIGHT = 50
LATENCY_S = 0.2
HEAD = """# Figures

Made by `make bench`, which writes this page anew. Load, servers and product share the machine. The reference is the
least that could be done instead (`tests/bench/references.py`), on the same servers in the same minute; above 1.00 is
better than the reference.

Machine: {cores} cores, {system}, Python {python}; load before the run {load:.1f} (anything but about 0 spoils the
figures, the ratios less so). PostgreSQL and Valkey embedded, PostgreSQL durable.

| Figure | Product | Reference | Ratio |
| --- | --- | --- | --- |
"""


@pytest.fixture(scope="module")
def rows() -> Iterator[list[str]]:
    """The lines of the page, written at the end if all figures were made."""
    lines: list[str] = []
    load = os.getloadavg()[0]
    yield lines
    if len(lines) == 7:
        facts = {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
        head = HEAD.format(**facts, load=load)
        RESULTS.write_text(head + "\n".join(lines) + "\n")


def record(rows: list[str], name: str, product: str, reference: str, ratio: float) -> None:
    rows.append(f"| {name} | {product} | {reference} | {ratio:.2f} |")
    print(f"\n{name}: {product}; reference {reference}; ratio {ratio:.2f}")


@pytest.fixture(scope="module")
async def study(system: System) -> AsyncIterator[Study]:
    """A study; this process submits to its database too."""
    system.environment["MODEL_MAX_CONCURRENCY"] = str(IN_FLIGHT)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in system.environment.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        yield await new_study(system)
        await close_queue()
        await db.dispose()
    get_settings.cache_clear()


@contextmanager
def noop_workers(system: System, count: int = 1) -> Iterator[list[WorkerHandle]]:
    """Run worker processes that know the job that does nothing."""
    environment = system.environment | {"WORKER_SLOTS": "20"}
    handles = [WorkerHandle.start(environment, "tests.bench.noop_worker") for _ in range(count)]
    try:
        yield handles
    finally:
        for handle in handles:
            handle.close()


def cpu_s(worker: WorkerHandle) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def submit_noop(study: Study) -> UUID:
    workspace_id = UUID(study.base.split("/")[2])
    async with db.scope([workspace_id]) as session:
        job = await service.submit(session, NOOP, NoopArgs(), workspace_id=workspace_id, author=Author("system"))
    return job.id


async def done_count(study: Study, ids: list[UUID], within_s: float = 60) -> list[Any]:
    """Wait for the end of jobs and return their rows."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        rows = await study.system.rows(
            "SELECT status, extract(epoch FROM started_at - created_at)::float * 1000 AS pickup_ms, started_at,"
            " finished_at FROM job WHERE id = ANY($1) AND finished_at IS NOT NULL",
            ids,
        )
        if len(rows) == len(ids):
            assert {row["status"] for row in rows} == {"succeeded"}
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(rows)} of {len(ids)} done after {within_s} s")


def spread(milliseconds: list[float]) -> tuple[float, float]:
    """Return median and 95th percentile."""
    return statistics.median(milliseconds), statistics.quantiles(milliseconds, n=20)[-1]


async def test_idle_pickup(study: Study, rows: list[str]) -> None:
    ids: list[UUID] = []
    with noop_workers(study.system):
        await done_count(study, [await submit_noop(study)])
        for _ in range(PICKUPS):
            ids.append(await submit_noop(study))
            await asyncio.sleep(0.05)
        ended = await done_count(study, ids)
    product = spread([row["pickup_ms"] for row in ended])
    bare = spread(await references.bare_pickups(study.system.postgres.url, study.system.valkey.url, PICKUPS))
    for name, own, reference in zip(("p50", "p95"), product, bare, strict=True):
        record(rows, f"Idle pickup, submit to running, {name}", f"{own:.1f} ms", f"{reference:.1f} ms", reference / own)


async def test_submits_over_http(study: Study, rows: list[str]) -> None:
    client = study.system.client
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    clients = [references.PlainClient(host, port, client.headers["Authorization"]) for _ in range(CLIENTS)]
    free = list(clients)

    async def submit(number: int) -> None:
        client = free.pop()
        body = json.dumps({"count": 1, "seed": number}).encode()
        assert await client.post(f"{study.base}/personas/auto-generate", body) == 202
        free.append(client)

    await references.in_parallel(200, CLIENTS, submit)
    own = await references.in_parallel(SUBMITS, CLIENTS, submit)
    bare = await references.bare_inserts(study.system.postgres.url, 2000, CLIENTS)
    for one in clients:
        one.close()
    await study.system.rows("DELETE FROM job WHERE kind = 'personas.generate'")
    record(rows, f"Submits over HTTP, {CLIENTS} clients", f"{own:.0f}/s", f"{bare:.0f} inserts/s", own / bare)


@pytest.mark.parametrize("count", [1, 2])
async def test_durable_jobs_that_do_nothing(study: Study, rows: list[str], count: int) -> None:
    ids: list[UUID] = []

    async def submit(_: int) -> None:
        ids.append(await submit_noop(study))

    with noop_workers(study.system, count) as workers:
        await done_count(study, [await submit_noop(study) for _ in range(40)])
        for worker in workers:
            worker.send(signal.SIGSTOP)
        await references.in_parallel(NOOPS, 8, submit)
        before = sum(cpu_s(worker) for worker in workers)
        for worker in workers:
            worker.send(signal.SIGCONT)
        ended = await done_count(study, ids)
        spent_ms = 1000 * (sum(cpu_s(worker) for worker in workers) - before) / NOOPS
    took = max(row["finished_at"] for row in ended) - min(row["started_at"] for row in ended)
    own = NOOPS / took.total_seconds()
    bare = await references.bare_claims(study.system.postgres.url, 2000, CLIENTS)
    name = f"Durable no-op jobs, {count} worker{'s' * (count > 1)} of 20 slots"
    product = f"{own:.0f}/s, {spent_ms:.2f} ms CPU each"
    record(rows, name, product, f"{bare:.0f} claims and finishes/s", own / bare)


async def test_an_idle_worker(study: Study, rows: list[str]) -> None:
    with noop_workers(study.system) as [worker]:
        await done_count(study, [await submit_noop(study)])
        await asyncio.sleep(1)
        before = cpu_s(worker)
        await asyncio.sleep(IDLE_S)
        share = 100 * (cpu_s(worker) - before) / IDLE_S
    rows.append(f"| Idle worker | {share:.1f} % of a core | | |")
    print(f"\nIdle worker: {share:.1f} % of a core")


async def test_simulation_efficiency(study: Study, rows: list[str]) -> None:
    system = study.system
    asked = question("single_choice", key="mood", text="Are you better off?", options=["Better", "Same", "Worse"])
    study.questionnaire_id = (await system.post(f"{study.base}/questionnaires", questionnaire(asked)))["id"]
    system.add_workers(1)
    try:
        await system.finished((await study.simulate(20, seed=1))["id"])
        await system.configure_model(latency_ms=1000 * LATENCY_S)
        job = await system.finished((await study.simulate(CALLS, seed=2))["id"], within_s=90)
    finally:
        system.end_workers()
    assert (job["status"], job["usage"]["calls"]) == ("succeeded", CALLS)
    [took] = await system.rows(
        "SELECT extract(epoch FROM finished_at - created_at)::float FROM job WHERE id = $1::uuid", job["id"]
    )
    schema = {
        "type": "object",
        "properties": {"mood": {"type": "string", "enum": ["1", "2", "3"]}},
        "required": ["mood"],
        "additionalProperties": False,
    }
    bare_s = await references.bare_model_calls(system.model.url, CALLS, IN_FLIGHT, schema)
    ideal_s = CALLS * LATENCY_S / IN_FLIGHT
    own, bare = ideal_s / took[0], ideal_s / bare_s
    name = f"Simulation efficiency, {CALLS} calls of {1000 * LATENCY_S:.0f} ms, {IN_FLIGHT} in flight"
    record(rows, name, f"{own:.2f}", f"{bare:.2f} (SDK and semaphore)", own / bare)

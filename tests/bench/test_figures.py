"""Speed of jobs, each figure beside a bare reference on the same servers in the same minute."""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.db import session as db
from core.embedded.ports import find_free_port
from core.jobs import service
from core.jobs.service import Author
from tests.bench import references
from tests.bench.meter import Meter
from tests.bench.noop_worker import NOOP, NoopArgs
from tests.bench.page import HTTP, NOOPS, PICKUP, record
from tests.fixtures.system import Study, System, WorkerHandle, answering

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
PICKUPS = 200
SUBMITS = 2000
JOBS = 2000
CLIENTS = 20
IDLE_S = 10
WEBS = {1: "one web process", 2: "two web processes"}
IN_WORDS = {1: ("one worker", "its"), 2: ("two workers", "their")}


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


def meter(system: System, *workers: WorkerHandle, webs: Sequence[WorkerHandle] = ()) -> Meter:
    """Return a meter of all that belongs to the product; `webs` are web processes beside its own."""
    servers = {name: (getattr(system, name).pid or 0,) for name in ("postgres", "valkey")}
    web = tuple(one.process.pid for one in (system.web, *webs))
    return Meter({"workers": tuple(one.process.pid for one in workers), "web": web, **servers})


@asynccontextmanager
async def web_processes(system: System, count: int) -> AsyncIterator[dict[int, WorkerHandle]]:
    """Run so many web processes beside the system's own; return them by port."""
    more: dict[int, WorkerHandle] = {}
    try:
        for _ in range(count):
            port = find_free_port()
            more[port] = WorkerHandle.start(system.environment | {"PORT": str(port)}, "api")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as web:
                await answering(web, more[port].log)
        yield more
    finally:
        for handle in more.values():
            handle.close()


async def submit_noop(study: Study) -> UUID:
    workspace_id = UUID(study.base.split("/")[2])
    async with db.scope([workspace_id]) as session:
        job = await service.submit(session, NOOP, NoopArgs(), workspace_id=workspace_id, author=Author("system"))
    return job.id


async def done(study: Study, ids: list[UUID], within_s: float = 60) -> dict[UUID, Any]:
    """Wait for the end of jobs and return their rows."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        rows = await study.system.rows(
            "SELECT id, status, (result ->> 'began_s')::float AS began_s, started_at, finished_at FROM job"
            " WHERE id = ANY($1) AND finished_at IS NOT NULL",
            ids,
        )
        if len(rows) == len(ids):
            assert {row["status"] for row in rows} == {"succeeded"}
            return {row["id"]: row for row in rows}
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(rows)} of {len(ids)} done after {within_s} s")


async def test_idle_pickup(study: Study) -> None:
    submitted: dict[UUID, float] = {}
    with noop_workers(study.system) as workers:
        await done(study, [await submit_noop(study)])
        with meter(study.system, *workers) as used:
            for _ in range(PICKUPS):
                began_s = time.monotonic()
                submitted[await submit_noop(study)] = began_s
                await asyncio.sleep(0.05)
        ended = await done(study, list(submitted))
    own = [1000 * (ended[job_id]["began_s"] - began_s) for job_id, began_s in submitted.items()]
    bare = await references.bare_pickups(study.system.postgres.url, study.system.valkey.url, PICKUPS)
    assert len(own) == PICKUPS == len(bare)
    for name, place in (("p50", 49), ("p95", 94)):
        mine, reference = (statistics.quantiles(one, n=100)[place] for one in (own, bare))
        product, told = f"{mine:.1f} ms", f"{reference:.1f} ms: insert, publish, claim"
        record(f"{PICKUP}, {name}", product, mine, reference=told, ratio=reference / mine, said=used.busy())


@pytest.mark.parametrize("count", [1, 2])
async def test_submits_over_http(study: Study, count: int) -> None:
    client = study.system.client
    first = client.base_url.port
    assert first is not None
    token = client.headers["Authorization"]

    async def submit(number: int) -> None:
        client = free.pop(0)
        body = json.dumps({"count": 1, "seed": number}).encode()
        assert await client.post(f"{study.base}/personas/auto-generate", body) == 202
        free.append(client)

    async with web_processes(study.system, count - 1) as more:
        ports = [first, *more]
        clients = [
            references.PlainClient(client.base_url.host, ports[number % count], token) for number in range(CLIENTS)
        ]
        free = list(clients)
        await references.in_parallel(200, CLIENTS, submit)
        with meter(study.system, webs=list(more.values())) as used:
            own = await references.in_parallel(SUBMITS, CLIENTS, submit)
        bare = await references.bare_inserts(study.system.postgres.url, SUBMITS, CLIENTS)
        for one in clients:
            one.close()
    [recorded] = await study.system.rows("SELECT count(*) FROM job WHERE kind = 'personas.generate'")
    await study.system.rows("DELETE FROM job WHERE kind = 'personas.generate'")
    assert recorded[0] == 200 + SUBMITS
    said = f"web {used.ms_each(SUBMITS, 'web'):.2f} ms CPU each, the clients {used.ms_each(SUBMITS, 'load'):.2f} ms"
    record(
        f"{HTTP}, {WEBS[count]}",
        f"{own:.0f}/s",
        own,
        reference=f"{bare:.0f} inserts/s",
        ratio=own / bare,
        said=f"{said}; {used.busy()}",
    )


@pytest.mark.parametrize("count", [1, 2])
async def test_durable_jobs_that_do_nothing(study: Study, count: int) -> None:
    ids: list[UUID] = []

    async def submit(_: int) -> None:
        ids.append(await submit_noop(study))

    with noop_workers(study.system, count) as workers:
        await done(study, [await submit_noop(study) for _ in range(40)])
        for worker in workers:
            worker.send(signal.SIGSTOP)
        await references.in_parallel(JOBS, 8, submit)
        with meter(study.system, *workers) as used:
            for worker in workers:
                worker.send(signal.SIGCONT)
            ended = (await done(study, ids)).values()
    took = max(row["finished_at"] for row in ended) - min(row["started_at"] for row in ended)
    own = JOBS / took.total_seconds()
    bare = await references.bare_claims(study.system.postgres.url, JOBS, CLIENTS)
    who, whose = IN_WORDS[count]
    told = f"{bare:.0f} claims and finishes/s"
    record(f"{NOOPS}, {who} of 20 slots", f"{own:.0f}/s", own, reference=told, ratio=own / bare, said=used.busy())
    spent_ms = used.ms_each(JOBS, "workers")
    record(f"{NOOPS}, {who}, {whose} CPU per job", f"{spent_ms:.2f} ms", spent_ms)


async def test_an_idle_worker(study: Study) -> None:
    with noop_workers(study.system) as workers:
        await done(study, [await submit_noop(study)])
        untold = "SELECT count(*) FROM event WHERE fanned_out_at IS NULL"
        while (await study.system.rows(untold))[0][0]:  # noqa: ASYNC110 - the ends of the jobs before
            await asyncio.sleep(0.5)
        await asyncio.sleep(1)
        with meter(study.system, *workers) as used:
            await asyncio.sleep(IDLE_S)
    share = 100 * used.used_s["workers"] / used.seconds
    record("Idle worker", f"{share:.1f} % of a core", share)

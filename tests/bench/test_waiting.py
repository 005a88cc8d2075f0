"""1,000 clients wait on one web process: no database connection for any, little memory, and all are woken at once."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.db.session import asyncpg_url
from tests.bench.meter import Meter
from tests.bench.page import WAITING, record
from tests.bench.waiting import Waiting
from tests.fixtures.system import Study, System, new_study, running_system

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
JOBS = 20
EACH = 25
"""Long polls of each job, and as many streams."""
SETTLING_S = 8
WAIT_S = 60
CONNECTIONS = """
    SELECT count(*) AS open, count(*) FILTER (WHERE state <> 'idle') AS busy FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()
"""


@pytest.fixture
async def product() -> AsyncIterator[System]:
    """The product without a worker: jobs stay as they are until they are cancelled."""
    async with running_system(RATE_LIMIT_ENABLED="false") as running:
        yield running


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def clients(study: Study, jobs: list[dict[str, Any]]) -> dict[str, list[Waiting]]:
    """Return those who wait, by job."""
    base = study.system.client.base_url
    token = study.system.client.headers["Authorization"].removeprefix("Bearer ")

    def one(path: str, *, stream: bool) -> Waiting:
        return Waiting(base.host, base.port or 80, token, path, stream)

    return {
        job["id"]: [one(f"/jobs/{job['id']}?wait={WAIT_S}", stream=False) for _ in range(EACH)]
        + [one(f"/jobs/{job['id']}/events", stream=True) for _ in range(EACH)]
        for job in jobs
    }


async def connections(system: System, for_s: float) -> tuple[int, int, int]:
    """Return the most database connections in so many seconds, open and busy, and in how many looks none was busy."""
    found: list[tuple[int, int]] = []
    connection = await asyncpg.connect(asyncpg_url(system.postgres.url))
    try:
        ends = time.monotonic() + for_s
        while time.monotonic() < ends:
            row = await connection.fetchrow(CONNECTIONS)
            found.append((row["open"], row["busy"]))
            await asyncio.sleep(0.02)
    finally:
        await connection.close()
    return max(one[0] for one in found), max(one[1] for one in found), 100 * sum(not b for _, b in found) // len(found)


async def cancelled(system: System, job_id: str) -> float:
    """Cancel a job; return the moment before."""
    asked = time.perf_counter()
    answer = await system.client.post(f"/jobs/{job_id}/cancel")
    assert answer.status_code == 202, answer.text
    return asked


def told(took_ms: list[float]) -> str:
    return f"p50 {statistics.median(took_ms):.0f} ms, slowest {max(took_ms):.0f} ms, {len(took_ms)} clients"


async def test_a_thousand_clients_wait(product: System) -> None:
    study = await new_study(product)
    jobs = [await study.simulate(2, seed=seed) for seed in range(JOBS)]
    web = product.web.process.pid
    before_mb = memory_mb(web)
    waiting = clients(study, jobs)
    everyone = [one for each in waiting.values() for one in each]
    with Meter({"web": (web,)}) as arriving:
        tasks = [asyncio.create_task(one.run()) for one in everyone]
        async with asyncio.timeout(60):
            await asyncio.gather(*(one.ready.wait() for one in everyone))
        await asyncio.sleep(SETTLING_S)
    assert not any(task.done() for task in tasks)
    with Meter({"web": (web,)}) as idle:
        most, busy, quiet = await connections(product, 3)
    waiting_mb = memory_mb(web)
    assert not any(task.done() for task in tasks)

    running = dict(zip(map(id, everyone), tasks, strict=True))
    one_by_one: list[float] = []
    for job in jobs[: JOBS // 2]:
        asked = await cancelled(product, job["id"])
        async with asyncio.timeout(10):
            await asyncio.gather(*(running[id(one)] for one in waiting[job["id"]]))
        one_by_one += [1000 * (one.woken_at - asked) for one in waiting[job["id"]]]
    rest = [job["id"] for job in jobs[JOBS // 2 :]]
    moments = await asyncio.gather(*(cancelled(product, job_id) for job_id in rest))
    async with asyncio.timeout(30):
        await asyncio.gather(*tasks)
    at_once = [
        1000 * (one.woken_at - asked) for job_id, asked in zip(rest, moments, strict=True) for one in waiting[job_id]
    ]
    assert len(one_by_one) == len(at_once) == JOBS * EACH
    assert all('"status":"cancelled"' in one.status for one in everyone if not one.stream)

    said = f"at most {busy} of them busy at a time, none in {quiet} % of the looks; {idle.busy()}"
    record(f"{WAITING}, database connections", str(most), most, said=said)
    more_kb = 1024 * (waiting_mb - before_mb) / len(everyone)
    record(f"{WAITING}, memory of web", f"{waiting_mb:.0f} MB", waiting_mb, said=f"{more_kb:.0f} kB for each client")
    p95 = statistics.quantiles(one_by_one, n=20)[18]
    record(f"{WAITING}, cancel to answer, p95", f"{p95:.0f} ms", p95, said=f"{told(one_by_one)}, 50 at a time")
    p95 = statistics.quantiles(at_once, n=20)[18]
    said = f"{told(at_once)}; they came in {arriving.seconds - SETTLING_S:.1f} s"
    record(f"{WAITING}, cancel to answer, 500 at once, p95", f"{p95:.0f} ms", p95, said=said)

"""How much a worker does: answers a second in a simulation, and how long an idle worker takes to pick up a job."""

from __future__ import annotations

import statistics
import time

import pytest

from tests.fixtures.system import System, new_study

pytestmark = pytest.mark.slow
RESPONDENTS = 200
PICKUPS = 20


@pytest.mark.timeout(900)
@pytest.mark.parametrize("workers", [1, 2])
async def test_answers_a_second(system: System, workers: int) -> None:
    study = await new_study(system)
    system.add_workers(workers)
    try:
        warm = await study.simulate(5, seed=1)
        await system.finished(warm["id"])
        started = time.monotonic()
        job = await system.finished((await study.simulate(RESPONDENTS, seed=2))["id"], within_s=600)
        seconds = time.monotonic() - started
    finally:
        system.end_workers()
    assert job["status"] == "succeeded"
    calls = job["usage"]["calls"]
    print(
        f"\n{workers} worker(s): {RESPONDENTS} respondents, {calls} calls in {seconds:.1f} s: {calls / seconds:.0f}/s"
    )


@pytest.mark.timeout(300)
async def test_pickup(system: System) -> None:
    study = await new_study(system)
    system.add_workers(1)
    try:
        await system.finished((await study.simulate(1, seed=1))["id"])
        for seed in range(2, PICKUPS + 2):
            await system.finished((await study.simulate(1, seed=seed))["id"])
    finally:
        system.end_workers()
    rows = await system.rows(
        """
        SELECT extract(epoch FROM started_at - created_at)::float AS seconds FROM job
        WHERE kind = 'simulations.run' ORDER BY created_at DESC LIMIT $1
        """,
        PICKUPS,
    )
    waits = sorted(1000 * row["seconds"] for row in rows)
    print(f"\npickup: median {statistics.median(waits):.0f} ms, longest {waits[-1]:.0f} ms of {len(waits)}")
    assert statistics.median(waits) < 1000

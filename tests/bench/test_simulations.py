"""Simulations against the wall time that latency alone would take, and against a plain script beside them."""

from __future__ import annotations

import pytest

from tests.bench import references
from tests.bench.meter import CORES
from tests.bench.page import EFFICIENCY, SCALING, record
from tests.bench.simulating import requests_of, simulate, workers
from tests.fixtures.system import Study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
CALLS = 2000
LATENCY_S = 0.2
IN_FLIGHT = 50
IN_WORDS = {1: "one worker", 2: "two workers"}
# Few places and long calls: what one worker does is bound by latency, up to eight of them.
PLACES = 4
LONG_S = 0.4
CALLS_EACH = 160
SHORT_S = 0.1
MANY_PLACES = 16


@pytest.mark.parametrize("count", [1, 2])
async def test_simulation_efficiency(study: Study, count: int) -> None:
    async with workers(study, count, IN_FLIGHT // count):
        ran = await simulate(study, CALLS, LATENCY_S)
        bare = await references.bare_answers(
            study.system.model.url, await requests_of(study, ran.simulation_id), IN_FLIGHT
        )
    assert (ran.calls, bare.calls, bare.lost) == (CALLS, CALLS, 0)
    ideal_s = CALLS * LATENCY_S / IN_FLIGHT
    own, plain = ideal_s / ran.seconds, ideal_s / bare.seconds
    record(
        f"{EFFICIENCY}, {IN_WORDS[count]}",
        f"{own:.2f}",
        own / plain if count == 1 else own,
        reference=f"{plain:.2f}: SDK, semaphore, retry loop",
        ratio=own / plain,
        said=f"{ran.used.ms_each(CALLS):.1f} ms CPU per call, workers {ran.used.ms_each(CALLS, 'workers'):.1f}, "
        f"model {ran.used.ms_each(CALLS, 'model'):.1f}; {ran.used.busy()}",
    )


async def test_scaling(study: Study) -> None:
    single = 0.0
    for count in (1, 2, 4, 8):
        async with workers(study, count, PLACES):
            ran = await simulate(study, count * CALLS_EACH, LONG_S)
        rate = ran.calls / ran.seconds
        if count == 1:
            single = rate
            continue
        linear = rate / (count * single)
        record(
            f"{SCALING}, {count} workers",
            f"{linear:.2f} of linear, {rate:.1f} calls/s",
            linear,
            reference=f"{single:.1f} calls/s: one worker of {PLACES} places, calls of {1000 * LONG_S:.0f} ms",
            said=f"{ran.used.ms_each(ran.calls):.1f} ms CPU per call; {ran.used.busy()}",
        )


async def test_where_cpu_is_the_limit(study: Study) -> None:
    count = 8
    async with workers(study, count, MANY_PLACES):
        ran = await simulate(study, 4000, SHORT_S)
    rate, each_ms = ran.calls / ran.seconds, ran.used.ms_each(ran.calls)
    record(
        f"{SCALING}, 8 workers, short calls",
        f"{rate:.0f} calls/s",
        rate,
        reference=f"{count * MANY_PLACES / SHORT_S:.0f} calls/s if latency alone counted",
        ratio=rate * SHORT_S / (count * MANY_PLACES),
        said=f"{each_ms:.1f} ms CPU per call, the clients' {ran.used.ms_each(ran.calls, 'workers'):.1f}: "
        f"{CORES} cores end at {1000 * CORES / each_ms:.0f} calls/s; {ran.used.busy()}",
    )

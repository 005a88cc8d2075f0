"""The limit on all requests: counted here without waiting, evened out over Redis, open when that is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from core.embedded.valkey import Valkey, running_valkey
from core.rates import meter as meters
from core.rates.buckets import MOST_LOCAL
from core.rates.meter import Meter
from core.settings import Rate, Settings


@asynccontextmanager
async def metering(url: str, *, quota: int = 10, window_s: int = 600) -> AsyncIterator[Meter]:
    made = Meter(Settings(redis_url=url, rate_limits={"requests": Rate(quota=quota, window_s=window_s)}))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Valkey]:
    """A Valkey of the test's own, to be killed."""
    with running_valkey(tmp_path / "valkey", durable=False) as server:
        yield server


@pytest.fixture
def who() -> str:
    """A caller nobody counted before."""
    return uuid4().hex


def passed(meter: Meter, who: str, tries: int) -> int:
    return sum(meter.count("requests", who)[1] == 0 for _ in range(tries))


async def test_one_process_lets_in_exactly_the_quota(valkey_server: Valkey, who: str) -> None:
    async with metering(valkey_server.url) as meter:
        assert [meter.count("requests", who)[0].left for _ in range(11)] == [*range(9, -1, -1), 0]
        standing, wait_s = meter.count("requests", who)
        assert 59 <= wait_s <= 60
        assert standing.policy.told == '"requests";q=10;w=600'
        await meter.tell()
        assert passed(meter, who, 5) == 0
        assert passed(meter, uuid4().hex, 20) == 10


async def test_what_one_process_let_in_the_other_does_not(valkey_server: Valkey, who: str) -> None:
    async with metering(valkey_server.url) as one, metering(valkey_server.url) as other:
        assert passed(one, who, 6) == 6
        await one.tell()
        assert passed(other, who, 1) == 1
        await other.tell()
        assert passed(other, who, 20) == 3


async def test_it_tells_by_itself(valkey_server: Valkey, who: str) -> None:
    async with metering(valkey_server.url) as one, metering(valkey_server.url) as other:
        assert passed(one, who, 10) == 10
        await asyncio.sleep(3 * meters.EVERY_S)
        assert passed(other, who, 1) == 1
        await asyncio.sleep(3 * meters.EVERY_S)
        assert passed(other, who, 20) == 0


async def test_a_steady_caller_below_the_limit_is_never_refused(valkey_server: Valkey, who: str) -> None:
    async with metering(valkey_server.url, quota=100, window_s=1) as meter:
        for _ in range(30):
            assert passed(meter, who, 2) == 2
            await asyncio.sleep(0.04)


async def test_redis_killed_in_mid_run_refuses_nobody(
    mortal: Valkey, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "EVERY_S", 0.02)
    monkeypatch.setattr(meters, "PAUSE_AFTER_FAILURE_S", 0.05)
    async with metering(mortal.url, quota=50, window_s=1) as meter:
        for round_ in range(60):
            assert passed(meter, who, 1) == 1, round_
            if round_ == 10:
                mortal.kill()
            if round_ == 40:
                mortal.start()
            await asyncio.sleep(0.03)
        assert passed(meter, who, 200) < 100


async def test_after_an_outage_the_processes_even_out_again(
    mortal: Valkey, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meters, "PAUSE_AFTER_FAILURE_S", 0.05)
    async with metering(mortal.url) as one, metering(mortal.url) as other:
        mortal.kill()
        assert (passed(one, who, 6), passed(other, who, 6)) == (6, 6)
        await asyncio.sleep(2 * meters.EVERY_S)
        mortal.start()
        await asyncio.sleep(4 * meters.EVERY_S)
        assert passed(one, who, 1) + passed(other, who, 1) < 2
        await asyncio.sleep(3 * meters.EVERY_S)
        assert (passed(one, who, 20), passed(other, who, 20)) == (0, 0)


async def test_a_flood_of_made_up_callers_does_not_fill_the_memory(valkey_server: Valkey) -> None:
    made = Meter(Settings(redis_url=valkey_server.url))
    try:
        for number in range(MOST_LOCAL + 1000):
            made.count("anonymous", str(number))
        assert len(made._buckets) <= MOST_LOCAL
        await made.tell()
    finally:
        await made.stop()

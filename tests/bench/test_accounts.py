"""Logins leave the event loop free, and how long an answer takes does not tell who has an account."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import httpx
import pytest

from tests.bench.conftest import taking_part
from tests.bench.page import ALIKE, HEALTH, record
from tests.factories.users import PASSWORD, make_user
from tests.fixtures.system import System, running_system

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
LOGINS = 50
ROUNDS = 2
PAIRS = 40
EVERY_S = 0.01


@pytest.fixture(scope="module")
async def product() -> AsyncIterator[System]:
    """The product without limits on how often one asks; this process writes to its database too."""
    async with running_system(RATE_LIMIT_ENABLED="false") as running, taking_part(running):
        yield running


async def test_health_while_many_log_in(product: System) -> None:
    user = await make_user()
    address = product.client.base_url
    limits = httpx.Limits(max_connections=LOGINS)
    async with (
        httpx.AsyncClient(base_url=address, limits=limits, timeout=60) as people,
        httpx.AsyncClient(base_url=address) as monitor,
    ):

        async def log_in(_: int) -> int:
            answer = await people.post("/auth/login", json={"email": user.email, "password": PASSWORD})
            return answer.status_code

        async def all_log_in() -> list[int]:
            return [one for _ in range(ROUNDS) for one in await asyncio.gather(*map(log_in, range(LOGINS)))]

        await asyncio.gather(*(people.get("/healthz") for _ in range(LOGINS)))  # their connections are open from now on
        began = time.perf_counter()
        logging_in = asyncio.create_task(all_log_in())
        took_ms: list[float] = []
        while not logging_in.done():
            asked = time.perf_counter()
            assert (await monitor.get("/healthz")).status_code == 200
            took_ms.append(1000 * (time.perf_counter() - asked))
            await asyncio.sleep(EVERY_S)
        each_s = LOGINS * ROUNDS / (time.perf_counter() - began)
        assert set(logging_in.result()) == {200}
    p99 = statistics.quantiles(took_ms, n=100)[98]
    said = f"p50 {statistics.median(took_ms):.1f} ms, {len(took_ms)} asked; {each_s:.0f} logins/s"
    record(HEALTH, f"{p99:.1f} ms", p99, said=said)


@pytest.mark.parametrize("act", ["login", "signup", "forgot-password"])
async def test_an_answer_takes_as_long_for_a_known_address(product: System, act: str) -> None:
    known = (await make_user()).email
    bodies: dict[str, Callable[[str], dict[str, str]]] = {
        "login": lambda email: {"email": email, "password": "not the password of anyone"},
        "signup": lambda email: {"email": email, "password": PASSWORD, "full_name": "Some One"},
        "forgot-password": lambda email: {"email": email},
    }

    async def took_ms(client: httpx.AsyncClient, email: str) -> tuple[float, int]:
        asked = time.perf_counter()
        answer = await client.post(f"/auth/{act}", json=bodies[act](email))
        took = 1000 * (time.perf_counter() - asked)
        await asyncio.sleep(0.1)  # what is done after the answer is not in the next one's way
        return took, answer.status_code

    times: dict[bool, list[float]] = {True: [], False: []}
    statuses = set()
    async with httpx.AsyncClient(base_url=product.client.base_url, timeout=30) as client:
        for number in range(2 * PAIRS + 10):
            is_known = number % 2 == 0
            took, status = await took_ms(client, known if is_known else f"{uuid4().hex}@example.org")
            statuses.add(status)
            if number >= 10:
                times[is_known].append(took)
    assert len(statuses) == 1
    mine, other = (statistics.median(times[is_known]) for is_known in (True, False))
    ratio = max(mine, other) / min(mine, other)
    said = f"medians of {PAIRS} each: known {mine:.2f} ms, unknown {other:.2f} ms"
    record(f"{ALIKE}, {act}", f"{ratio:.2f}", ratio, said=said)

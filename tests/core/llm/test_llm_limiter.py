"""Limits per minute that clients keep together: in Valkey, over the wire, and with Valkey away."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from itertools import cycle

import pytest

from core.embedded.model import OfflineModel
from core.embedded.valkey import Valkey
from core.llm.buckets import Shared
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.llm.contract import usage_of
from core.llm.errors import ModelPaused
from core.llm.limiter import Limiter, Pace, fingerprint
from tests.core.llm.conftest import MakeClient, configured
from tests.core.llm.examples import GOOD, QUESTION, WORD
from tests.core.llm.fault_server import FaultServer, Reply, chat, error

FAR_S = 10_000.0
TOLD = {"x-ratelimit-limit-requests": "600", "x-ratelimit-remaining-requests": "599"}


@pytest.fixture
async def both(valkey_server: Valkey) -> AsyncIterator[list[Shared]]:
    """Two processes at one Valkey."""
    made = [Shared(valkey_server.url) for _ in range(2)]
    yield made
    for shared in made:
        await shared.aclose()


def pace(shared: Shared, requests: float | None, tokens: float | None = None, *, name: str = "") -> Pace:
    """Return a pace with buckets of its own, or those of `name`, that grants whatever wait there is."""
    return Pace(name or uuid.uuid4().hex, (requests, tokens), FAR_S, shared)


@pytest.mark.parametrize("limit", [1, 7, 60, 900])
async def test_two_processes_together_get_no_more_than_the_limit_in_any_minute(
    both: list[Shared], limit: float
) -> None:
    name = uuid.uuid4().hex
    paces = cycle([pace(shared, limit, name=name) for shared in both])
    loop = asyncio.get_running_loop()
    at = []
    for _ in range(round(1.5 * limit) + 1):
        granted, wait_s = await next(paces)._draw((1, 0))
        assert granted
        at.append(loop.time() + wait_s)
    # What is granted after a wait is granted for then: the waits are the timetable of the calls.
    most = max(sum(1 for other in at if one <= other < one + 59.9) for one in at)
    assert 0.9 * limit <= most <= limit


async def test_tokens_are_limited_as_well_and_settled_by_use(both: list[Shared]) -> None:
    one = pace(both[0], None, 6000)
    assert await one._draw((1, 4000)) == (True, 0)
    _, wait_s = await one._draw((1, 100))
    assert wait_s == pytest.approx(4000 / 98.35, rel=0.02)
    one.settle("word", 4100, 100, 20)
    _, wait_s = await one._draw((1, 100))
    assert wait_s < 2
    one.settle("word", 100, 1100, 20)  # more than was expected
    _, wait_s = await one._draw((1, 100))
    assert wait_s > 10


async def test_generous_limits_are_drawn_for_several_calls_at_once(
    both: list[Shared], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = pace(both[0], 60_000, 6_000_000)
    draws, draw = 0, both[0].draw

    async def counted(name: str, arguments: list[float]) -> tuple[bool, float, int] | None:
        nonlocal draws
        draws += 1
        return await draw(name, arguments)

    monkeypatch.setattr(both[0], "draw", counted)
    for _ in range(50):
        await one.turn(100)
    assert draws <= 5
    await one.pause(30)
    one.longest_wait_s = 5
    with pytest.raises(ModelPaused):  # what was drawn ahead does not outlast a pause
        await one.turn(100)


async def test_a_share_is_kept_as_the_script_keeps_the_whole(both: list[Shared]) -> None:
    script, alone = pace(both[0], 90, 50_000), pace(Shared(None), 90, 50_000)
    for _ in range(20):
        (_, expected_s), (_, wait_s) = await script._draw((1, 700)), await alone._draw((1, 700))
        assert wait_s == pytest.approx(expected_s, abs=0.3)


async def test_the_estimate_follows_what_replies_come_to(both: list[Shared]) -> None:
    one = pace(both[0], 60)
    assert one.expect("word", 400, 2000) == 2100
    for _ in range(100):
        one.settle("word", 2100, 150, 50)
    assert one.expect("word", 400, 2000) == 150
    assert one.expect("other", 400, 2000) == 2100


async def test_a_limit_that_is_used_up_stops_all_processes_until_it_is_not(valkey_server: Valkey) -> None:
    config = ModelConfig("m", "e", api_key=uuid.uuid4().hex, redis_url=valkey_server.url, requests_per_minute=6000)
    limiters = [Limiter(config), Limiter(config)]
    said = limiters[0].hear("m", {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"})
    assert await limiters[0].exhausted("m", said, None)
    for limiter in limiters:
        found = limiter.pace("m")
        assert found is not None
        with pytest.raises(ModelPaused) as caught:
            await found.turn(10)
        assert caught.value.retry_after_s is not None
        assert 355 <= caught.value.retry_after_s <= 400
        other = limiter.pace("another-model")
        assert other is not None
        await other.turn(10)
        await limiter.aclose()


async def test_a_refusal_that_says_nothing_of_a_limit_stops_nobody_else() -> None:
    limiter = Limiter(ModelConfig("m", "e"))
    assert not await limiter.exhausted("m", limiter.hear("m", {"retry-after": "60"}), 60.0)
    still = {"x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "6m0s"}
    assert not await limiter.exhausted("m", limiter.hear("m", still), 60.0)
    assert limiter.pace("m") is None


async def test_calls_stand_in_line_and_a_cancelled_one_takes_nothing(both: list[Shared]) -> None:
    one = pace(both[0], 60)  # a call a second
    await one.turn(0)
    order: list[int] = []

    async def call(number: int) -> None:
        await one.turn(0)
        order.append(number)

    tasks = [asyncio.create_task(call(number)) for number in range(4)]
    await asyncio.sleep(0.1)
    tasks[0].cancel()
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [1, 3]
    _, wait_s = await one._draw((1, 0))
    assert wait_s <= 1.0


def test_the_key_is_not_in_the_name() -> None:
    one = ModelConfig("m", "e", base_url="http://a/v1", api_key="sk-very-secret")
    other = ModelConfig("m", "e", base_url="http://a/v1", api_key="sk-another")
    assert "secret" not in fingerprint(one)
    assert len({fingerprint(one), fingerprint(other)}) == 2


async def test_redis_is_left_alone_until_a_limit_is_known(server: FaultServer, make_client: MakeClient) -> None:
    connections = 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    client = make_client(redis_url=f"redis://127.0.0.1:{port}/0")
    for number in range(5):
        await client.complete(WORD, QUESTION, seed=number)
    assert connections == 0
    server.default = lambda _: Reply(200, chat(GOOD).body, TOLD)
    for number in range(5):
        await client.complete(WORD, QUESTION, seed=number)
    assert connections > 0  # and a Redis that does not work stops no call
    listener.close()


async def test_a_refusal_in_person_is_honoured_by_the_other_client(
    server: FaultServer, make_client: MakeClient, valkey_server: Valkey
) -> None:
    clients = [make_client(redis_url=valkey_server.url, requests_per_minute=60_000) for _ in range(2)]
    empty = {"x-ratelimit-limit-requests": "60000", "x-ratelimit-remaining-requests": "0"}
    server.script = [error(429, retry_after="120", **empty)]
    for client in clients:
        with pytest.raises(ModelPaused) as caught:
            await client.complete(WORD, QUESTION, seed=1)
        assert caught.value.retry_after_s is not None
        assert 118 <= caught.value.retry_after_s <= 140
    assert len(server.requests) == 1


async def ask_all(clients: list[ModelClient], calls: int) -> int:
    """Ask that many questions of each client at once; return how many tries it took."""
    asked = [client.complete(WORD, QUESTION, seed=n) for n in range(calls) for client in clients]
    return usage_of(call for done in await asyncio.gather(*asked) for call in done.calls).calls


LIMITS = {"requests_per_minute": 2400, "limit_burst_s": 2.5}


@pytest.mark.parametrize("told", [True, False])
async def test_two_clients_keep_a_limit_together(
    offline_model: OfflineModel, make_client: MakeClient, valkey_server: Valkey, told: bool
) -> None:
    own = LIMITS["requests_per_minute"] if told else None
    over = {"base_url": offline_model.url, "redis_url": valkey_server.url, "api_key": uuid.uuid4().hex}
    clients = [make_client(requests_per_minute=own, max_concurrency=32, **over) for _ in range(2)]
    async with configured(offline_model, **LIMITS) as stats:
        tries = await ask_all(clients, 90)
        counted = await stats()
    assert counted["calls_total"] == 180
    assert tries - 180 == counted["faults"].get("limit", 0) <= 3


async def test_each_keeps_its_share_while_valkey_is_away(
    offline_model: OfflineModel, make_client: MakeClient, valkey_server: Valkey
) -> None:
    over = {"base_url": offline_model.url, "redis_url": valkey_server.url, "api_key": uuid.uuid4().hex}
    clients = [make_client(requests_per_minute=LIMITS["requests_per_minute"], **over) for _ in range(2)]
    async with configured(offline_model, **LIMITS) as stats:
        await ask_all(clients, 5)
        try:
            valkey_server.stop()
            tries = await ask_all(clients, 70)
        finally:
            valkey_server.start()
        counted = await stats()
    assert counted["calls_total"] == 150
    assert tries - 140 == counted["faults"].get("limit", 0) <= 5

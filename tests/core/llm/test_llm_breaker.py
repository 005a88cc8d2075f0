"""The circuit breaker: an outage stops the calls and uses up no tries; one call finds out when it is over."""

from __future__ import annotations

import asyncio
import logging
import random
from itertools import pairwise

import pytest

from core.embedded.ports import find_free_port
from core.llm import breaker as breakers
from core.llm.breaker import Breaker
from core.llm.client import ModelClient
from core.llm.errors import ModelError, ModelPaused, ModelUnavailable
from tests.core.llm.conftest import MakeClient
from tests.core.llm.examples import GOOD, QUESTION, WORD, Question
from tests.core.llm.fault_server import FaultServer, Reply, chat, error


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(breakers, "time", stopped)
    return stopped


def opened() -> Breaker:
    breaker = Breaker("m", after=3)
    for request in range(3):
        breaker.failed("HTTP 500", request)
    assert breaker.broken
    return breaker


async def probe(breaker: Breaker, *, works: bool) -> None:
    async with breaker.probing(5):
        if works:
            breaker.succeeded()
        else:
            breaker.failed("HTTP 500", 1)


def test_it_opens_after_failures_in_a_row_and_not_before() -> None:
    breaker = Breaker("m", after=3)
    for _ in range(10):
        assert not breaker.failed("HTTP 500", 1)
        assert not breaker.failed("HTTP 500", 2)
        breaker.succeeded()
    assert [breaker.failed("HTTP 500", number) for number in range(4)] == [False, False, True, True]


def test_a_small_rate_of_failures_never_opens_it() -> None:
    breaker, rng = Breaker("m"), random.Random(1)
    for number in range(200_000):
        if rng.random() < 0.02:
            assert not breaker.failed("HTTP 500", number)
        else:
            breaker.succeeded()


def test_one_request_alone_may_itself_be_the_reason() -> None:
    breaker = Breaker("m", after=3)
    assert not any(breaker.failed("HTTP 500", 1) for _ in range(50))
    assert not breaker.gave_up(4)
    assert breaker.failed("HTTP 500", 2)
    unreachable = Breaker("m", after=3)
    assert [unreachable.failed("no connection", None) for _ in range(3)] == [False, False, True]


async def test_pauses_grow_to_a_bound_while_probes_fail(clock: Clock) -> None:
    breaker, pauses = opened(), []
    for _ in range(10):
        pauses.append(breaker._until - clock.now)
        with pytest.raises(ModelPaused) as caught:
            await probe(breaker, works=True)
        assert caught.value.retry_after_s is not None
        assert pauses[-1] <= caught.value.retry_after_s <= pauses[-1] * 1.2 + 1
        clock.now += pauses[-1]
        await probe(breaker, works=False)
    assert all(0.9 * 60 <= pause <= 1.1 * 60 for pause in pauses[6:])
    assert all(1.5 < later / earlier < 2.5 for earlier, later in pairwise(pauses[:6]))


async def test_the_retry_after_of_a_failing_endpoint_is_kept_within_an_hour(clock: Clock) -> None:
    for asked_s, least_s, most_s in ((300.0, 270, 330), (1e6, 3240, 3960)):
        breaker = opened()
        clock.now += 2
        async with breaker.probing(5):
            breaker.failed("HTTP 503", 1, asked_s)
        assert least_s <= breaker._until - clock.now <= most_s


async def test_one_call_probes_and_the_others_wait_for_what_comes_of_it(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "core.llm.breaker"):
        breaker = opened()
        clock.now += 2
        inside, release, done = asyncio.Event(), asyncio.Event(), list[str]()

        async def first() -> None:
            async with breaker.probing(5):
                inside.set()
                await release.wait()
                done.append("probe")
                breaker.succeeded()

        async def other() -> None:
            async with breaker.probing(5):
                done.append("other")

        tasks = [asyncio.create_task(first()), *(asyncio.create_task(other()) for _ in range(3))]
        await inside.wait()
        await asyncio.sleep(0)
        assert done == []
        release.set()
        await asyncio.gather(*tasks)
        assert done == ["probe", "other", "other", "other"]
        assert not breaker.broken
    assert len(caplog.messages) == 2  # once when calls stop, once when they go on


async def test_a_probe_that_is_cancelled_leaves_the_next_one_to_try(clock: Clock) -> None:
    breaker = opened()
    clock.now += 2
    inside = asyncio.Event()

    async def hanging() -> None:
        async with breaker.probing(5):
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hanging())
    await inside.wait()
    with pytest.raises(ModelPaused):
        await asyncio.wait_for(_enter(breaker, 0.01), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await probe(breaker, works=True)
    assert not breaker.broken


async def _enter(breaker: Breaker, patience_s: float) -> None:
    async with breaker.probing(patience_s):
        raise AssertionError("nobody may pass while a probe is under way")


async def ask(client: ModelClient, number: int) -> ModelError | str:
    try:
        return (await client.complete(WORD, Question(text=str(number)), seed=number)).output.word
    except ModelError as failed:
        return failed


async def test_an_outage_ends_all_calls_soon_and_sends_no_more(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: error(500)
    ended = await asyncio.gather(*(ask(client, number) for number in range(100)))
    assert len(server.requests) < 30
    sent = len(server.requests)
    ended += await asyncio.gather(*(ask(client, number) for number in range(20)))
    assert len(server.requests) == sent
    assert {type(one) for one in ended} == {ModelPaused}
    billed = [call for one in ended if isinstance(one, ModelError) for call in one.calls]
    assert len(billed) == sent  # what was sent is in the ledger, by the calls that sent it


async def test_an_endpoint_that_comes_back_is_used_again(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: error(503)
    await asyncio.gather(*(ask(client, number) for number in range(20)))
    server.default = lambda _: chat(GOOD)
    client._breakers["asked-1"]._until = 0.0
    assert await asyncio.gather(*(ask(client, number) for number in range(20))) == ["yes"] * 20


@pytest.mark.parametrize("reply", [error(429), Reply(body="<html>")])
async def test_an_endpoint_that_replies_is_no_outage(server: FaultServer, client: ModelClient, reply: Reply) -> None:
    server.default = lambda _: reply
    ended = await asyncio.gather(*(ask(client, number) for number in range(12)))
    assert {type(one) for one in ended} == {ModelUnavailable}


async def test_a_request_that_breaks_the_endpoint_is_given_up_and_harms_no_other(
    server: FaultServer, client: ModelClient
) -> None:
    server.default = lambda request: error(500) if "poison" in str(request.body) else chat(GOOD)
    for _ in range(4):
        with pytest.raises(ModelUnavailable) as caught:
            await client.complete(WORD, Question(text="poison"), seed=1)
        assert type(caught.value) is ModelUnavailable
    assert await ask(client, 1) == "yes"


async def test_an_endpoint_nobody_listens_at_pauses_a_lone_call(make_client: MakeClient) -> None:
    client = make_client(base_url=f"http://127.0.0.1:{find_free_port()}/v1")
    with pytest.raises(ModelPaused, match="no connection") as caught:
        await client.complete(WORD, QUESTION, seed=1)
    assert len(caught.value.calls) == 4

"""The gate against servers that take fewer calls than it may send: it finds out how many, and stays there."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from core.embedded.model import OfflineModel
from core.llm.concurrency import Gate
from core.llm.contract import usage_of
from tests.core.llm.conftest import MakeClient, configured
from tests.core.llm.examples import QUESTION, WORD

MAXIMUM = 50
CALLS = 2000


@dataclass
class Simulated:
    """A server of which time is counted, not waited for: calls of about a second, refusals at once."""

    takes: int
    refuses: float = 0.0
    now: float = 0.0
    in_flight: int = 0
    tries: int = 0
    answered: int = 0
    busy: float = 0.0
    _due: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _random: random.Random = field(default_factory=lambda: random.Random(1))

    async def call(self, gate: Gate) -> None:
        """Ask until there is an answer, a second after each refusal."""
        while True:
            async with gate.slot() as slot:
                self.tries += 1
                if await self._answers():
                    slot.succeeded()
                    self.answered += 1
                    return
                slot.overloaded()
            await self._after(1.0)

    async def serve(self, gate: Gate, calls: int) -> None:
        """Answer that many calls."""
        tasks = [asyncio.create_task(self.call(gate)) for _ in range(calls)]
        while not all(task.done() for task in tasks):
            for _ in range(6):  # let all go as far as they get
                await asyncio.sleep(0)
            if self._due:
                at, _, turn = heapq.heappop(self._due)
                self.busy += self.in_flight * (at - self.now)
                self.now = at
                turn.set_result(None)
        await asyncio.gather(*tasks)

    async def _answers(self) -> bool:
        await self._after(0.02)
        if self.in_flight >= self.takes or self._random.random() < self.refuses:
            await self._after(0.005)
            return False
        self.in_flight += 1
        await self._after(self._random.uniform(0.75, 1.25))
        self.in_flight -= 1
        await self._after(0.005)
        return True

    def _after(self, seconds: float) -> asyncio.Future[None]:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._due, (self.now + seconds, next(self._numbers), turn))
        return turn


@pytest.mark.parametrize("takes", [5, 20, 45])
async def test_a_server_that_takes_fewer_is_kept_busy_with_few_refusals(takes: int) -> None:
    server, gate = Simulated(takes), Gate(MAXIMUM)
    await server.serve(gate, CALLS)
    assert server.answered == CALLS
    assert server.tries <= 1.05 * CALLS
    assert server.busy / server.now >= 0.8 * takes


async def test_refusals_that_have_nothing_to_do_with_concurrency_do_not_stop_the_work() -> None:
    server, gate = Simulated(1000, refuses=0.05), Gate(MAXIMUM)
    await server.serve(gate, CALLS)
    assert server.tries <= 1.08 * CALLS
    assert server.busy / server.now >= 0.6 * MAXIMUM


async def test_a_server_that_takes_more_again_is_given_more() -> None:
    server, gate = Simulated(5), Gate(MAXIMUM)
    await server.serve(gate, 500)
    assert gate.limit <= 5
    server.takes = 40
    await server.serve(gate, 1000)
    assert gate.limit >= 30


async def test_the_offline_model_is_kept_busy_with_few_refusals(
    offline_model: OfflineModel, make_client: MakeClient
) -> None:
    # The start costs about as many refusals as the server takes calls, so few calls are allowed a larger share.
    client = make_client(base_url=offline_model.url, max_concurrency=50)
    async with configured(offline_model, max_concurrency=20, latency_ms=40, retry_after_s=0.2) as stats:
        done = await asyncio.gather(*(client.complete(WORD, QUESTION, seed=number) for number in range(600)))
        counted = await stats()
    used = usage_of(call for completion in done for call in completion.calls)
    assert used.calls <= 1.2 * 600
    assert used.calls - 600 == counted["faults"].get("max_concurrency", 0) > 0
    assert counted["max_in_flight"] == 20

"""The gate: bounded, first come first served, and nothing is lost when a waiter is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from core.llm.concurrency import Gate, Slot


async def hold(gate: Gate, release: asyncio.Event, order: list[int] | None = None, number: int = 0) -> None:
    async with gate.slot():
        if order is not None:
            order.append(number)
        await release.wait()


async def test_it_starts_with_four_and_grows_with_success() -> None:
    gate = Gate(6)
    assert gate.limit == 4
    for _ in range(5):
        async with gate.slot() as slot:
            slot.succeeded()
    assert (gate.limit, gate.in_flight) == (6, 0)


async def test_turns_come_in_order_of_arrival() -> None:
    gate, release, order = Gate(1), asyncio.Event(), list[int]()
    tasks = [asyncio.create_task(hold(gate, release, order, number)) for number in range(5)]
    await asyncio.sleep(0)
    assert (gate.in_flight, gate.waiting) == (1, 4)
    release.set()
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]


async def slots_of(gate: Gate, count: int) -> list[Slot]:
    """Slots that were held at the same time."""
    async with AsyncExitStack() as stack:
        return [await stack.enter_async_context(gate.slot()) for _ in range(count)]


async def test_a_lone_refusal_changes_nothing() -> None:
    gate = Gate(16, start=16)
    for _ in range(50):
        refused, *answered = await slots_of(gate, 16)
        refused.overloaded()
        for slot in answered:
            slot.succeeded()
    assert gate.limit == 16


async def test_one_burst_of_overload_cuts_once_to_below_where_it_began() -> None:
    gate = Gate(16, start=16)
    slots = await slots_of(gate, 16)
    for slot in slots[9:]:
        slot.overloaded()
    cut = gate.limit
    assert 8 <= cut <= 11  # the third refusal came at 12 in flight
    for slot in slots[:9]:  # older than the cut: they say nothing about the present
        slot.succeeded()
    assert gate.limit == cut


async def test_lasting_overload_leaves_one_call() -> None:
    gate = Gate(64, start=64)
    cuts = 0
    while gate.limit > 1:
        cuts += 1
        for slot in await slots_of(gate, gate.limit):
            slot.overloaded()
    assert cuts <= 8


async def test_a_gate_that_is_hardly_used_learns_nothing_from_success() -> None:
    gate = Gate(64, start=32)
    for slot in await slots_of(gate, 32):
        slot.overloaded()
    for _ in range(100):
        [slot] = await slots_of(gate, 1)
        slot.succeeded()
    assert gate.limit < 32


async def test_cancelled_waiters_leave_the_queue() -> None:
    gate, release = Gate(1), asyncio.Event()
    tasks = [asyncio.create_task(hold(gate, release)) for _ in range(4)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    tasks[2].cancel()
    await asyncio.gather(tasks[1], tasks[2], return_exceptions=True)
    assert gate.waiting == 1
    release.set()
    await asyncio.gather(tasks[0], tasks[3])
    assert (gate.in_flight, gate.waiting) == (0, 0)


async def test_a_turn_that_came_while_cancelling_is_passed_on() -> None:
    gate, release = Gate(1), asyncio.Event()
    tasks = [asyncio.create_task(hold(gate, release)) for _ in range(3)]
    await asyncio.sleep(0)
    release.set()
    await asyncio.sleep(0)  # the first task ends and hands its turn to the second
    tasks[1].cancel()
    await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 20)
    assert gate.in_flight == 0
    async with gate.slot():
        assert gate.in_flight == 1


async def test_it_can_be_resized_at_any_time() -> None:
    gate, release = Gate(2, start=2), asyncio.Event()
    tasks = [asyncio.create_task(hold(gate, release)) for _ in range(4)]
    await asyncio.sleep(0)
    gate.resize(1)
    assert (gate.limit, gate.in_flight) == (1, 2)
    gate.resize(4)
    gate.widen(0, 1)
    await asyncio.sleep(0)
    assert gate.limit == 2
    release.set()
    await asyncio.gather(*tasks)
    with pytest.raises(ValueError, match="at least one"):
        gate.resize(0)

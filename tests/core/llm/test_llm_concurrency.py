"""The gate: bounded, first come first served, and nothing is lost when a waiter is cancelled."""

from __future__ import annotations

import asyncio

import pytest

from core.llm.concurrency import Gate


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


async def test_one_burst_of_overload_halves_once() -> None:
    gate = Gate(16, start=16)
    slots = []
    for _ in range(3):
        async with gate.slot() as slot:
            slots.append(slot)
    for slot in slots:
        slot.overloaded()
    assert gate.limit == 8
    slots[0].succeeded()  # older than the halving: says nothing about the present
    assert gate.limit == 8
    for _ in range(9):
        async with gate.slot() as slot:
            slot.overloaded()
    assert gate.limit == 1


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
    gate.widen(0)
    await asyncio.sleep(0)
    assert gate.limit == 2
    release.set()
    await asyncio.gather(*tasks)
    with pytest.raises(ValueError, match="at least one"):
        gate.resize(0)

"""Places are bounded, shared fairly among jobs, and never lost to a cancel."""

from __future__ import annotations

import asyncio

from worker.lanes import FairSlots


async def test_never_more_than_the_places_at_once() -> None:
    slots, under_way, most = FairSlots(3), 0, 0

    async def use(owner: int) -> None:
        nonlocal under_way, most
        async with slots.slot(owner):
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.001)
            under_way -= 1

    await asyncio.gather(*(use(number % 4) for number in range(40)))
    assert (most, under_way) == (3, 0)


async def test_a_short_job_overtakes_the_line_of_a_long_one() -> None:
    slots, order = FairSlots(2), []

    async def use(owner: str) -> None:
        async with slots.slot(owner):
            await asyncio.sleep(0.001)
            order.append(owner)

    long = [asyncio.create_task(use("long")) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(*long, asyncio.create_task(use("short")))
    assert order.index("short") <= 4


async def test_a_cancelled_waiter_costs_no_place() -> None:
    slots = FairSlots(1)
    release = asyncio.Event()

    async def hold() -> None:
        async with slots.slot("a"):
            await release.wait()

    async def pass_through() -> None:
        async with slots.slot("b"):
            pass

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(pass_through()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    release.set()
    await asyncio.sleep(0)
    waiting[1].cancel()  # perhaps in the very moment its turn came
    await asyncio.gather(holding, *waiting, return_exceptions=True)
    await asyncio.wait_for(pass_through(), 10)


async def test_a_place_is_kept_for_a_job_that_is_expected() -> None:
    slots = FairSlots(3)
    release = asyncio.Event()
    served: list[str] = []

    async def use(owner: str) -> None:
        async with slots.slot(owner):
            served.append(owner)
            await release.wait()

    with slots.expect("late"):
        early = [asyncio.create_task(use("early")) for _ in range(5)]
        await asyncio.sleep(0)
        assert served == ["early", "early"]
        late = asyncio.create_task(use("late"))
        await asyncio.sleep(0)
        assert served == ["early", "early", "late"]
        release.set()
        await asyncio.gather(*early, late)
    await asyncio.wait_for(use("after"), 10)

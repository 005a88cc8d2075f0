"""Places are bounded, shared fairly among jobs, and never lost to a cancel."""

from __future__ import annotations

import asyncio

import pytest

from worker.lanes import FairSlots, Lanes


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


@pytest.mark.parametrize("places", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("under_way", [0, 1, 4])
async def test_however_few_the_places_all_shards_get_through(places: int, under_way: int) -> None:
    """Shards take their people through questions; more start, as many as there are places, while some are under way."""
    lanes, answered = Lanes(places), 0

    async def person(shard: int) -> None:
        nonlocal answered
        async with lanes.subjects.slot(shard):
            for _ in range(3):
                async with lanes.asking.slot(shard):
                    await asyncio.sleep(0)
                answered += 1

    async def take_through(shard: int) -> None:
        with lanes.expect(shard):
            await asyncio.gather(*(person(shard) for _ in range(6)))

    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        for shard in range(under_way):
            group.create_task(take_through(shard))
        await asyncio.sleep(0.001)
        for shard in range(under_way, under_way + places + 1):
            group.create_task(take_through(shard))
    assert answered == 18 * (under_way + places + 1)


async def test_a_shard_that_only_replays_keeps_no_place() -> None:
    slots, entered = FairSlots(2), asyncio.Event()

    async def second() -> None:
        async with slots.slot("other"):
            entered.set()

    with slots.expect("replays"):
        async with slots.slot("other"):
            waiting = asyncio.create_task(second())
            await asyncio.sleep(0)
            assert not entered.is_set()
            slots.waive("replays")
            await asyncio.wait_for(entered.wait(), 5)
    await waiting

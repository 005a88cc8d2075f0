"""A workspace's bound on calls in flight: kept by all workers together, over Valkey, and with Valkey away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.db import session as db
from core.embedded.valkey import Valkey
from core.jobs.queue import queue
from core.limits import service as limits
from core.llm.contract import Completion
from core.llm.scripted import ScriptedModel
from tests.core.llm.examples import WORD, Question
from tests.factories import jobs
from worker.context import JobContext
from worker.lanes import Lanes
from worker.places import WorkspacePlaces
from worker.steps import Commits

Make = Callable[..., WorkspacePlaces]


@pytest.fixture
async def make(valkey_server: Valkey) -> AsyncIterator[Make]:
    """Make the places of workers at one Valkey."""
    made: list[WorkspacePlaces] = []

    def one(url: str | None = valkey_server.url, **options: Any) -> WorkspacePlaces:
        made.append(WorkspacePlaces(url, **options))
        return made[-1]

    yield one
    for places in made:
        await places.aclose()


class Crowd:
    """Counts who is inside at once."""

    def __init__(self) -> None:
        self.inside = self.most = self.been = 0

    async def go(self, places: WorkspacePlaces, workspace_id: UUID | None, bound: int | None) -> None:
        async with places.place(workspace_id, bound):
            self.inside += 1
            self.most = max(self.most, self.inside)
            await asyncio.sleep(0.01)
            self.inside -= 1
            self.been += 1


async def test_workers_together_hold_no_more_than_the_bound(make: Make) -> None:
    workers, workspace_id, crowd = [make(), make()], uuid4(), Crowd()
    await asyncio.gather(*(crowd.go(workers[number % 2], workspace_id, 3) for number in range(40)))
    assert (crowd.most, crowd.been) == (3, 40)


async def test_another_workspace_and_one_without_a_bound_wait_for_nobody(make: Make) -> None:
    places, full, crowd = make(), uuid4(), Crowd()
    async with places.place(full, 1):
        await asyncio.wait_for(crowd.go(places, uuid4(), 1), 5)
        await asyncio.wait_for(crowd.go(places, full, None), 5)
    assert crowd.been == 2


async def test_the_places_of_a_worker_that_died_come_back(make: Make) -> None:
    dead, alive, workspace_id = make(held_s=0.6), make(held_s=0.6), uuid4()
    async with asyncio.timeout(10):
        async with dead.place(workspace_id, 1):
            assert dead._renewing is not None
            dead._renewing.cancel()  # it renews no more
            async with alive.place(workspace_id, 1):
                pass


async def test_a_place_is_kept_as_long_as_its_worker_lives(make: Make) -> None:
    holder, other, workspace_id = make(held_s=0.6), make(held_s=0.6), uuid4()
    async with holder.place(workspace_id, 1):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Crowd().go(other, workspace_id, 1), 1.5)
    await asyncio.wait_for(Crowd().go(other, workspace_id, 1), 5)


async def test_who_is_cancelled_in_line_leaves_no_place_behind(make: Make) -> None:
    places, workspace_id = make(), uuid4()
    async with places.place(workspace_id, 1):
        waiting = asyncio.create_task(Crowd().go(places, workspace_id, 1))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.wait_for(Crowd().go(places, workspace_id, 1), 5)


async def test_while_valkey_is_away_a_worker_keeps_its_share(make: Make) -> None:
    one, two, workspace_id, crowd = make(), make(), uuid4(), Crowd()
    for places in (one, two, one):  # each has heard of the other
        await Crowd().go(places, workspace_id, 4)
    one._away_until = float("inf")
    await asyncio.gather(*(crowd.go(one, workspace_id, 4) for _ in range(10)))
    assert (crowd.most, crowd.been) == (2, 10)


async def test_a_jobs_questions_keep_to_its_workspaces_bound(workspace_id: UUID, valkey_server: Valkey) -> None:
    async with db.scope([workspace_id]) as session:
        await limits.update_asking(session, workspace_id, {"concurrency": 2})
    crowd = Crowd()

    class Model(ScriptedModel):
        async def complete(self, prompt: Any, data: Any, **over: Any) -> Completion[Any]:
            await crowd.go(WorkspacePlaces(), None, None)
            return await super().complete(prompt, data, **over)

    lanes = [Lanes(8, valkey_server.url) for _ in range(2)]
    held = [await jobs.claim(await jobs.submit(workspace_id)) for _ in lanes]
    contexts = [
        JobContext(claim, Model({"word": {"word": "yes", "count": 1}}), queue(), "m", "e", lane, Commits())
        for claim, lane in zip(held, lanes, strict=True)
    ]
    asked = [
        context.ask(WORD, Question(text=f"{claim.job_id} {number}"), key=str(number), seed=1)
        for claim, context in zip(held, contexts, strict=True)
        for number in range(6)
    ]
    await asyncio.gather(*asked)
    for lane in lanes:
        await lane.of_workspaces.aclose()
    assert (crowd.most, crowd.been) == (2, 12)

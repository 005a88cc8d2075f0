"""What one process does at a time, shared fairly among its jobs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import UUID

from worker.places import WorkspacePlaces


class FairSlots:
    """A bounded number of places; a freed one goes to the waiting owner that holds the fewest.

    A place is kept for each expected owner that has not had one yet, of half the places at most. So a short job is
    not kept behind a long one, and every job makes progress from the start: one that is killed with its worker is not
    taken for poison because it only stood in line. The other half goes to whoever comes: an expected owner may itself
    wait for somebody who waits here.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self._free = places
        self._most_kept = places // 2
        self._held: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}
        self._expected: set[Hashable] = set()

    @property
    def line(self) -> float:
        """How many wait for each place."""
        return sum(map(len, self._waiting.values())) / self.places

    @contextmanager
    def expect(self, owner: Hashable) -> Iterator[None]:
        """Keep a place for `owner` until it has had its first one."""
        self._expected.add(owner)
        try:
            yield
        finally:
            self.waive(owner)

    def waive(self, owner: Hashable) -> None:
        """Keep no place for `owner` any longer."""
        if owner in self._expected:
            self._expected.discard(owner)
            self._admit()

    @asynccontextmanager
    async def slot(self, owner: Hashable) -> AsyncIterator[None]:
        """Hold one place for `owner`."""
        await self._take(owner)
        try:
            yield
        finally:
            self._give(owner)

    async def _take(self, owner: Hashable) -> None:
        if self._has_room(owner) and (not self._waiting or owner in self._expected):
            self._hold(owner)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the place came in the very moment of the cancel
                self._give(owner)
            else:
                self._forget(owner, turn)
            raise

    def _has_room(self, owner: Hashable) -> bool:
        if owner in self._expected:
            return self._free > 0
        return self._free > min(len(self._expected), self._most_kept)

    def _hold(self, owner: Hashable) -> None:
        self._free -= 1
        self._held[owner] = self._held.get(owner, 0) + 1
        self._expected.discard(owner)

    def _give(self, owner: Hashable) -> None:
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        while welcome := [owner for owner in self._waiting if self._has_room(owner)]:
            # Of equals the one that waits longest: dictionaries keep the order of arrival.
            owner = min(welcome, key=lambda waiting: self._held.get(waiting, 0))
            turn = self._waiting[owner].popleft()
            if not self._waiting[owner]:
                del self._waiting[owner]
            if not turn.done():
                self._hold(owner)
                turn.set_result(None)

    def _forget(self, owner: Hashable, turn: asyncio.Future[None]) -> None:
        line = self._waiting.get(owner)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[owner]


class Lanes:
    """The places of one process.

    `asking` bounds questions to models until their answers are committed, so that a kill never loses more than
    that; `subjects` bounds the people taken through a questionnaire, a few more than that, so that they finish
    one after the other instead of all at the end. `of_workspaces` bounds the questions of a workspace that has a bound
    of its own, in all processes.
    """

    def __init__(self, concurrency: int, redis_url: str | None = None) -> None:
        self.asking = FairSlots(concurrency)
        self.subjects = FairSlots(concurrency + concurrency // 2)
        self.of_workspaces = WorkspacePlaces(redis_url)
        self._bounded_subjects: dict[tuple[UUID, int], FairSlots] = {}

    @asynccontextmanager
    async def question(self, job_id: UUID, workspace_id: UUID | None, bound: int | None) -> AsyncIterator[None]:
        """Hold a place to ask a model: one of the workspace's, where it has a bound, then one of the process's."""
        if bound is not None:
            self.asking.waive(job_id)  # no place of the process stands empty for who waits for one of the workspace's
        async with self.of_workspaces.place(workspace_id, bound), self.asking.slot(job_id):
            yield

    @asynccontextmanager
    async def subject(self, job_id: UUID, workspace_id: UUID | None, bound: int | None) -> AsyncIterator[None]:
        """Hold a place to take a person through a questionnaire; a workspace with a bound gets few more than that."""
        if workspace_id is None or bound is None:
            async with self.subjects.slot(job_id):
                yield
            return
        self.subjects.waive(job_id)
        own = self._bounded_subjects.setdefault((workspace_id, bound), FairSlots(bound + bound // 2))
        async with own.slot(job_id), self.subjects.slot(job_id):
            yield

    @contextmanager
    def expect(self, owner: Hashable) -> Iterator[None]:
        """Keep a place of each sort for a job that is about to need them."""
        with self.asking.expect(owner), self.subjects.expect(owner):
            yield

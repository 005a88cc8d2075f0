"""What callers ask for at the same time is done in one go: one transaction for many claims, ends or steps."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Round = Callable[[Sequence[Item]], Awaitable[Sequence[Result | BaseException]]]
MOST: Final = 64


class Together(Generic[Item, Result]):
    """Collects calls while one round is under way and runs them all in the next; one round at a time.

    `run` takes items and returns a result for each, in their order, or the exception its caller is to get. What it
    raises itself, every caller of the round gets. A caller that was cancelled before its round is left out of it.
    """

    def __init__(self, run: Round[Item, Result], most: int = MOST) -> None:
        self._run = run
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Have an item done with those that wait at the same time; return its result."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._task is None or self._task.done():
            # In a context of its own: a round is nobody's request, and its log lines are not the first caller's.
            self._task = asyncio.create_task(self._rounds(), context=Context())
        return await done

    async def _rounds(self) -> None:
        await asyncio.sleep(0)  # let callers of the same tick join
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            batch = [one for one in batch if not one[1].done()]
            if batch:
                await self._round(batch)
                await asyncio.sleep(0)  # let those who were served join the next round with what they have by now

    async def _round(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        results: Sequence[Result | BaseException]
        try:
            results = await self._run([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed to every caller
            results = [error] * len(batch)
        for (_, done), result in zip(batch, results, strict=True):
            if done.done():
                continue
            if isinstance(result, BaseException):
                done.set_exception(result)
            else:
                done.set_result(result)

"""Background tasks end when they are told to."""

from __future__ import annotations

import asyncio

import pytest

from core import tasks
from core.redis.connection import REDIS_ERRORS


async def _listen(heard: list[str]) -> None:
    """Go on like a listener whose connection cannot be closed in time, the first time round."""
    while True:
        try:
            try:
                heard.append("listening")
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if len(heard) == 1:
                    raise TimeoutError("Timed out closing connection") from None
                raise
        except REDIS_ERRORS:
            continue


async def test_a_task_that_missed_its_cancel_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_S", 0.01)
    heard: list[str] = []
    deaf, other = asyncio.create_task(_listen(heard)), asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    await tasks.end([deaf, other])
    assert heard == ["listening"] * 2
    assert deaf.cancelled()
    assert other.cancelled()


async def test_what_a_task_ends_with_does_not_matter() -> None:
    async def fail() -> None:
        raise ValueError

    failed = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await tasks.end([failed])
    assert isinstance(failed.exception(), ValueError)
    await tasks.end([])

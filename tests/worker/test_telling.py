"""A text is told piece by piece while it is being written, and what is told adds up to it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from core.db.session import DatabaseUnavailable
from tests.factories.omi import text_of
from worker import telling
from worker.context import JobContext
from worker.telling import Teller


class Log:
    """Stands in for a job's context: keeps what is told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.away = False
        self.takes_s = 0.0

    async def log(self, data: dict[str, Any]) -> None:
        """Keep a piece, after a while."""
        await asyncio.sleep(self.takes_s)
        if self.away:
            raise DatabaseUnavailable
        self.told.append(data)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What is told; pieces follow each other quickly."""
    monkeypatch.setattr(telling, "PIECE_S", 0.005)
    return Log()


def teller_of(log: Log) -> Teller:
    """A teller of plain texts."""
    return Teller(cast("JobContext", log), {"message_id": "m"}, lambda content: content)


async def write(log: Log, *texts: str, final: str) -> None:
    """Hear texts one after the other, then the final one."""
    teller = teller_of(log)
    async with telling.telling(teller):
        for text in texts:
            teller.hear(text)
            await asyncio.sleep(0.02)
    await teller.finish(final)


async def test_each_piece_is_what_is_new(log: Log) -> None:
    await write(log, "A", "A bird", final="A bird sings.")
    assert log.told == [
        {"message_id": "m", "offset": 0, "text": "A"},
        {"message_id": "m", "offset": 1, "text": " bird"},
        {"message_id": "m", "offset": 6, "text": " sings."},
    ]


async def test_a_reply_begun_anew_is_told_from_its_beginning(log: Log) -> None:
    await write(log, "A bird", "The", final="The end.")
    assert [piece["offset"] for piece in log.told] == [0, 0, 3]
    assert text_of(log.told) == "The end."


async def test_a_piece_that_is_being_told_at_the_end_is_told_once(log: Log) -> None:
    log.takes_s = 0.05
    await write(log, "A bird sings.", final="A bird sings.")
    assert len(log.told) == 1


async def test_a_database_that_is_away_ends_no_work(log: Log) -> None:
    log.away = True
    await write(log, "A", final="A bird")
    assert log.told == []


async def test_nothing_heard_is_told_at_the_end(log: Log) -> None:
    await write(log, final="A bird")
    assert [piece["text"] for piece in log.told] == ["A bird"]


async def test_an_error_of_the_work_is_the_works(log: Log) -> None:
    with pytest.raises(ValueError, match="no reply"):
        async with telling.telling(teller_of(log)):
            raise ValueError("no reply")

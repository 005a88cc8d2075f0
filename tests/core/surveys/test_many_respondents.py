"""No reading of a simulation holds its respondents in memory: they are counted, or come page by page."""

from __future__ import annotations

import functools
import gc
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text

from core.db import session as db
from core.surveys import outcomes, repository, selecting
from core.surveys.exporting import EXPORTED_AT_ONCE, LineFormat, export_lines
from core.surveys.models import Simulation
from core.surveys.schemas import ResultsRead
from tests.factories import simulations
from tests.factories.questionnaires import content, question

FEW, MANY = 3600, 10800
CONTENT = content(
    question("single_choice", key="mood"),
    question("numeric", key="hours", scale={"min": 0, "max": 24}),
    question("open_ended", key="why"),
)


async def filled(workspace_id: UUID, n: int) -> Simulation:
    """Return a simulation of so many respondents who have answered everything but every tenth number."""
    simulation = await simulations.submit(workspace_id, CONTENT, sample_size=n, people=3)
    ids = {"workspace_id": workspace_id, "id": simulation.id, "n": n}
    people = [part["persona_id"] for part in simulation.personas]
    async with db.scope([workspace_id]) as session:
        await session.execute(
            text("""
                INSERT INTO respondent
                    (workspace_id, simulation_id, number, persona_id, persona_version, weight, attributes)
                SELECT :workspace_id, :id, n, (CAST(:people AS uuid[]))[1 + n % 3], 1, 1 + n % 2,
                    jsonb_build_object('age', CASE WHEN n % 5 = 0 THEN '18-29' ELSE '30-44' END)
                FROM generate_series(1, CAST(:n AS int)) AS n
            """),
            ids | {"people": people},
        )
        await session.execute(
            text("""
                INSERT INTO answer
                    (workspace_id, simulation_id, respondent_number, question_key, method, value, missing_reason)
                SELECT :workspace_id, :id, n, key, 'direct',
                    CASE key WHEN 'mood' THEN to_jsonb((1 + n % 2)::text) WHEN 'why' THEN to_jsonb('Because ' || n)
                        WHEN 'hours' THEN CASE WHEN n % 10 > 0 THEN to_jsonb(n % 7) END END,
                    CASE WHEN key = 'hours' AND n % 10 = 0 THEN 'refused' END
                FROM generate_series(1, CAST(:n AS int)) AS n, unnest(ARRAY['mood', 'hours', 'why']) AS key
            """),
            ids,
        )
    return simulation


@pytest.fixture(scope="module")
async def both(job_database: None) -> tuple[Simulation, Simulation]:
    """A small and a large simulation."""
    from tests.fixtures.jobs import new_workspace

    workspace_id = await new_workspace()
    return await filled(workspace_id, FEW), await filled(workspace_id, MANY)


@contextmanager
def peak() -> Iterator[list[int]]:
    """Measure the most memory taken by the block, in bytes."""
    most: list[int] = []
    gc.collect()
    tracemalloc.start()
    try:
        yield most
    finally:
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()


async def most_memory(read: Callable[[], Awaitable[object]]) -> int:
    """Return the bytes that a reading takes at most."""
    with peak() as most:
        await read()
    return most[0]


async def results_of(simulation: Simulation) -> ResultsRead:
    async with db.scope([simulation.workspace_id]) as session:
        return await outcomes.read(session, simulation)


async def size_of_export(simulation: Simulation, format_: LineFormat) -> tuple[int, int]:
    scope = functools.partial(db.scope, [simulation.workspace_id])
    pieces = lines = 0
    async for piece in export_lines(scope, simulation, format_):
        pieces += 1
        lines += piece.count("\n")
    return pieces, lines


async def test_results_count_everybody(both: tuple[Simulation, Simulation]) -> None:
    for simulation, n in zip(both, (FEW, MANY), strict=True):
        found = await results_of(simulation)
        assert (found.n, [one.key for one in found.questions]) == (n, ["mood", "hours", "why"])
        mood, hours, why = found.questions
        assert {row.code: row.count for row in mood.options} == {"1": n / 2, "2": n / 2}
        assert mood.options[0].weighted_count == n / 2  # even numbers weigh 1, odd ones 2
        assert mood.options[1].weighted_count == n
        assert (hours.n, hours.missing, why.n, why.options) == (n * 9 / 10, {"refused": n / 10}, n, [])
        assert sum(base.n for base in found.personas) == n
        assert found.personas[0].share == pytest.approx(1 / 3, abs=1e-3)


async def test_results_hold_numbers_not_respondents(both: tuple[Simulation, Simulation]) -> None:
    await results_of(both[0])  # loads what it needs
    few, many = [await most_memory(functools.partial(results_of, one)) for one in both]
    assert many - few < 250 * (MANY - FEW)  # a respondent as an object takes two thousand bytes


@pytest.mark.parametrize("format_", ["csv", pytest.param("jsonl", marks=pytest.mark.slow)])
async def test_exports_of_many_take_the_memory_of_few(both: tuple[Simulation, Simulation], format_: LineFormat) -> None:
    pieces, lines = await size_of_export(both[1], format_)
    few, many = [await most_memory(functools.partial(size_of_export, one, format_)) for one in both]
    assert many < 1.5 * few  # of three times the respondents
    assert (pieces >= 3 * MANY / EXPORTED_AT_ONCE, lines) == (True, MANY + (format_ == "csv"))


async def test_the_same_respondents_are_listed_once_with_their_numbers(both: tuple[Simulation, Simulation]) -> None:
    simulation = both[0]
    async with db.scope([simulation.workspace_id]) as session:
        rows = await repository.list_same(session, simulation.workspace_id, simulation.id)
        alike = (await selecting.base(session, simulation, ())).alike()
    assert len(rows) == 3 * 2  # persona, age
    assert sorted(number for row in rows for number in row.numbers) == list(range(1, FEW + 1))
    assert all(row.attributes == {"age": "18-29" if row.numbers[0] % 5 == 0 else "30-44"} for row in rows)
    assert (len(alike), sum(one.count for one in alike)) == (3 * 2 * 2, FEW)  # and weight


async def test_what_is_missing_is_filled_once(both: tuple[Simulation, Simulation]) -> None:
    simulation = both[0]
    ids = (simulation.workspace_id, simulation.id)
    async with db.scope([simulation.workspace_id]) as session:
        assert await repository.fill_missing(session, *ids, {"mood": "direct", "late": "direct"}, "error") == FEW
        assert await repository.fill_missing(session, *ids, {"late": "direct"}, "error") == 0
        await session.rollback()

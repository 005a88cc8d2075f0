"""A workspace deleted while a worker runs its job: the run ends at once, and nothing of it comes back."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.db.base import metadata
from core.jobs.service import Author
from core.llm.scripted import ScriptedModel
from core.workspaces import service as workspaces
from core.workspaces.access import Member
from tests.core.llm.examples import WORD, Question
from tests.factories import jobs
from tests.factories.jobs import PROBE, ProbeArgs
from tests.fixtures.jobs import Register
from tests.fixtures.runners import MakeRunner
from worker.context import JobContext
from worker.registry import Done


async def delete(workspace_id: UUID) -> None:
    async with db.scope([workspace_id]) as session:
        member = Member(workspace_id, Author("system"), "admin")
        await workspaces.delete(session, member, cancel_jobs=True)


async def rows_of(workspace_id: UUID) -> dict[str, int]:
    """How many rows each table has of a workspace, those with none and the audit log left out."""
    found = {}
    async with db.scope(db.SYSTEM) as session:
        for table in metadata.sorted_tables:
            if "workspace_id" in table.columns and table.name != "audit_entry":
                query = text(f"SELECT count(*) FROM {table.name} WHERE workspace_id = :id")
                found[table.name] = (await session.execute(query, {"id": workspace_id})).scalar_one()
    return {name: count for name, count in found.items() if count}


async def test_a_run_ends_and_writes_nothing_more(
    workspace_id: UUID, register: Register, make_runner: MakeRunner
) -> None:
    started, tried = asyncio.Event(), []

    async def body(context: JobContext, args: ProbeArgs) -> Done:
        await context.ask(WORD, Question(text="first"), key="1", seed=1)
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            tried.append(context)
        return Done({})

    register(PROBE, body)
    runner = make_runner(ScriptedModel({"word": {"word": "yes", "count": 1}}))
    job_id = await jobs.submit(workspace_id)
    running = asyncio.create_task(runner.run(job_id))
    await started.wait()
    before = time.monotonic()
    await delete(workspace_id)
    await asyncio.wait_for(running, 10)
    assert time.monotonic() - before < 5
    assert tried
    assert await rows_of(workspace_id) == {}


async def test_what_a_run_was_about_to_write_is_not_written(
    workspace_id: UUID, register: Register, make_runner: MakeRunner
) -> None:
    """Whatever it is: a step, a row of its own, its end."""
    reached, go = asyncio.Event(), asyncio.Event()

    async def write(session: AsyncSession) -> None:
        await session.execute(text("INSERT INTO spent_day VALUES (:id, '2026-01-01', 1)"), {"id": workspace_id})

    async def body(context: JobContext, args: ProbeArgs) -> Done:
        reached.set()
        await go.wait()
        errors = await asyncio.gather(
            context.ask(WORD, Question(text="late"), key="1", seed=1), context.save(write), return_exceptions=True
        )
        assert all(isinstance(error, BaseException) for error in errors)
        return Done({}, write)

    register(PROBE, body)
    runner = make_runner(ScriptedModel({"word": {"word": "yes", "count": 1}}))
    running = asyncio.create_task(runner.run(await jobs.submit(workspace_id)))
    await reached.wait()
    await delete(workspace_id)
    go.set()
    await asyncio.wait_for(running, 10)
    assert await rows_of(workspace_id) == {}


async def test_deleting_amid_commits_waits_in_no_circle(
    workspace_id: UUID, register: Register, make_runner: MakeRunner
) -> None:
    async def body(context: JobContext, args: ProbeArgs) -> Done:
        for number in range(10_000):
            await context.ask(WORD, Question(text=str(number)), key=str(number), seed=1)
        return Done({})

    register(PROBE, body)
    runner = make_runner(ScriptedModel({"word": {"word": "yes", "count": 1}}))
    running = [asyncio.create_task(runner.run(await jobs.submit(workspace_id))) for _ in range(6)]
    await asyncio.sleep(0.5)
    await delete(workspace_id)
    await asyncio.wait_for(asyncio.gather(*running), 20)
    assert await rows_of(workspace_id) == {}

"""What is paid for is kept, and only the worker that holds a job may write for it."""

from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import LostClaim
from core.jobs.queue import queue
from core.jobs.records import Claim
from core.llm.prompts import Prompt
from core.llm.scripted import ScriptedModel
from tests.factories import jobs
from tests.fixtures.jobs import new_workspace
from worker.context import JobContext
from worker.lanes import Lanes
from worker.steps import Commits


class Word(BaseModel):
    text: str


ECHO = Prompt(name="echo", version=1, system="Say it again.", input=Word, output=Word, max_output_tokens=16)


async def run_of(held: Claim, model: ScriptedModel) -> JobContext:
    """Return what the body of a claimed job works with."""
    context = JobContext(held, model, queue(), "chat", "embedding", Lanes(4), Commits())
    await context.load_steps()
    return context


async def crashed(held: Claim) -> Claim:
    """Let another worker take the job, as after a crash of the first."""
    await jobs.change(held.job_id, status="queued", lease_until=None)
    return await jobs.claim(held.job_id)


async def test_a_committed_step_is_replayed_and_not_paid_for_again(workspace_id: UUID) -> None:
    model = ScriptedModel({"echo": {"text": "hello"}})
    held = await jobs.claim(await jobs.submit(workspace_id))
    first = await (await run_of(held, model)).ask(ECHO, Word(text="hi"), key="a", seed=1)
    again = await (await run_of(await crashed(held), model)).ask(ECHO, Word(text="hi"), key="a", seed=1)
    assert (first.replayed, again.replayed) == (False, True)
    assert (first.output, first.lineage_id) == (again.output, again.lineage_id)
    assert len(model.asked) == 1
    job = await jobs.read(held.job_id)
    assert (job.usage_calls, job.usage_replayed_calls) == (1, 1)


async def test_what_a_workspace_paid_for_serves_its_other_jobs_but_nobody_elses(workspace_id: UUID) -> None:
    model = ScriptedModel({"echo": {"text": "hello"}})
    for owner, calls in ((workspace_id, 1), (workspace_id, 1), (await new_workspace(), 2)):
        context = await run_of(await jobs.claim(await jobs.submit(owner)), model)
        await context.ask(ECHO, Word(text="hi"), key="a", seed=1)
        assert len(model.asked) == calls


async def test_a_write_under_a_lost_claim_changes_nothing(workspace_id: UUID) -> None:
    model = ScriptedModel({"echo": {"text": "hello"}})
    held = await jobs.claim(await jobs.submit(workspace_id))
    zombie = await run_of(held, model)
    await crashed(held)

    async def write(session: AsyncSession) -> None:
        await session.execute(text("UPDATE workspace SET name = 'a zombie was here'"))

    with pytest.raises(LostClaim):
        await zombie.save(write)
    with pytest.raises(LostClaim):
        await zombie.ask(ECHO, Word(text="hi"), key="a", seed=1)
    names = "SELECT name FROM workspace w JOIN job j ON j.workspace_id = w.id WHERE j.id = :id"
    assert await jobs.column(names, held.job_id) == ["Test"]
    assert await jobs.column("SELECT step_key FROM job_step WHERE job_id = :id", held.job_id) == []

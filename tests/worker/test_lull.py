"""A run whose model is paused ends once, and only after what was under way is answered and committed."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.jobs.queue import queue
from core.llm.contract import Completion
from core.llm.errors import ModelPaused
from core.llm.scripted import ScriptedModel
from tests.core.llm.examples import WORD, Question
from tests.factories import jobs
from worker.context import JobContext
from worker.lanes import Lanes
from worker.steps import Commits


class PausedModel(ScriptedModel):
    """Answers `slow` questions when told to, and is paused for all others."""

    def __init__(self) -> None:
        super().__init__({"word": {"word": "yes", "count": 1}})
        self.release = asyncio.Event()
        self.paused = 0

    async def complete(self, prompt: Any, data: Any, **over: Any) -> Completion[Any]:
        """Answer, or raise ModelPaused."""
        if data.text.startswith("slow"):
            await self.release.wait()
            return await super().complete(prompt, data, **over)
        self.paused += 1
        raise ModelPaused("No calls now.", retry_after_s=30)


async def test_calls_under_way_are_committed_before_a_paused_run_ends(workspace_id: UUID) -> None:
    claim = await jobs.claim(await jobs.submit(workspace_id))
    model = PausedModel()
    context = JobContext(claim, model, queue(), "m", "e", Lanes(3), Commits())

    async def ask(text: str) -> None:
        await context.ask(WORD, Question(text=text), key=text, seed=1)

    async def body() -> None:
        async with asyncio.TaskGroup() as group:
            for text in ("slow 1", "slow 2", "other 1", "other 2", "other 3"):
                group.create_task(ask(text))

    running = asyncio.create_task(body())
    await asyncio.sleep(0.3)
    assert not running.done()  # the pause is known, but two answers are still to come
    assert model.paused == 1  # and nobody else asks
    model.release.set()
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(running, 20)
    assert caught.group_contains(ModelPaused)
    steps = await jobs.column("SELECT step_key FROM job_step WHERE job_id = :id ORDER BY 1", claim.job_id)
    assert steps == ["slow 1", "slow 2"]


async def test_a_paused_run_can_be_cancelled_while_calls_are_under_way(workspace_id: UUID) -> None:
    claim = await jobs.claim(await jobs.submit(workspace_id))
    context = JobContext(claim, PausedModel(), queue(), "m", "e", Lanes(3), Commits())
    asked = [context.ask(WORD, Question(text=text), key=text, seed=1) for text in ("slow", "other")]
    running = asyncio.gather(*asked)
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)

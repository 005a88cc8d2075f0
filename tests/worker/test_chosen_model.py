"""The model a workspace has chosen answers its jobs' questions: those submitted from then on, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from core.db import session as db
from core.jobs.records import Claim
from core.limits import service as limits
from core.llm.contract import Completion
from core.llm.models import LlmAnswer
from core.llm.scripted import ScriptedModel
from core.settings import get_settings
from tests.core.llm.examples import WORD, Question
from tests.factories import jobs
from tests.factories.jobs import PROBE, ProbeArgs
from tests.fixtures.jobs import Register, new_workspace
from tests.fixtures.runners import MakeRunner
from worker.context import JobContext
from worker.registry import Done


class Named(ScriptedModel):
    """Answers under the name it is asked by."""

    def __init__(self) -> None:
        super().__init__({"word": {"word": "yes", "count": 1}})
        self.names: list[str] = []

    async def complete(self, prompt: Any, data: Any, **over: Any) -> Completion[Any]:
        """Answer, and note by which name."""
        self.names.append(over["model"])
        return await super().complete(prompt, data, **over)


@pytest.fixture(autouse=True)
def allowlist(job_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two models to choose from, besides that of the settings."""
    monkeypatch.setenv("MODEL_ALLOWLIST", "deep,quick")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def choose(workspace_id: UUID, model: str | None) -> None:
    async with db.scope([workspace_id]) as session:
        await limits.update_asking(session, workspace_id, {"model": model})


async def asking(context: JobContext, args: ProbeArgs) -> Done:
    """Ask one question."""
    answer = await context.ask(WORD, Question(text="same"), key="q", seed=1)
    return Done({"replayed": answer.replayed})


async def test_each_model_is_asked_by_name_and_remembered_apart(
    workspace_id: UUID, register: Register, make_runner: MakeRunner
) -> None:
    register(PROBE, asking)
    model = Named()
    runner = make_runner(model)
    for chosen in (None, "deep", "quick", "deep"):
        await choose(workspace_id, chosen)
        await runner.run(await jobs.submit(workspace_id))
    assert model.names == ["m", "deep", "quick"]  # the second time with `deep` was paid for already
    async with db.scope([workspace_id]) as session:
        query = select(col(LlmAnswer.model_requested)).order_by(col(LlmAnswer.id))
        assert list((await session.execute(query)).scalars()) == ["m", "deep", "quick"]


async def test_another_workspace_keeps_its_own(workspace_id: UUID, register: Register, make_runner: MakeRunner) -> None:
    register(PROBE, asking)
    model = Named()
    await choose(workspace_id, "deep")
    await make_runner(model).run(await jobs.submit(await new_workspace()))
    assert model.names == ["m"]


async def test_a_job_keeps_the_model_it_was_submitted_with_and_so_do_its_shards(workspace_id: UUID) -> None:
    await choose(workspace_id, "deep")
    job_id = await jobs.submit(workspace_id)
    await choose(workspace_id, "quick")
    parent: Claim = await jobs.claim(job_id)
    assert parent.model == "deep"
    await jobs.fan_out(parent, 2)
    assert {shard.model for shard in await jobs.children(job_id)} == {"deep"}

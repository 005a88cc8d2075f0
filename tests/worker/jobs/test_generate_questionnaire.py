"""The job that drafts a questionnaire: asks again while something is wrong, keeps the best, saves all or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from core.jobs.errors import PermanentError
from core.llm.errors import ModelReplyUnusable
from core.objectives.components import Component
from core.questionnaires import generating
from core.questionnaires.drafting import draft_input
from core.questionnaires.jobs import GenerateQuestionnaire
from core.questionnaires.prompts import DraftedQuestionnaire, DraftInput
from tests.core.questionnaires.test_drafting import drafted
from worker.context import JobContext
from worker.jobs.questionnaires import UNUSABLE_REPLIES, generate_questionnaire

ARGS = GenerateQuestionnaire(exploration_id=UUID(int=5), questions=9, language="en", seed=7)
GOOD, BAD = drafted(), drafted(type="essay")


class Context:
    """Stands in for a job's context: replies in turn; None is a reply that cannot be used."""

    claim = SimpleNamespace(workspace_id=UUID(int=1))

    def __init__(self, *replies: list[dict[str, Any]] | None) -> None:
        self.replies = list(replies)
        self.keys: list[str] = []
        self.told: list[list[str]] = []

    async def ask(self, _prompt: Any, data: DraftInput, *, key: str, **_: Any) -> Any:
        self.keys.append(key)
        self.told.append(data.mistakes)
        reply = self.replies.pop(0)
        if reply is None:
            raise ModelReplyUnusable
        output = DraftedQuestionnaire.model_validate({"sections": [{"title": "S", "questions": reply}]})
        return SimpleNamespace(output=output, demonstration=False)

    async def step(self, _key: str, _data: Any, call: Callable[[], Any]) -> Any:
        return (await call())[0]

    async def progress(self, **_: Any) -> None:
        return

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[None]:
        yield None


@pytest.fixture(autouse=True)
def _study(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gather(*_: Any) -> DraftInput:
        return draft_input("Tea", None, "en", {"decision_problem": Component(value="Or not.", status="clear")}, [], 9)

    monkeypatch.setattr(generating, "gather", gather)


async def run(context: Context) -> Any:
    return await generate_questionnaire(cast("JobContext", context), ARGS)


async def test_a_draft_in_which_nothing_is_wrong_is_asked_for_once() -> None:
    context = Context([GOOD])
    done = await run(context)
    assert (context.keys, done.result["warnings"]) == (["draft:0:0"], [])


async def test_the_model_is_told_what_was_wrong_and_the_best_draft_stays() -> None:
    context = Context([GOOD, BAD], [BAD], [GOOD, BAD, BAD])
    done = await run(context)
    assert context.keys == ["draft:0:0", "draft:1:0", "draft:2:0"]
    assert [len(one) for one in context.told] == [0, 1, 1]
    assert len(done.result["warnings"]) == 1


async def test_a_reply_that_cannot_be_used_is_asked_for_again() -> None:
    context = Context(None, [GOOD])
    await run(context)
    assert context.keys == ["draft:0:0", "draft:0:1"]
    with pytest.raises(ModelReplyUnusable):
        await run(Context(*[None] * (UNUSABLE_REPLIES + 1)))


async def test_drafts_of_which_nothing_can_be_asked_fail_the_job() -> None:
    with pytest.raises(PermanentError) as caught:
        await run(Context([BAD], [BAD], [BAD]))
    assert caught.value.code == "questionnaire_not_usable"

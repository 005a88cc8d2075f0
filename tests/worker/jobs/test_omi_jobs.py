"""The co-pilot's jobs: a reply is paid for once and said once, rules decide, unusable replies end clearly."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.events import service as events
from core.jobs import dispatching
from core.jobs import service as jobs
from core.jobs.errors import LostClaim
from core.jobs.models import Job
from core.jobs.schemas import JobRead
from core.llm.errors import ModelInvalidOutput, ModelRefused, ModelTruncated, ModelUnavailable
from core.llm.scripted import ScriptedModel
from core.omi import asking
from core.omi.jobs import CHAT, GUIDE, OBSERVE, VALIDATE
from core.omi.schemas import GuidanceCreate, ValidationCreate
from tests.factories import jobs as job_rows
from tests.factories import omi as made
from tests.fixtures.runners import MakeRunner
from worker.fanout import fan_out
from worker.telling import Teller

pytestmark = pytest.mark.usefixtures("job_database")
REPLY = {"message": "You have two personas. Add three more before you run the survey.", "type": "guidance"}
GUIDED = {"message": "The panel is small.", "next_steps": ["Add personas."]}
ADVICE = {"suggestions": ["Name an age."], "remarks": ["No number stands in it."]}


async def run(make_runner: MakeRunner, model: ScriptedModel, job: JobRead) -> Job:
    """Run a job in this process and return its row."""
    await make_runner(model).run(job.id)
    return await job_rows.read(job.id)


@pytest.fixture
async def exploration_id(workspace_id: UUID) -> UUID:
    """An exploration with two personas."""
    found = await made.explore(workspace_id)
    await made.add_personas(workspace_id, found, "Ada Moreno", "Ben Carter")
    return found


async def validated(workspace_id: UUID, exploration_id: UUID, stage: str, data: dict[str, Any]) -> JobRead:
    """Submit a validation."""
    body = ValidationCreate.model_validate({"exploration_id": exploration_id, "stage": stage, "data": data})
    async with db.scope([workspace_id]) as session:
        return await asking.start_validation(session, made.member(workspace_id), body)


async def test_the_reply_comes_in_pieces_and_is_stored_as_it_was_told(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    job = await made.say(talk, "How are we doing?")
    row = await run(make_runner, ScriptedModel({"omi_chat": REPLY}), job)
    assert row.status == "succeeded", row.error
    assert set(row.result or {}) == set(CHAT.result)
    pieces = await made.heard(job.id)
    reply = (await made.messages(talk))[-1]
    assert made.text_of(pieces) == reply.content == REPLY["message"]
    assert {piece["message_id"] for piece in pieces} == {str(reply.id)}


async def test_a_killed_worker_has_the_reply_neither_paid_nor_said_twice(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    job = await made.say(talk, "How are we doing?")
    model = ScriptedModel({"omi_chat": REPLY})

    async def killed(*_: Any) -> None:
        raise LostClaim

    with monkeypatch.context() as patch:
        patch.setattr(Teller, "finish", killed)
        assert (await run(make_runner, model, job)).status == "running"
    # What is known has changed meanwhile; the question that was paid for stays the same.
    await made.add_personas(workspace_id, exploration_id, "Cora Mills")
    await job_rows.lapse(job.id)
    async with db.scope(db.SYSTEM) as session:
        await dispatching.rescue_lapsed(session)
    row = await run(make_runner, model, job)
    assert (row.status, row.usage_calls, row.usage_replayed_calls) == ("succeeded", 1, 2)
    assert len(model.asked) == 1
    assert [one.role for one in await made.messages(talk)] == ["omi", "user", "omi"]


async def test_a_chat_remembers_a_window_of_what_was_said(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    model = ScriptedModel({"omi_chat": REPLY})
    await run(make_runner, model, await made.say(talk, "My budget is 900 euros."))
    await run(make_runner, model, await made.say(talk, "What was my budget?"))
    asked: Any = model.asked[-1].data
    assert ("researcher", "My budget is 900 euros.") in [(turn.speaker, turn.text) for turn in asked.earlier]
    assert asked.earlier[-1].speaker == "omi"
    assert asked.message == "What was my budget?"
    assert asked.exploration.personas.names == ["Ben Carter", "Ada Moreno"]


@pytest.mark.parametrize("error", [ModelRefused(), ModelTruncated(), ModelInvalidOutput("no JSON")])
async def test_a_reply_that_cannot_be_used_ends_clearly_and_says_nothing(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner, error: Exception
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    model = ScriptedModel({"omi_chat": error})
    row = await run(make_runner, model, await made.say(talk, "Hello?"))
    assert (row.status, len(model.asked)) == ("failed", 3)
    assert row.error is not None
    assert row.error["code"].startswith("model_")
    assert [one.role for one in await made.messages(talk)] == ["omi", "user"]


async def test_a_second_draw_may_do(workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    model = ScriptedModel({"omi_chat": [ModelRefused(), REPLY]})
    assert (await run(make_runner, model, await made.say(talk, "Hello?"))).status == "succeeded"


async def test_guidance_names_the_stage_reached_and_says_what_rules_observe(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    body = GuidanceCreate.model_validate({"exploration_id": exploration_id})
    async with db.scope([workspace_id]) as session:
        job = await asking.start_guidance(session, made.member(workspace_id), body)
    row = await run(make_runner, ScriptedModel({"omi_guidance": GUIDED}), job)
    assert row.result is not None, row.error
    assert set(row.result) == set(GUIDE.result)
    assert row.result["stage"] == "survey_builder"
    assert "panel_small" in [one["code"] for one in row.result["observations"]]
    assert (await made.messages(talk))[-1].data["next_steps"] == ["Add personas."]


async def test_after_personas_were_generated_a_collapsed_panel_is_of_concern(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    talk = await made.open_session(workspace_id, exploration_id)
    async with db.scope(db.SYSTEM) as session:
        generated = {"kind": "personas.generate", "status": "succeeded"}
        place: Any = {"workspace_id": workspace_id, "exploration_id": exploration_id}
        await events.record(session, type="job.succeeded", data=generated, **place)
    await fan_out()
    async with db.scope([workspace_id]) as session:
        listed = await jobs.list_for(session, workspace_ids=[workspace_id], kind=OBSERVE.kind, limit=5)
    [job] = listed
    model = ScriptedModel({})
    row = await run(make_runner, model, job)
    assert row.result == {"codes": ["panel_collapsed", "panel_small"]}, row.error
    said = [(one.type, one.omi_state) for one in (await made.messages(talk))[-2:]]
    assert said == [("concern", "concerned")] * 2
    assert model.asked == []


async def test_what_the_model_remarks_decides_nothing(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    job = await validated(workspace_id, exploration_id, "rebuttal_mode", {"message": "Really?"})
    row = await run(make_runner, ScriptedModel({"omi_validate": ADVICE}), job)
    assert row.result is not None, row.error
    assert set(row.result) == set(VALIDATE.result)
    assert [one["code"] for one in row.result["issues"]] == ["results_missing", "remark"]
    assert (row.result["valid"], row.result["source"]) == (False, "built_in")


async def test_a_validation_stands_without_the_models_suggestions(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    job = await validated(workspace_id, exploration_id, "workspace_setup", {"title": ""})
    row = await run(make_runner, ScriptedModel({"omi_validate": ModelRefused()}), job)
    assert row.result is not None, row.error
    assert row.result["valid"] is False
    assert "model_refused" in row.result["notice"]
    assert row.result["suggestions"][0].startswith("Mend title")


async def test_a_model_that_is_away_is_asked_again_later(
    workspace_id: UUID, exploration_id: UUID, make_runner: MakeRunner
) -> None:
    job = await validated(workspace_id, exploration_id, "workspace_setup", {"title": "Mood"})
    row = await run(make_runner, ScriptedModel({"omi_validate": ModelUnavailable("away")}), job)
    assert (row.status, row.attempt) == ("retry_wait", 1)

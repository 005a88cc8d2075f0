"""The external co-pilot, a real server: notified durably, used where it answers, done without where it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core.db import session as db
from core.explorations import service as explorations
from core.jobs import service as jobs
from core.jobs.models import Job
from core.jobs.schemas import JobRead
from core.jobs.service import Author
from core.llm.scripted import ScriptedModel
from core.omi import asking, external
from core.omi.external import ExternalFailed, ExternalOmi
from core.omi.jobs import NOTIFY, Notify
from core.omi.schemas import ValidationCreate
from core.personas import checks
from core.personas.check_schemas import ValidateTraitsBody
from core.settings import get_settings
from tests.factories import jobs as job_rows
from tests.factories import omi as made
from tests.fixtures.receiver import Answer, Receiver, plain
from tests.fixtures.runners import MakeRunner
from worker import outside

pytestmark = pytest.mark.usefixtures("job_database")
ADVICE = {"suggestions": ["Built in."], "remarks": []}
GOOD = json.dumps({"valid": True, "issues": [], "suggestions": ["From outside."]})
BAD = json.dumps({"valid": False, "issues": ["Too vague.", {"field": "title", "message": "Dull."}]})
Use = Callable[..., None]


@pytest.fixture
def use(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Set the receiver as the external co-pilot, with these answers."""

    def set_up(*answers: Answer, total_s: float = 5.0, hang_s: float = 0.0) -> None:
        receiver.answers = list(answers)
        receiver.hang_s = hang_s
        base = f"http://127.0.0.1:{receiver.port}/omi/"
        settings = get_settings().model_copy(update={"omi_base_url": base, "omi_token": "secret-token"})
        monkeypatch.setattr(outside, "get_settings", lambda: settings)
        monkeypatch.setattr(external, "TOTAL_S", total_s)
        monkeypatch.setattr(external, "_met", [])

    return set_up


async def notification(workspace_id: UUID) -> JobRead:
    """Submit a notification."""
    exploration_id = await made.explore(workspace_id)
    args = Notify.model_validate(
        {
            "workspace_id": workspace_id,
            "exploration_id": exploration_id,
            "stage": "insights",
            "previous": "survey_builder",
            "number": 3,
            "changed_at": "2026-01-01T00:00:00Z",
        }
    )
    async with db.scope(db.SYSTEM) as session:
        return await jobs.submit(
            session, NOTIFY, args, workspace_id=None, author=Author("system"), subject_id=exploration_id
        )


async def validation(workspace_id: UUID, data: dict[str, Any]) -> JobRead:
    """Submit a validation of an exploration's setup."""
    exploration_id = await made.explore(workspace_id)
    body = ValidationCreate.model_validate({"exploration_id": exploration_id, "stage": "workspace_setup", "data": data})
    async with db.scope([workspace_id]) as session:
        return await asking.start_validation(session, made.member(workspace_id), body)


async def run(make_runner: MakeRunner, job: JobRead, model: ScriptedModel | None = None) -> Job:
    """Run a job in this process and return its row."""
    await make_runner(model or ScriptedModel({"omi_validate": ADVICE})).run(job.id)
    return await job_rows.read(job.id)


def result_of(row: Job) -> dict[str, Any]:
    """Return what came of a job."""
    assert row.result is not None, row.error
    return row.result


async def test_a_change_is_told_with_its_token_and_a_key(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(204))
    job = await notification(workspace_id)
    row = await run(make_runner, job)
    assert (row.status, row.result) == ("succeeded", {"stage": "insights", "number": 3})
    [got] = receiver.got
    assert got.path == "/omi/stage-changes"
    assert got.headers["authorization"] == "Bearer secret-token"
    assert got.headers["idempotency-key"] == f"stage-{job.subject_id}-3"
    assert json.loads(got.body) == {
        "type": "stage_changed",
        "workspace_id": str(workspace_id),
        "exploration_id": str(job.subject_id),
        "stage": "insights",
        "previous": "survey_builder",
        "number": 3,
        "changed_at": "2026-01-01T00:00:00Z",
    }


async def test_nobody_is_told_of_an_exploration_that_was_deleted(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(204))
    job = await notification(workspace_id)
    assert job.subject_id is not None
    async with db.scope([workspace_id]) as session:
        await explorations.delete(session, made.member(workspace_id), job.subject_id)
    assert ((await run(make_runner, job)).status, receiver.got) == ("succeeded", [])


async def test_a_service_that_is_down_is_told_again_with_the_same_key(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(503, "", "Retry-After: 7"), plain(200, "not JSON at all"))
    job = await notification(workspace_id)
    row = await run(make_runner, job)
    assert (row.status, row.attempt) == ("retry_wait", 1)
    await job_rows.change(job.id, next_attempt_at="now() - interval '1 second'")
    assert (await run(make_runner, job)).status == "succeeded"
    assert len({got.headers["idempotency-key"] for got in receiver.got}) == 1


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (plain(302, "", "Location: http://127.0.0.1:9/"), "failed"),
        (plain(400), "failed"),
        (plain(401), "retry_wait"),
        (b"this is no HTTP\r\n\r\n", "retry_wait"),
    ],
    ids=["redirect", "refused", "token", "garbage"],
)
async def test_what_no_other_time_mends_fails_at_once(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use, answer: bytes, status: str
) -> None:
    use(answer)
    row = await run(make_runner, await notification(workspace_id))
    assert row.status == status
    assert len(receiver.got) == 1
    assert "secret-token" not in json.dumps(row.error)


async def test_after_three_failures_the_service_is_left_alone_for_a_while(receiver: Receiver) -> None:
    receiver.answers = [plain(500)]
    service = ExternalOmi(f"http://127.0.0.1:{receiver.port}", None)
    for _ in range(3):
        with pytest.raises(ExternalFailed, match="HTTP 500"):
            await service.notify({}, "k")
    with pytest.raises(ExternalFailed) as caught:
        await service.notify({}, "k")
    assert caught.value.opened
    assert caught.value.retry_after_s == pytest.approx(30, abs=5)
    assert len(receiver.got) == 3
    receiver.answers = [plain(200)]
    service.circuit.open_until = 0.0
    await service.notify({}, "k")
    assert service.circuit.failures == 0


async def test_while_it_is_left_alone_a_notification_uses_up_no_attempt(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(500))
    for _ in range(3):
        await run(make_runner, await notification(workspace_id))
    row = await run(make_runner, await notification(workspace_id))
    assert (row.status, row.attempt, len(receiver.got)) == ("retry_wait", 0, 3)


@pytest.mark.parametrize(
    ("data", "answer", "valid", "codes"),
    [
        ({"title": "Mood"}, GOOD, True, ["brief_short"]),
        ({"title": "Mood"}, BAD, False, ["external", "external", "brief_short"]),
        ({"title": ""}, GOOD, False, ["title_missing", "brief_short"]),
        ({"title": "Mood"}, '{"valid": false}', False, ["external", "brief_short"]),
    ],
    ids=["agrees", "refuses", "cannot overrule", "says no more"],
)
async def test_its_verdict_is_used_and_rules_still_win(
    workspace_id: UUID,
    make_runner: MakeRunner,
    receiver: Receiver,
    use: Use,
    data: dict[str, Any],
    answer: str,
    valid: bool,
    codes: list[str],
) -> None:
    use(plain(200, answer))
    model = ScriptedModel({})
    result = result_of(await run(make_runner, await validation(workspace_id, data), model))
    assert (result["valid"], result["source"], result["notice"]) == (valid, "external", None)
    assert sorted(one["code"] for one in result["issues"]) == sorted(codes)
    assert model.asked == []
    assert json.loads(receiver.got[0].body)["data"] == data


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (plain(500), "HTTP 500"),
        (plain(200, "<html>"), "no verdict"),
        (plain(200, '{"valid": "yes"}'), "no verdict"),
        (plain(200, '{"valid": true, "suggestions": ["\\u0000"]}'), "no verdict"),
        (plain(200, "[" * 100_000), "no verdict"),
        (plain(200, " " * 300_000), "more than is read"),
        (plain(307, "", "Location: http://127.0.0.1:9/"), "redirects"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{", "broke off"),
    ],
    ids=["down", "html", "no truth value", "NUL", "deep", "long", "redirect", "cut"],
)
async def test_the_built_in_co_pilot_validates_instead_and_says_so(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use, answer: bytes, why: str
) -> None:
    use(answer)
    result = result_of(await run(make_runner, await validation(workspace_id, {"title": "Mood"})))
    assert (result["source"], result["valid"], result["suggestions"]) == ("built_in", True, ["Built in."])
    assert why in result["notice"]
    assert "built-in co-pilot" in result["notice"]


VERDICTS = {"verdicts": [{"trait": "mobility", "verdict": "valid", "reason": "Fits."}]}
OUTSIDE = {"name": "occupation", "valid": False, "reason": "No such job here."}


@pytest.mark.parametrize(
    ("answer", "source", "by"),
    [
        (plain(200, json.dumps({"traits": [OUTSIDE]})), "external", ["external", "model", "rule"]),
        (plain(200, json.dumps({"traits": [{"name": "age_range", "valid": True}]})), "built_in", ["model", "rule"]),
        (plain(500), "built_in", ["model", "rule"]),
    ],
    ids=["used", "cannot overrule a rule", "down"],
)
async def test_traits_are_judged_by_rules_then_outside_then_by_the_model(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use, answer: bytes, source: str, by: list[str]
) -> None:
    use(answer)
    exploration_id = await made.explore(workspace_id)
    traits = {"age_range": {"min": 18, "max": 18}, "education_level": "Doctorate", "occupation": "Student"}
    body = ValidateTraitsBody(trait_group="all", traits=traits | {"mobility": "Walks."})
    member = made.member(workspace_id)
    async with db.scope([workspace_id]) as session:
        job = await checks.start_validation(session, member, exploration_id, body)
    row = await run(make_runner, job, ScriptedModel({"persona_trait_verdicts": VERDICTS}))
    result = result_of(row)
    assert (result["source"], result["valid"]) == (source, False)
    assert (result["notice"] is not None) is (answer == plain(500))
    async with db.scope([workspace_id]) as session:
        read = await checks.get_validation(session, workspace_id, exploration_id, UUID(result["validation_id"]))
    decided = {one.trait: one.decided_by for one in read.verdicts or ()}
    assert sorted({one for one in decided.values() if one}) == by
    assert (decided["age_range"], decided["mobility"]) == ("rule", "model")
    asked = json.loads(receiver.got[0].body)
    assert sorted(asked["traits"]) == ["mobility", "occupation"]


async def test_a_service_that_is_slow_is_not_waited_for(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(200, GOOD), total_s=0.3, hang_s=5)
    result = result_of(await run(make_runner, await validation(workspace_id, {"title": "Mood"})))
    assert result["source"] == "built_in"
    assert "no answer within 0.3 s" in result["notice"]


async def test_nobody_there_is_no_trouble(
    workspace_id: UUID, make_runner: MakeRunner, receiver: Receiver, use: Use
) -> None:
    use(plain(200, GOOD))
    await receiver.stop()
    result = result_of(await run(make_runner, await validation(workspace_id, {"title": "Mood"})))
    assert (result["source"], "cannot be reached" in result["notice"]) == ("built_in", True)

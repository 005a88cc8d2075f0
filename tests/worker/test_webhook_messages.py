"""What is told to whom: an event's messages, its body, its place, and the URL that its job is to call back."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from core.crypto import service as crypto
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.events import service as events
from core.jobs import dispatching, engine
from core.jobs import service as jobs
from core.jobs.engine import POISON_AFTER
from core.settings import get_settings
from core.webhooks import telling
from core.webhooks.schemas import TOLD
from tests.factories import jobs as job_rows
from tests.factories import webhooks as factory
from tests.factories.webhooks import SECRET, deliver, messages
from tests.fixtures.jobs import new_workspace
from tests.fixtures.receiver import Receiver, plain
from worker.courier import Courier
from worker.fanout import fan_out, tell_progress

pytestmark = pytest.mark.usefixtures("job_database", "nothing_else")
URL = "https://192.0.43.7/hook"
ENDS = ("job.succeeded", "job.failed", "job.cancelled")


async def told(workspace_id: UUID) -> list[tuple[str, int]]:
    """Return type and sequence of each message."""
    return [(one["type"], one["sequence"]) for one in await messages(workspace_id)]


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
async def test_the_end_of_a_job_is_told_with_all_there_is_to_know(workspace_id: UUID, status: str) -> None:
    await factory.make(workspace_id, URL)
    exploration_id, subject_id = uuid4(), uuid4()
    more = {"exploration_id": exploration_id, "subject_type": "simulation", "subject_id": subject_id}
    job_id = await factory.end_job(workspace_id, status, **more)
    [message] = await messages(workspace_id)
    whole = json.loads(message["body"])
    assert whole["type"] == message["type"] == f"job.{status}"
    assert whole["timestamp"].endswith("Z")
    data = whole["data"]
    simulation = f"/workspaces/{workspace_id}/explorations/{exploration_id}/simulations/{subject_id}"
    assert data == {
        "event_id": str(message["event_id"]),
        "job_id": str(job_id),
        "kind": "test.probe",
        "status": status,
        "workspace_id": str(workspace_id),
        "exploration_id": str(exploration_id),
        "subject_type": "simulation",
        "subject_id": str(subject_id),
        "sequence": 1,
        "links": {
            "job": f"http://localhost:8000/jobs/{job_id}",
            "subject": f"http://localhost:8000{simulation}",
        },
    }


async def test_a_job_cancelled_while_it_was_queued_is_told(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL)
    job_id = await job_rows.submit(workspace_id)
    async with db.scope([workspace_id]) as session:
        await jobs.request_cancel(session, job_id)
    async with db.scope([workspace_id]) as session:
        await jobs.cascade_cancel(session, job_id)
    await fan_out()
    assert await told(workspace_id) == [("job.cancelled", 1)]


async def test_a_poison_job_is_told(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL)
    job_id = await job_rows.submit(workspace_id)
    await job_rows.claim(job_id)
    await job_rows.lapse(job_id, rescues=POISON_AFTER - 1)
    async with db.scope(db.SYSTEM) as session:
        await dispatching.rescue_lapsed(session)
    await fan_out()
    assert await told(workspace_id) == [("job.failed", 1)]


@pytest.mark.parametrize(
    ("event_types", "expected"),
    [
        (["*"], [*ENDS, "report.ready", "simulation.completed"]),
        (["job.failed"], ["job.failed"]),
        (["job.progress"], ["job.progress"]),
        (["*", "job.progress"], [*ENDS, "job.progress", "report.ready", "simulation.completed"]),
        (["report.ready", "job.cancelled"], ["job.cancelled", "report.ready"]),
    ],
)
async def test_an_endpoint_is_told_what_it_asked_for(
    workspace_id: UUID, event_types: list[str], expected: list[str]
) -> None:
    await factory.make(workspace_id, URL, *event_types)
    await factory.tell(workspace_id, *TOLD, "persona.created", "population_plan.created")
    assert sorted(type_ for type_, _ in await told(workspace_id)) == sorted(expected)


async def test_other_workspaces_are_told_nothing(workspace_id: UUID) -> None:
    other = await new_workspace()
    await factory.make(other, URL)
    await factory.tell(workspace_id)
    assert await messages(other) == await messages(workspace_id) == []


async def test_shards_are_not_told_but_their_parent_is(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL)
    job_id = await job_rows.submit(workspace_id)
    for hint in await job_rows.fan_out(await job_rows.claim(job_id), 2):
        await job_rows.finish(await job_rows.claim(hint.job_id))
    await job_rows.finish(await job_rows.claim(job_id))
    await fan_out()
    assert [one["job_id"] for one in await messages(workspace_id)] == [job_id]


async def test_sequences_rise_by_subject_and_all_endpoints_see_the_same(workspace_id: UUID) -> None:
    first, second = await factory.make(workspace_id, URL), await factory.make(workspace_id, URL)
    one = await factory.tell(workspace_id, "report.ready", "report.ready")
    other = await factory.tell(workspace_id)
    await factory.tell(workspace_id, subject_id=one)
    found = await messages(workspace_id)
    for webhook_id in (first, second):
        mine = [(one["subject_id"], one["sequence"]) for one in found if one["endpoint_id"] == webhook_id]
        assert mine == [(one, 1), (one, 2), (other, 1), (one, 3)]
    ids = {(one["subject_id"], one["sequence"]): one["event_id"] for one in found}
    assert len(ids) == len(set(ids.values())) == 4
    assert len({one["id"] for one in found}) == 8


async def test_an_event_is_told_once_however_many_hand_it_out(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL)
    async with db.scope([workspace_id]) as session:
        for _ in range(20):
            await events.record(session, type="report.ready", workspace_id=workspace_id)
    await asyncio.gather(*(fan_out() for _ in range(6)))
    await fan_out()
    assert sorted(sequence for _, sequence in await told(workspace_id)) == list(range(1, 21))


async def test_an_event_is_told_although_handing_it_out_was_broken_off(
    workspace_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factory.make(workspace_id, URL)

    async def away(*_: Any) -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(telling, "insert", away)
        with pytest.raises(DatabaseUnavailable):
            await factory.tell(workspace_id)
    await fan_out()
    assert await told(workspace_id) == [("report.ready", 1)]


async def test_an_event_that_cannot_be_told_does_not_keep_the_others(
    workspace_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await factory.make(workspace_id, URL)
    insert = telling.insert

    async def refuse_some(session: Any, rows: Any) -> None:
        if any(row["type"] == "job.failed" for row in rows):
            await session.execute(text("SELECT 1/0"))
        await insert(session, rows)

    monkeypatch.setattr(telling, "insert", refuse_some)
    await factory.tell(workspace_id, "report.ready", "job.failed", "simulation.completed")
    assert [type_ for type_, _ in await told(workspace_id)] == ["report.ready", "simulation.completed"]


async def test_many_messages_are_written_in_their_order(workspace_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 3)
    await factory.make(workspace_id, URL)
    await factory.tell(workspace_id, *["report.ready"] * 10)
    assert [sequence for _, sequence in await told(workspace_id)] == list(range(1, 11))


async def test_for_a_disabled_endpoint_messages_are_kept_to_be_recovered(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL, status="disabled")
    await factory.tell(workspace_id)
    [message] = await messages(workspace_id)
    assert (message["status"], message["error"], message["next_at"]) == ("failed", "webhook_disabled", None)


async def test_progress_is_told_where_it_is_wanted_as_far_as_it_got(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL, "job.progress")
    job_id = await job_rows.submit(workspace_id)
    held = await job_rows.claim(job_id)
    for done in (1, 2):
        async with db.scope(db.SYSTEM) as session:
            await engine.set_progress(session, held, total=5, message="asking", done=done)
    for _ in range(2):
        await tell_progress()
        await fan_out()
    [message] = await messages(workspace_id)
    data = json.loads(message["body"])["data"]
    assert data["progress"] == {"done": 2, "total": 5, "message": "asking"}
    assert (data["status"], data["job_id"]) == ("running", str(job_id))


async def test_progress_of_a_job_that_waits_says_so(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL, "job.progress")
    job_id = await job_rows.submit(workspace_id)
    held = await job_rows.claim(job_id)
    async with db.scope(db.SYSTEM) as session:
        await engine.set_progress(session, held, total=5, message="asking", done=1)
        await session.execute(text("UPDATE job SET status = 'retry_wait' WHERE id = :id"), {"id": job_id})
    await tell_progress()
    await fan_out()
    [message] = await messages(workspace_id)
    assert json.loads(message["body"])["data"]["status"] == "queued"


async def test_progress_is_not_told_after_the_end(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL, "*", "job.progress")
    held = await job_rows.claim(await job_rows.submit(workspace_id))
    async with db.scope(db.SYSTEM) as session:
        await engine.set_progress(session, held, total=5, message="asking", done=4)
    await job_rows.finish(held)
    await tell_progress()
    await fan_out()
    assert await told(workspace_id) == [("job.succeeded", 1)]


async def test_nothing_of_progress_is_written_where_nobody_wants_it(workspace_id: UUID) -> None:
    await factory.make(workspace_id, URL)
    held = await job_rows.claim(await job_rows.submit(workspace_id))
    async with db.scope(db.SYSTEM) as session:
        await engine.set_progress(session, held, total=5, message="asking", done=4)
    await tell_progress()
    assert await job_rows.events(held.job_id) == []


class TestCallbacks:
    """The URL that a job names is called at its end, signed with the workspace's secret."""

    async def _secret(self, workspace_id: UUID) -> str:
        [row] = await factory.rows("webhook_secret", workspace_id)
        return crypto.decrypt(get_settings(), row["secret"]).decode()

    async def test_a_job_calls_back_once_with_the_same_body_as_a_webhook(
        self, workspace_id: UUID, receiver: Receiver, courier: Courier
    ) -> None:
        await factory.make(workspace_id, receiver.url)
        await factory.end_job(workspace_id, callback_url=f"{receiver.url}?token=1")
        assert await deliver(courier) == 2
        by_path = {got.path: got for got in receiver.got}
        back, hook = by_path["/hook?token=1"], by_path["/hook"]
        assert back.verified(await self._secret(workspace_id)) == hook.verified(SECRET)
        assert back.id != hook.id

    async def test_it_is_tried_again_and_410_ends_it_alone(
        self, workspace_id: UUID, receiver: Receiver, courier: Courier
    ) -> None:
        receiver.answers = [plain(410), plain(200)]
        await factory.end_job(workspace_id, callback_url=f"{receiver.url}/1")
        await deliver(courier)
        await factory.end_job(workspace_id, callback_url=f"{receiver.url}/2")
        await deliver(courier)
        assert [one["status"] for one in await messages(workspace_id)] == ["failed", "delivered"]

    async def test_callbacks_to_one_origin_share_its_bounds_and_are_no_webhooks(self, workspace_id: UUID) -> None:
        for number in range(3):
            await factory.end_job(workspace_id, callback_url=f"{URL}/{number}")
        [row] = await factory.rows("webhook_endpoint", workspace_id)
        assert (row["kind"], row["url"]) == ("callback", "https://192.0.43.7")

    async def test_it_is_told_of_the_end_only(self, workspace_id: UUID) -> None:
        job_id = await job_rows.submit(workspace_id, callback_url=URL)
        async with db.scope([workspace_id]) as session:
            await events.record(session, type="report.ready", workspace_id=workspace_id, job_id=job_id)
        await job_rows.finish(await job_rows.claim(job_id), "failed")
        await fan_out()
        assert await told(workspace_id) == [("job.failed", 1)]

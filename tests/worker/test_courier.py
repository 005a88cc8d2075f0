"""Deliveries: signed, tried again by the schedule, given up, disabled; what came of each attempt is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from core.settings import get_settings
from core.webhooks import schedule, secrets
from tests.factories import webhooks as factory
from tests.factories.users import join, make_user
from tests.factories.webhooks import SECRET, attempts, deliver, messages
from tests.fixtures.courier import Clock
from tests.fixtures.receiver import Receiver, plain
from tests.fixtures.smtp import Mails
from worker.courier import Courier

pytestmark = pytest.mark.usefixtures("job_database", "nothing_else")
HOUR = 3600.0


async def test_a_delivery_is_what_the_library_for_receivers_verifies(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    await factory.make(workspace_id, receiver.url)
    subject_id = await factory.tell(workspace_id, "report.ready")
    assert await deliver(courier) == 1
    [got] = receiver.got
    told = got.verified(SECRET)
    assert told["type"] == "report.ready"
    assert told["data"]["subject_id"] == str(subject_id)
    assert got.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        got.verified(secrets.new_secret())
    [message] = await messages(workspace_id)
    assert (message["status"], message["tries"], message["lease_id"]) == ("delivered", 1, None)
    assert got.id == f"msg_{message['id'].hex}"
    assert got.body.decode() == message["body"]


async def test_a_failing_receiver_is_tried_by_the_schedule_and_then_no_more(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    receiver.answers = [plain(500, "no")]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    tried_after = []
    for wait_s in (0, 5, 300, 0.5 * HOUR, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR):
        if wait_s:
            time.move(wait_s - 1)
            assert await deliver(courier) == 0
            time.move(1)
        tried_after.append(await deliver(courier))
    assert tried_after == [1] * 10
    time.move(240 * HOUR)
    assert await deliver(courier) == 0
    [message] = await messages(workspace_id)
    assert (message["status"], message["tries"]) == ("failed", 10)
    assert [one["number"] for one in await attempts(workspace_id)] == list(range(1, 11))
    assert {(one["status_code"], one["response"]) for one in await attempts(workspace_id)} == {(500, "no")}


async def test_the_id_stays_over_retries_and_each_attempt_has_its_own_time(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    receiver.answers = [plain(503), plain(500), plain(200)]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    for wait_s in (0, 5, 300):
        time.move(wait_s)
        await deliver(courier)
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    stamps = [int(got.headers["webhook-timestamp"]) for got in receiver.got]
    assert [stamps[1] - stamps[0], stamps[2] - stamps[1]] == [5, 300]
    for got, stamp in zip(receiver.got, stamps, strict=True):
        at = datetime.fromtimestamp(stamp, UTC)
        assert Webhook(SECRET).sign(got.id, at, got.body.decode()) == got.headers["webhook-signature"]


def test_jitter_adds_up_to_a_tenth() -> None:
    waits = [schedule.delay_s(2) or 0 for _ in range(200)]
    assert all(300 <= wait <= 330 for wait in waits)
    assert max(waits) - min(waits) > 15


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
async def test_what_is_no_success_is_tried_again(
    workspace_id: UUID, receiver: Receiver, courier: Courier, status: int
) -> None:
    receiver.answers = [plain(status, "", "Location: http://127.0.0.1:1/")]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    await deliver(courier)
    [message] = await messages(workspace_id)
    assert (message["status"], message["tries"]) == ("pending", 1)
    assert [one["status_code"] for one in await attempts(workspace_id)] == [status]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_success(workspace_id: UUID, receiver: Receiver, courier: Courier, status: int) -> None:
    receiver.answers = [plain(status)]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    await deliver(courier)
    assert [one["status"] for one in await messages(workspace_id)] == ["delivered"]


async def test_a_pause_that_the_receiver_asks_for_is_kept(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    receiver.answers = [plain(429, "", "Retry-After: 120"), plain(200)]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    await deliver(courier)
    await factory.tell(workspace_id)
    time.move(119)
    assert await deliver(courier) == 0, "the pause is the receiver's, so it holds for its other messages too"
    time.move(1)
    assert await deliver(courier) == 2


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), (" 7 ", 7), ("Thu, 26 Nov 2026 10:00:30 GMT", 30), ("Thu, 26 Nov 2020 10:00:30 GMT", 0)]
    + [(bad, None) for bad in ("", "soon", "-5", "1e9", "٣", "Thu, 99 Nov 2026 10:00:30 GMT")],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert schedule.retry_after_s(value, datetime(2026, 11, 26, 10, tzinfo=UTC)) == seconds


async def test_410_disables_the_webhook_and_its_owners_are_mailed(
    workspace_id: UUID, receiver: Receiver, courier: Courier, mails: Mails
) -> None:
    admin, member = await make_user(password_hash="none"), await make_user(password_hash="none")
    await join(str(workspace_id), admin, "admin")
    await join(str(workspace_id), member)
    receiver.answers = [plain(410)]
    webhook_id = await factory.make(workspace_id, receiver.url)
    for _ in range(3):
        await factory.tell(workspace_id)
    await deliver(courier)
    row = await factory.endpoint(webhook_id)
    assert (row["status"], row["disabled_reason"]) == ("disabled", "gone")
    assert {one["status"] for one in await messages(workspace_id)} == {"failed"}
    [seen] = await mails.for_address(admin.email)
    assert seen.kind == "webhook_disabled"
    assert await mails.for_address(member.email) == []
    assert "webhook.disabled" in [one["action"] for one in await factory.rows("audit_entry", workspace_id)]
    await factory.tell(workspace_id)
    assert await deliver(courier) == 0


async def test_five_days_of_failures_disable_the_webhook(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    receiver.answers = [plain(500)]
    webhook_id = await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    await deliver(courier)
    time.move(119.9 * HOUR)
    await factory.tell(workspace_id)
    await deliver(courier)
    assert (await factory.endpoint(webhook_id))["status"] == "enabled"
    time.move(0.2 * HOUR)
    await deliver(courier)
    row = await factory.endpoint(webhook_id)
    assert (row["status"], row["disabled_reason"]) == ("disabled", "failing")


async def test_a_success_in_between_begins_the_five_days_anew(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    receiver.answers = [plain(500), plain(200), plain(500)]
    webhook_id = await factory.make(workspace_id, receiver.url)
    for _ in range(3):
        await factory.tell(workspace_id)
        await deliver(courier)
        time.move(72 * HOUR)
    assert (await factory.endpoint(webhook_id))["status"] == "enabled"


async def test_after_a_rotation_both_secrets_sign_for_a_day(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    newer = secrets.new_secret()
    webhook_id = await factory.make(workspace_id, receiver.url)
    sealed = {"previous_secret": secrets.seal(get_settings(), SECRET), "secret": secrets.seal(get_settings(), newer)}
    await factory.change(webhook_id, **sealed, previous_secret_expires_at=time.now() + secrets.OVERLAP)
    await factory.tell(workspace_id)
    await deliver(courier)
    time.move(24 * HOUR)
    await factory.tell(workspace_id)
    await deliver(courier)
    both, one = (got.headers["webhook-signature"].split(" ") for got in receiver.got)
    assert (len(both), len(one)) == (2, 1)
    assert receiver.got[0].verified(SECRET)["data"] == receiver.got[0].verified(newer)["data"]


async def test_a_receiver_that_is_down_gets_all_once_it_is_back(
    workspace_id: UUID, receiver: Receiver, courier: Courier, time: Clock
) -> None:
    await receiver.stop()
    await factory.make(workspace_id, receiver.url)
    for _ in range(12):
        await factory.tell(workspace_id)
        await deliver(courier)
    assert len(await attempts(workspace_id)) == 3, "after three failures it is left alone for a while"
    await receiver.start(receiver.port)
    for _ in range(30):
        time.move(60)
        await deliver(courier)
    assert {one["status"] for one in await messages(workspace_id)} == {"delivered"}
    assert len({got.id for got in receiver.got}) == 12


async def test_a_fault_of_ours_is_an_attempt_too(
    workspace_id: UUID, receiver: Receiver, courier: Courier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError

    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    monkeypatch.setattr(courier._guard, "post", broken)
    assert await deliver(courier) == 1
    assert [one["error_code"] for one in await attempts(workspace_id)] == ["internal_error"]


async def test_a_secret_that_no_key_opens_is_told_and_tried_again(
    workspace_id: UUID, receiver: Receiver, courier: Courier
) -> None:
    webhook_id = await factory.make(workspace_id, receiver.url)
    await factory.change(webhook_id, secret=b"another:key")
    await factory.tell(workspace_id)
    await deliver(courier)
    assert [one["error_code"] for one in await attempts(workspace_id)] == ["secret_not_opened"]
    assert [one["status"] for one in await messages(workspace_id)] == ["pending"]
    assert receiver.got == []


async def test_a_long_answer_is_kept_in_part(workspace_id: UUID, receiver: Receiver, courier: Courier) -> None:
    receiver.answers = [plain(200, "a\0" + "x" * 50_000)]
    await factory.make(workspace_id, receiver.url)
    await factory.tell(workspace_id)
    await deliver(courier)
    [attempt] = await attempts(workspace_id)
    assert attempt["response"].startswith("a\ufffdx")
    assert len(attempt["response"]) == 1000

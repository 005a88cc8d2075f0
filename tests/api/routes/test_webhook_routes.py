"""Webhooks over HTTP: made, changed, rotated, tested, delivered anew; bad URLs refused by name."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from core import clock
from core.crypto import service as crypto
from core.db import session as db
from core.settings import get_settings
from core.webhooks import service as webhooks
from core.webhooks.guard import Guard
from tests.factories import jobs as job_rows
from tests.factories import webhooks as factory
from tests.factories.studies import new_study
from tests.factories.webhooks import deliver, messages
from tests.fixtures.dns import NameServer
from tests.fixtures.receiver import Receiver, plain
from worker.courier import Courier
from worker.fanout import fan_out

Json = dict[str, Any]
AHEAD = timedelta(minutes=4)
PUBLIC = "https://192.0.43.7/hook"


@pytest.fixture
def path(workspace: Json) -> str:
    """The address of a workspace's webhooks."""
    return f"/workspaces/{workspace['id']}/webhooks"


@pytest.fixture
async def courier(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Courier]:
    """A courier, a few minutes ahead: a worker of another test, which may be running, finds nothing due."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + AHEAD)
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text("DELETE FROM webhook_endpoint"))
    made = factory.courier()
    yield made
    await made.drain(0)


@pytest.fixture
def development(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Local receivers are allowed, as with WEBHOOK_ALLOW_PRIVATE."""
    monkeypatch.setattr(get_settings(), "webhook_allow_private", True)
    monkeypatch.setitem(app.state._state, "receivers", Guard(private=True))


async def make(client: httpx.AsyncClient, path: str, url: str = PUBLIC, **more: Any) -> Json:
    """Make a webhook."""
    made = await client.post(path, json={"url": url, "event_types": ["*"]} | more)
    assert made.status_code == 201, made.text
    document: Json = made.json()
    assert made.headers["Location"] == f"{path}/{document['id']}"
    return document


async def test_a_secret_is_shown_once_and_stored_sealed(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path, event_types=["job.failed", "job.failed", "*"], description=" of ours ")
    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    shown = (await client.get(f"{path}/{made['id']}")).json()
    assert shown == made
    assert (shown["event_types"], shown["description"], shown["status"]) == (["job.failed", "*"], "of ours", "enabled")
    assert (await client.get(path)).json() == {"items": [shown], "next_cursor": None}
    row = await factory.endpoint(UUID(made["id"]))
    assert secret.encode() not in row["secret"]
    assert crypto.decrypt(get_settings(), row["secret"]).decode() == secret


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"url": "http://example.com/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://10.0.0.1/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://[::1]/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://2130706433/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://localhost/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://a:b@example.com/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://example.com:8080/", "event_types": ["*"]}, "body.url"),
        ({"url": "https://example.com/\u0000", "event_types": ["*"]}, "body.url"),
        ({"url": "", "event_types": ["*"]}, "body.url"),
        ({"event_types": ["*"]}, "body.url"),
        ({"url": PUBLIC}, "body.event_types"),
        ({"url": PUBLIC, "event_types": []}, "body.event_types"),
        ({"url": PUBLIC, "event_types": ["job.started"]}, "body.event_types.0"),
        ({"url": PUBLIC, "event_types": "*"}, "body.event_types"),
        ({"url": PUBLIC, "event_types": ["*"], "description": "x" * 2001}, "body.description"),
        ({"url": PUBLIC, "event_types": ["*"], "secret": "x"}, "body.secret"),
    ],
)
async def test_what_is_wrong_is_named(client: httpx.AsyncClient, path: str, body: Json, place: str) -> None:
    answer = await client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    assert [".".join(map(str, one["loc"])) for one in answer.json()["errors"]] == [place]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["::ffff:7f00:1"]])
async def test_a_name_that_leads_inside_is_refused_when_registered_and_when_changed(
    client: httpx.AsyncClient,
    app: FastAPI,
    path: str,
    names: NameServer,
    monkeypatch: pytest.MonkeyPatch,
    addresses: list[str],
) -> None:
    names.names |= {"inside.example": [addresses], "outside.example": [["8.8.8.8"]]}
    monkeypatch.setitem(app.state._state, "receivers", Guard(private=False, resolve=names.resolver()))
    body = {"url": "https://inside.example/", "event_types": ["*"]}
    made = await make(client, path, "https://outside.example/")
    for answer in (await client.post(path, json=body), await client.patch(f"{path}/{made['id']}", json=body)):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["body", "url"]


async def test_a_name_that_nobody_knows_yet_is_taken(
    client: httpx.AsyncClient, app: FastAPI, path: str, names: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.state._state, "receivers", Guard(private=False, resolve=names.resolver()))
    await make(client, path, "https://not-yet.example/")


async def test_a_webhook_is_changed_and_what_is_not_named_stays(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path, description="first")
    url = "https://192.0.43.8:8443/other"
    changed = await client.patch(f"{path}/{made['id']}", json={"url": url, "event_types": ["report.ready"]})
    assert changed.status_code == 200
    shown = changed.json()
    assert (shown["url"], shown["event_types"], shown["description"]) == (url, ["report.ready"], "first")
    assert "secret" not in shown


async def test_another_url_begins_without_the_failures_of_the_one_before(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path)
    await factory.change(UUID(made["id"]), failures=9, failing_since=clock.now(), open_until=clock.now())
    await client.patch(f"{path}/{made['id']}", json={"url": "https://192.0.43.9/"})
    row = await factory.endpoint(UUID(made["id"]))
    assert (row["failures"], row["failing_since"], row["open_until"]) == (0, None, None)


async def test_a_deleted_webhook_is_gone_with_its_deliveries(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path)
    delivery = (await client.post(f"{path}/{made['id']}/test")).json()
    assert (await client.delete(f"{path}/{made['id']}")).status_code == 204
    for answer in (await client.get(f"{path}/{made['id']}"), await client.delete(f"{path}/{made['id']}")):
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found")
    gone = await client.post(f"{path}/deliveries/{delivery['id']}/redeliver")
    assert (gone.status_code, gone.json()["code"]) == (404, "delivery_not_found")


async def test_a_workspace_has_so_many_webhooks_and_no_more(
    client: httpx.AsyncClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST", 2)
    await make(client, path)
    await make(client, path)
    answer = await client.post(path, json={"url": PUBLIC, "event_types": ["*"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


async def test_a_test_is_delivered_and_shown_with_its_attempts(
    client: httpx.AsyncClient, path: str, receiver: Receiver, courier: Courier, development: None
) -> None:
    receiver.answers = [plain(503, "later"), plain(200, "fine")]
    made = await make(client, path, receiver.url)
    sent = await client.post(f"{path}/{made['id']}/test")
    assert (sent.status_code, sent.json()["status"], sent.json()["attempts"]) == (202, "pending", [])
    assert await deliver(courier) == 1
    again = await client.post(f"{path}/deliveries/{sent.json()['id']}/redeliver")
    assert again.status_code == 202
    assert await deliver(courier) == 1
    told = receiver.got[1].verified(made["secret"])
    assert (told["type"], told["data"]["subject_id"]) == ("webhook.test", made["id"])
    [shown] = (await client.get(f"{path}/{made['id']}/deliveries")).json()["items"]
    assert (shown["status"], shown["message_id"], shown["webhook_id"]) == ("delivered", receiver.got[0].id, made["id"])
    assert receiver.got[0].id == receiver.got[1].id
    seen = [(one["number"], one["status_code"], one["response"], one["error"]) for one in shown["attempts"]]
    assert seen == [(1, 503, "later", None), (2, 200, "fine", None)]
    assert all(one["latency_ms"] >= 0 for one in shown["attempts"])


async def test_an_attempt_without_an_answer_says_why(
    client: httpx.AsyncClient, path: str, receiver: Receiver, courier: Courier, development: None
) -> None:
    await receiver.stop()
    made = await make(client, path, receiver.url)
    await client.post(f"{path}/{made['id']}/test")
    await deliver(courier)
    [shown] = (await client.get(f"{path}/{made['id']}/deliveries", params={"status": "pending"})).json()["items"]
    [attempt] = shown["attempts"]
    assert (attempt["status_code"], attempt["error_code"]) == (None, "connection_refused")
    assert shown["next_attempt_at"] is not None


async def test_what_failed_is_recovered_from_a_moment_on(
    client: httpx.AsyncClient, workspace: Json, path: str, receiver: Receiver, courier: Courier, development: None
) -> None:
    made = await make(client, path, receiver.url)
    workspace_id = UUID(workspace["id"])
    assert (await client.patch(f"{path}/{made['id']}", json={"status": "disabled"})).json()["status"] == "disabled"
    await factory.tell(workspace_id)
    since = datetime.now(UTC)
    await factory.tell(workspace_id)
    recover, query = f"{path}/{made['id']}/recover", {"since": since.isoformat()}
    refused = await client.post(recover, params=query)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
    tested = await client.post(f"{path}/{made['id']}/test")
    assert (tested.status_code, tested.json()["code"]) == (409, "webhook_disabled")
    enabled = (await client.post(f"{path}/{made['id']}/enable")).json()
    assert (enabled["status"], enabled["disabled_reason"]) == ("enabled", None)
    recovered = await client.post(recover, params=query)
    assert (recovered.status_code, recovered.json()) == (202, {"recovered": 1})
    assert await deliver(courier) == 1
    assert [one["status"] for one in await messages(workspace_id)] == ["failed", "delivered"]
    assert (await client.post(recover)).status_code == 422


async def test_after_a_rotation_the_secret_before_is_kept_for_a_day(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path)
    rotated = (await client.post(f"{path}/{made['id']}/rotate-secret")).json()
    assert rotated["secret"] != made["secret"]
    row = await factory.endpoint(UUID(made["id"]))
    assert crypto.decrypt(get_settings(), row["previous_secret"]).decode() == made["secret"]
    left = row["previous_secret_expires_at"] - clock.now()
    assert 86_000 < left.total_seconds() <= 86_400


async def test_the_secret_of_callbacks_is_made_shown_once_and_rotated(
    client: httpx.AsyncClient, workspace: Json
) -> None:
    path = f"/workspaces/{workspace['id']}/webhook-secret"
    assert set((await client.get(path)).json().values()) == {None}
    first = (await client.post(f"{path}/rotate")).json()
    second = (await client.post(f"{path}/rotate")).json()
    assert first["secret"].startswith("whsec_")
    assert first["secret"] != second["secret"]
    shown = (await client.get(path)).json()
    assert shown == {name: value for name, value in second.items() if name != "secret"}
    assert shown["previous_secret_expires_at"] is not None


@pytest.mark.parametrize("url", ["http://example.com/", "https://127.0.0.1/", "https://a@example.com/", "nonsense"])
async def test_a_bad_callback_is_refused_by_name(client: httpx.AsyncClient, url: str) -> None:
    study = await new_study(client)
    body = study.simulation(job={"callback_url": url})
    answer = await client.post(f"{study.base}/simulations", json=body)
    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["errors"]] == [["body", "job", "callback_url"]]


async def test_a_submitted_job_keeps_its_callback_and_its_delivery_is_shown(
    client: httpx.AsyncClient, receiver: Receiver, courier: Courier, development: None
) -> None:
    study = await new_study(client)
    body = study.simulation(job={"callback_url": receiver.url})
    job = (await client.post(f"{study.base}/simulations", json=body)).json()
    assert (await client.post(f"/jobs/{job['id']}/cancel")).status_code in (200, 202)
    async with asyncio.timeout(20):
        while not await deliver(courier):  # a worker of another test may be handing the event out
            await fan_out()
    listed = await client.get(f"{study.workspace}/webhooks/deliveries", params={"job_id": job["id"]})
    [shown] = listed.json()["items"]
    assert (shown["webhook_id"], shown["url"], shown["status"]) == (None, receiver.url, "delivered")
    assert (await client.get(f"{study.workspace}/webhooks")).json()["items"] == []
    assert (await job_rows.read(UUID(job["id"]))).callback_url == receiver.url


async def test_deliveries_are_paged_newest_first(client: httpx.AsyncClient, path: str) -> None:
    made = await make(client, path)
    sent = [(await client.post(f"{path}/{made['id']}/test")).json()["id"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{path}/{made['id']}/deliveries", params=query)).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (sent[::-1], None)


async def test_privileged_changes_are_on_record_without_secrets(
    client: httpx.AsyncClient, workspace: Json, path: str
) -> None:
    made = await make(client, path, "https://192.0.43.7/hook?token=of-theirs")
    one = f"{path}/{made['id']}"
    await client.patch(one, json={"description": "changed"})
    await client.post(f"{one}/rotate-secret")
    await client.patch(one, json={"status": "disabled"})
    await client.post(f"{one}/enable")
    tested = (await client.post(f"{one}/test")).json()
    await client.post(f"{path}/deliveries/{tested['id']}/redeliver")
    await client.post(f"{one}/recover", params={"since": "2026-01-01T00:00:00Z"})
    await client.post(f"/workspaces/{workspace['id']}/webhook-secret/rotate")
    await client.delete(one)
    log = (await client.get(f"/workspaces/{workspace['id']}/audit-log")).text
    actions = [
        "webhook.created", "webhook.updated", "webhook.secret_rotated", "webhook.disabled", "webhook.enabled",
        "webhook.tested", "webhook.redelivered", "webhook.recovered", "webhook_secret.rotated", "webhook.deleted",
    ]  # fmt: skip
    assert [action for action in actions if f'"{action}"' not in log] == []
    assert "whsec_" not in log
    assert "of-theirs" not in log


async def test_an_unknown_webhook_is_not_found_whatever_is_asked(client: httpx.AsyncClient, path: str) -> None:
    one = f"{path}/{uuid4()}"
    calls = [("GET", one), ("DELETE", one), ("GET", f"{one}/deliveries")]
    calls += [("POST", f"{one}/{what}") for what in ("test", "enable", "rotate-secret")]
    calls += [("POST", f"{one}/recover?since=2026-01-01T00:00:00Z")]
    for method, address in calls:
        answer = await client.request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_not_found"), address

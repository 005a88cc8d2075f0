"""Who asks for it is mailed the ends of the own jobs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.users import join, log_in, make_user
from tests.fixtures.api import finished
from tests.fixtures.smtp import SmtpServer, part
from tests.fixtures.system import WorkerHandle


@pytest.fixture
def postman(database: str) -> Iterator[WorkerHandle]:
    """A worker process that delivers."""
    with contextlib.closing(WorkerHandle.start({"WORKER_POOLS": "delivery"})) as handle:
        yield handle


async def test_nobody_is_mailed_who_did_not_ask_and_asking_can_be_taken_back(anonymous: httpx.AsyncClient) -> None:
    headers = await log_in(anonymous, user := await make_user())
    shown = [(await anonymous.get("/auth/me", headers=headers)).json()["notify_on_job_end"]]
    for wanted in (True, False):
        changed = await anonymous.patch("/auth/me", json={"notify_on_job_end": wanted}, headers=headers)
        assert changed.status_code == 200
        assert changed.json()["full_name"] == user.full_name
        shown.append((await anonymous.get("/auth/me", headers=headers)).json()["notify_on_job_end"])
    assert shown == [False, True, False]


async def test_what_is_no_yes_or_no_is_refused_by_name(anonymous: httpx.AsyncClient) -> None:
    headers = await log_in(anonymous, await make_user())
    refused = await anonymous.patch("/auth/me", json={"notify_on_job_end": "sometimes"}, headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", "notify_on_job_end"])


async def test_the_end_of_a_job_arrives_by_mail(
    anonymous: httpx.AsyncClient,
    workspace: dict[str, Any],
    worker: WorkerHandle,
    postman: WorkerHandle,
    smtp: SmtpServer,
) -> None:
    user = await make_user()
    await join(workspace["id"], user)
    headers = await log_in(anonymous, user)
    await anonymous.patch("/auth/me", json={"notify_on_job_end": True}, headers=headers)
    base = f"/workspaces/{workspace['id']}/explorations"
    made = (await anonymous.post(base, json=exploration(), headers=headers)).json()
    answer = await anonymous.post(
        f"{base}/{made['id']}/personas/auto-generate", json={"count": 1, "seed": 7}, headers=headers
    )
    anonymous_as_user = httpx.AsyncClient(transport=anonymous._transport, base_url="http://test", headers=headers)
    job = await finished(anonymous_as_user, answer.json())
    got = (await smtp.arrived(user.email, within_s=30)).message
    ended = {"succeeded": "is done", "failed": "has failed"}[job["status"]]
    assert got["Subject"] == f"Your generation of personas in “{workspace['name']}” {ended}"
    assert f"/jobs/{job['id']}\n" in part(got, "plain")
    assert len(smtp.of(user.email)) == 1

"""Tickets: a link for one address and a minute, for what its owner may read, as long as they may."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
import structlog
from sqlalchemy import delete, update
from sqlmodel import col

from core import clock
from core.auth import tickets
from core.auth.models import User
from core.db import session as db
from core.settings import Settings
from core.workspaces.models import WorkspaceMember
from tests.factories.api_keys import headers_of, make_key
from tests.factories.studies import Study, new_study
from tests.factories.users import join, log_in, make_user
from tests.fixtures.api import finished

Json = dict[str, Any]
ENDS = ("/events", "/export", "/file", "}")


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture(scope="module")
async def events(client: httpx.AsyncClient, study: Study) -> str:
    """The address of the events of a job that has ended."""
    job = (await client.post(f"{study.base}/simulations", json=study.simulation())).json()
    await client.post(f"/jobs/{job['id']}/cancel")
    await finished(client, job)
    return f"/jobs/{job['id']}/events"


async def link(client: httpx.AsyncClient, path: str, headers: dict[str, str] | None = None) -> str:
    """Make a ticket; return its address."""
    answer = await client.post("/tickets", json={"path": path}, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


async def refusal(client: httpx.AsyncClient, url: str, method: str = "GET") -> tuple[int, str]:
    answer = await client.request(method, url)
    return answer.status_code, answer.json()["code"]


async def test_a_stream_is_read_with_a_ticket_again_and_again(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, events: str
) -> None:
    before = clock.now()
    made = await client.post("/tickets", json={"path": events})
    ends_in = made.json()["expires_at"].replace("Z", "+00:00")
    assert made.headers["location"] == made.json()["url"]
    assert made.headers["cache-control"] == "no-store"
    assert before.isoformat() < ends_in < (before + timedelta(seconds=61)).isoformat()
    for _ in range(2):
        answer = await anonymous.get(made.json()["url"])
        assert answer.status_code == 200
        assert "event: done" in answer.text


async def test_a_stream_goes_on_where_its_address_says(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, events: str
) -> None:
    whole = await anonymous.get(await link(client, events))
    ids = [line for line in whole.text.splitlines() if line.startswith("id: ")]
    url = await link(client, f"{events}?last_event_id={ids[-2].removeprefix('id: ')}")
    rest = await anonymous.get(url)
    assert [line for line in rest.text.splitlines() if line.startswith("id: ")] == ids[-1:]


async def test_a_ticket_is_for_one_address_with_one_query(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, study: Study, events: str
) -> None:
    url = await link(client, events)
    ticket = url.partition("ticket=")[2]
    for other in (
        f"{events}?last_event_id=1&ticket={ticket}",
        f"{url}&last_event_id=1",
        f"{url}&ticket={ticket}",
        f"/jobs/{uuid4()}/events?ticket={ticket}",
        f"{events}?ticket={ticket[:-4]}AAAA",
    ):
        assert await refusal(anonymous, other) == (401, "invalid_ticket"), other
    for elsewhere in (events.removesuffix("/events"), study.workspace, "/auth/me", "/jobs"):
        assert await refusal(anonymous, f"{elsewhere}?ticket={ticket}") == (401, "invalid_token"), elsewhere


async def test_a_ticket_changes_nothing(client: httpx.AsyncClient, anonymous: httpx.AsyncClient, events: str) -> None:
    ticket = (await link(client, events)).partition("ticket=")[2]
    for path in ("/tickets", "/workspaces", events.replace("/events", "/cancel")):
        assert await refusal(anonymous, f"{path}?ticket={ticket}", "POST") == (401, "invalid_token"), path


async def test_no_token_is_a_ticket_and_no_ticket_a_token(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, study: Study, events: str
) -> None:
    access = client.headers["Authorization"].removeprefix("Bearer ")
    key = (await make_key(client, study.workspace_id))["secret"]
    for other in (access, key, "", "nonsense"):
        assert await refusal(anonymous, f"{events}?ticket={other}") == (401, "invalid_ticket"), other
    ticket = (await link(client, events)).partition("ticket=")[2]
    answer = await anonymous.get(events, headers={"Authorization": f"Bearer {ticket}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    "changes", [{"exp": 1_600_000_000}, {"aud": "synthetic-people-api"}, {"typ": "access"}, {"tgt": "x"}, {"sub": "x"}]
)
async def test_a_ticket_with_anything_changed_is_none(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, settings: Settings, events: str, changes: Json
) -> None:
    good = (await link(client, events)).partition("ticket=")[2]
    claims = jwt.decode(good, settings.jwt_secret, algorithms=["HS256"], audience=tickets.AUDIENCE)
    same, forged = (jwt.encode(claims | c, settings.jwt_secret, algorithm="HS256") for c in ({}, changes))
    assert (await anonymous.get(f"{events}?ticket={same}")).status_code == 200
    assert await refusal(anonymous, f"{events}?ticket={forged}") == (401, "invalid_ticket")


async def test_after_a_minute_a_ticket_is_over(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, events: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "LIFETIME", timedelta(seconds=-1))
    assert await refusal(anonymous, await link(client, events)) == (401, "invalid_ticket")


async def test_an_export_is_downloaded_with_a_ticket_in_the_format_it_was_made_for(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, study: Study
) -> None:
    job = (await client.post(f"{study.base}/simulations", json=study.simulation())).json()
    await client.post(f"/jobs/{job['id']}/cancel")
    path = f"{study.base}/simulations/{job['subject_id']}/export"
    url = await link(client, f"{path}?format=jsonl")
    answer = await anonymous.get(url)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["content-disposition"].endswith('.jsonl"')
    assert await refusal(anonymous, url.replace("jsonl", "csv")) == (401, "invalid_ticket")


async def test_who_loses_access_loses_the_link(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, study: Study, events: str
) -> None:
    gone, inactive, out = [await make_user() for _ in range(3)]
    urls = []
    for user in (gone, inactive, out):
        await join(study.workspace_id, user)
        headers = await log_in(client, user)
        urls.append(await link(client, events, headers))
        assert (await anonymous.get(urls[-1])).status_code == 200
    async with db.scope(db.SYSTEM) as session:
        await session.execute(delete(WorkspaceMember).where(col(WorkspaceMember.user_id) == gone.id))
        await session.execute(update(User).where(col(User.id) == inactive.id).values(is_active=False))
    await client.post("/auth/logout", headers=headers)
    assert [await refusal(anonymous, url) for url in urls] == [
        (404, "job_not_found"),
        (403, "user_inactive"),
        (401, "session_revoked"),
    ]


async def test_a_key_gets_tickets_for_what_it_may_read(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, study: Study, events: str
) -> None:
    key = await make_key(client, study.workspace_id, "read")
    url = await link(anonymous, events, headers_of(key))
    assert (await anonymous.get(url)).status_code == 200
    other = await new_study(client)
    stranger = headers_of(await make_key(client, other.workspace_id))
    answer = await anonymous.post("/tickets", json={"path": events}, headers=stranger)
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    await client.delete(f"{study.workspace}/api-keys/{key['id']}")
    assert await refusal(anonymous, url) == (401, "api_key_revoked")


async def test_outsiders_get_no_tickets(client: httpx.AsyncClient, study: Study, events: str) -> None:
    outsider = await log_in(client, await make_user(superadmin=True))
    export = f"{study.base}/simulations/{uuid4()}/export"
    for path, code in ((events, "job_not_found"), (export, "workspace_not_found")):
        answer = await client.post("/tickets", json={"path": path}, headers=outsider)
        assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_a_ticket_for_what_admins_read_is_for_admins(client: httpx.AsyncClient, study: Study) -> None:
    path = f"{study.workspace}/export/{uuid4()}/file"
    assert (await client.post("/tickets", json={"path": path})).status_code == 201
    member = await make_user()
    await join(study.workspace_id, member)
    key = await make_key(client, study.workspace_id)
    for headers in (await log_in(client, member), headers_of(key)):
        answer = await client.post("/tickets", json={"path": path}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "workspace_role_too_low")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "jobs",
        "//evil.example/jobs/x/events",
        "https://evil.example/",
        "/jobs",
        "/auth/me",
        "/jobs/{job}",
        "/jobs/{job}/cancel",
        "/jobs/{job}/events#x",
        "/jobs/{job}/events?ticket=x",
        "/jobs/{job}/events?a=b c",
        "/jobs/{job}/events\r\nX: y",
        "/jobs/{job}/events/",
        "/jobs/é/events",
        "/docs",
        "/x" * 1001,
    ],
)
async def test_a_ticket_for_anything_else_is_refused_by_name(client: httpx.AsyncClient, events: str, path: str) -> None:
    answer = await client.post("/tickets", json={"path": path.replace("{job}", events.split("/")[2])})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"] == ["body", "path"]


@pytest.mark.parametrize("path", ["/jobs/nope/events", "/workspaces/nope/explorations/x/simulations/y/export"])
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post("/tickets", json={"path": path})).status_code == 404


async def test_no_ticket_gets_into_the_log(
    client: httpx.AsyncClient, anonymous: httpx.AsyncClient, events: str
) -> None:
    with structlog.testing.capture_logs() as lines:
        url = await link(client, events)
        await anonymous.get(url)
        await anonymous.get(f"{url}&ticket=again")
    assert [line["path"] for line in lines if line["event"] == "request"] == ["/tickets", events, events]
    assert urlsplit(url).query.removeprefix("ticket=") not in json.dumps(lines, default=str)


async def test_only_streams_and_downloads_take_tickets(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    taking = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if any(one["name"] == "ticket" and one["in"] == "query" for one in operation.get("parameters", ()))
    ]
    assert taking
    assert all(method == "get" and path.endswith(("/events", "/export", "/file", "}")) for method, path in taking), (
        taking
    )

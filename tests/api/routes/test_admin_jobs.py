"""Jobs of all tenants in the hands of superadmins; workers, queues and figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from core.db import session as db
from core.db.base import uuid7
from tests.factories import jobs
from tests.factories.jobs import PROBE
from tests.factories.users import log_in, make_user
from tests.fixtures.jobs import new_workspace

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def boss(app: FastAPI, job_database: None) -> AsyncIterator[httpx.AsyncClient]:
    """A superadmin on a database of this module's own: no worker takes its jobs."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        made.headers.update(await log_in(made, await make_user(superadmin=True)))
        yield made


async def worker(**columns: str) -> UUID:
    """Store a worker process's row; columns are expressions."""
    worker_id = uuid7()
    values = {"heartbeat_at": "now()", "stopped_at": "NULL"} | columns
    statement = (
        "INSERT INTO worker (id, hostname, pid, pools, slots, running, version, started_at, heartbeat_at, stopped_at)"
        f" VALUES (:id, 'host', 7, ARRAY['batch', 'delivery'], 5, 0, '0.1.0', now(), {values['heartbeat_at']},"
        f" {values['stopped_at']})"
    )
    async with db.scope(db.SYSTEM) as session:
        await session.execute(text(statement), {"id": worker_id})
    return worker_id


async def items(client: httpx.AsyncClient, path: str, **params: Any) -> list[Json]:
    answer = await client.get(path, params={"limit": 200} | params)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["items"]
    return found


async def test_jobs_of_all_workspaces_are_listed_and_filtered(boss: httpx.AsyncClient) -> None:
    mine, other = await new_workspace(), await new_workspace()
    failed = await jobs.submit(mine, status="failed", error='{"code": "permanent"}', finished_at="now()")
    queued = await jobs.submit(other)
    everything = {one["id"] for one in await items(boss, "/admin/jobs", kind=PROBE.kind)}
    assert {str(failed), str(queued)} <= everything
    for params, expected in (
        ({"workspace_id": str(mine)}, [str(failed)]),
        ({"workspace_id": str(other), "status": "queued"}, [str(queued)]),
        ({"workspace_id": str(other), "status": "failed"}, []),
        ({"workspace_id": str(mine), "error_code": "permanent"}, [str(failed)]),
        ({"workspace_id": str(mine), "error_code": "transient"}, []),
        ({"workspace_id": str(mine), "kind": "test.other"}, []),
        ({"workspace_id": str(mine), "until": "2020-01-01T00:00:00Z"}, []),
        ({"workspace_id": str(mine), "since": "2020-01-01T00:00:00Z"}, [str(failed)]),
    ):
        assert [one["id"] for one in await items(boss, "/admin/jobs", **params)] == expected, params
    assert (await boss.get(f"/admin/jobs/{failed}")).json()["error"] == {"code": "permanent"}
    assert (await boss.get(f"/admin/jobs/{uuid4()}")).json()["code"] == "job_not_found"


async def test_a_job_of_anyone_is_cancelled_and_retried_on_record(boss: httpx.AsyncClient) -> None:
    workspace_id = await new_workspace()
    job_id = await jobs.submit(workspace_id)
    cancelled = await boss.post(f"/admin/jobs/{job_id}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (202, "cancelled")
    assert (await boss.post(f"/admin/jobs/{job_id}/cancel")).status_code == 200
    retried = await boss.post(f"/admin/jobs/{job_id}/retry")
    assert (retried.status_code, retried.json()["done"]) == (202, False)
    assert retried.headers["Location"] == f"/admin/jobs/{job_id}"
    again = await boss.post(f"/admin/jobs/{job_id}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_retryable")
    entries = await items(boss, "/admin/audit-log", workspace_id=str(workspace_id))
    assert [(one["action"], one["subject_id"]) for one in entries] == [
        ("job.retried", str(job_id)),
        ("job.cancelled", str(job_id)),
    ]


async def test_jobs_that_failed_alike_are_retried_together(boss: httpx.AsyncClient) -> None:
    workspace_id = await new_workspace()
    failed: Json = {"status": "failed", "finished_at": "now()", "error": '{"code": "model_unavailable"}'}
    alike = [await jobs.submit(workspace_id, **failed) for _ in range(3)]
    other = await jobs.submit(workspace_id, **failed | {"error": '{"code": "permanent"}'})
    cancelled = await jobs.submit(workspace_id, status="cancelled", finished_at="now()")
    gone = await jobs.submit(workspace_id, **failed, exploration_id=uuid4())
    body = {"workspace_id": str(workspace_id), "error_code": "model_unavailable", "limit": 3}
    first = await boss.post("/admin/jobs/retry", json=body)
    assert (first.status_code, first.json()) == (200, {"retried": 3, "skipped": 0, "more": True})
    assert [(await jobs.read(job_id)).status for job_id in alike] == ["queued"] * 3
    second = await boss.post("/admin/jobs/retry", json=body)
    assert second.json() == {"retried": 0, "skipped": 1, "more": False}
    assert [(await jobs.read(job_id)).status for job_id in (other, cancelled, gone)] == [
        "failed",
        "cancelled",
        "failed",
    ]
    entries = await items(boss, "/admin/audit-log", action="jobs.retried")
    assert entries[1]["data"] == {**body, "retried": 3, "skipped": 0, "more": True}


@pytest.mark.parametrize(
    "body", [{}, {"limit": 5}, {"kind": "a", "limit": 501}, {"since": "yesterday"}, {"kind": ""}, {"surprise": 1}]
)
async def test_a_retry_of_everything_is_refused(boss: httpx.AsyncClient, body: Json) -> None:
    assert (await boss.post("/admin/jobs/retry", json=body)).status_code == 422


async def test_workers_tell_whether_they_live_and_what_they_run(boss: httpx.AsyncClient) -> None:
    workspace_id = await new_workspace()
    living = await worker()
    silent = await worker(heartbeat_at="now() - interval '1 hour'")
    stopped = await worker(stopped_at="now()")
    job_id = await jobs.submit(workspace_id, status="running", worker_id=living, lease_until="now()")
    found = {one["id"]: one for one in await items(boss, "/admin/workers")}
    assert [found[str(i)]["alive"] for i in (living, silent, stopped)] == [True, False, False]
    shown = found[str(living)]
    assert (shown["pools"], shown["slots"], shown["version"]) == (["batch", "delivery"], 5, "0.1.0")
    assert (shown["running"], shown["jobs"][0]["id"]) == (1, str(job_id))
    alive = {one["id"] for one in await items(boss, "/admin/workers", alive=True)}
    assert str(living) in alive
    assert not {str(silent), str(stopped)} & alive
    await jobs.change(job_id, status="failed")


async def test_queues_tell_their_length_and_how_long_the_first_waits(boss: httpx.AsyncClient) -> None:
    async def batch() -> Json:
        read = (await boss.get("/admin/queues")).json()
        assert read["redis"] == "ok"
        assert {one["pool"] for one in read["pools"]} >= {"interactive", "batch", "delivery"}
        return next(one for one in read["pools"] if one["pool"] == "batch")

    workspace_id = await new_workspace()
    before = await batch()
    await jobs.submit(workspace_id, created_at="now() - interval '90 minutes'")
    await jobs.submit(workspace_id, status="retry_wait", next_attempt_at="now() + interval '1 hour'")
    await jobs.submit(workspace_id, kind="test.paused")
    made = await boss.post("/admin/pauses", json={"scope": "kind", "value": "test.paused", "reason": "A test."})
    await worker()
    after = await batch()
    await boss.delete(made.headers["Location"])
    grown = {name: after[name] - before[name] for name in ("waiting", "delayed", "paused", "workers", "slots")}
    assert grown == {"waiting": 1, "delayed": 1, "paused": 1, "workers": 1, "slots": 5}
    assert after["oldest_waiting_s"] >= 5400


async def test_the_dashboard_counts_what_there_is(boss: httpx.AsyncClient) -> None:
    before = (await boss.get("/admin/dashboard")).json()
    workspace_id = await new_workspace()
    kind = f"test.{uuid4().hex}"
    await jobs.submit(workspace_id, kind=kind)
    await jobs.submit(workspace_id, kind=kind, status="queued", children_total=2)
    failed: Json = {"status": "failed", "error": '{"code": "permanent"}'}
    await jobs.submit(workspace_id, kind=kind, **failed, finished_at="now()")
    await jobs.submit(workspace_id, kind=kind, **failed, finished_at="now() - interval '25 hours'")
    spend = text(
        "INSERT INTO llm_call (id, workspace_id, kind, model, outcome, attempt_no, input_tokens, output_tokens,"
        " cost_usd, most_usd, latency_ms, created_at) SELECT gen_random_uuid(), :id, 'chat', 'm', 'ok', 1, 1, 1,"
        " cost, most, 1, at FROM (VALUES (0.25::numeric, NULL::numeric, now()), (NULL, 0.5, now()), (1, NULL, now() -"
        " interval '40 days')) AS calls(cost, most, at)"
    )
    async with db.scope(db.SYSTEM) as session:
        await session.execute(spend, {"id": workspace_id})
    await worker()
    after = (await boss.get("/admin/dashboard")).json()
    for name, by in (("workspaces", 1), ("organizations", 1), ("queue_depth", 2), ("workers_alive", 1)):
        assert after[name] == before[name] + by, name
    mine = next(one for one in after["jobs_by_kind"] if one["kind"] == kind)
    assert mine == {"kind": kind, "queued": 1, "running": 1, "succeeded": 0, "failed": 2, "cancelled": 0}
    assert after["jobs"]["failed"] == before["jobs"]["failed"] + 2
    assert after["failures_24h"]["total"] == before["failures_24h"]["total"] + 1
    assert after["failures_24h"]["by_code"]["permanent"] >= 1
    for period in ("spend_today", "spend_month"):
        assert after[period]["usd"] - before[period]["usd"] == pytest.approx(0.75)
        assert after[period]["unknown_calls"] == before[period]["unknown_calls"] + 1
    assert after["users"]["superadmins"] >= 1

"""A workspace's usage over HTTP: the ledger's sums, by day, kind and model; what has no known cost is said."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from core.db import session as db
from core.jobs.models import Job
from tests.factories import jobs

Json = dict[str, Any]
_CALL = text(
    "INSERT INTO llm_call (id, workspace_id, job_id, kind, model, outcome, attempt_no, input_tokens, output_tokens,"
    " cost_usd, latency_ms, created_at) VALUES (:id, :workspace_id, :job_id, 'chat', :model, 'ok', 1, 10, 5, :cost, 1,"
    " CAST(:at AS text)::timestamptz)"
)


async def called(workspace_id: str, at: str, *, cost: float | None = 0.25, model: str = "m", job: Any = None) -> None:
    """Write one call into the ledger."""
    async with db.scope(db.SYSTEM) as session:
        values = {"id": uuid4(), "workspace_id": workspace_id, "job_id": job, "model": model, "cost": cost, "at": at}
        await session.execute(_CALL, values)


async def usage(client: httpx.AsyncClient, workspace: Json, **query: str) -> Json:
    answer = await client.get(f"/workspaces/{workspace['id']}/usage", params=query)
    assert answer.status_code == 200, answer.text
    document: Json = answer.json()
    return document


async def test_calls_are_summed_by_day_kind_and_model(client: httpx.AsyncClient, workspace: Json) -> None:
    parent = await jobs.submit(UUID(workspace["id"]))
    shard = Job(
        workspace_id=UUID(workspace["id"]), kind="test.shard", pool="batch", args={}, status="succeeded",
        max_attempts=1, timeout_s=1, created_by_type="system", parent_id=parent, shard_no=0,
    )  # fmt: skip
    async with db.scope(db.SYSTEM) as session:
        session.add(shard)
    for job in (parent, shard.id):
        await called(workspace["id"], "2026-03-01T23:59:59Z", job=job)
    await called(workspace["id"], "2026-03-02T00:00:00Z", cost=None, model="dear")
    shown = await usage(client, workspace, **{"from": "2026-03-01", "to": "2026-03-02"})
    first, second = shown["days"]
    of_parent = {"calls": 2, "input_tokens": 20, "output_tokens": 10, "cost_usd": 0.5, "unknown_cost_calls": 0}
    kind = (await jobs.read(parent)).kind
    assert first == of_parent | {"day": "2026-03-01", "kinds": [of_parent | {"kind": kind}]}
    assert (second["day"], second["cost_usd"], second["unknown_cost_calls"]) == ("2026-03-02", 0, 1)
    assert {row["kind"]: row["calls"] for row in shown["kinds"]} == {None: 1, kind: 2}
    assert {row["model"]: row["unknown_cost_calls"] for row in shown["models"]} == {"m": 0, "dear": 1}
    assert shown["total"] == of_parent | {
        "calls": 3, "input_tokens": 30, "output_tokens": 15, "unknown_cost_calls": 1
    }  # fmt: skip


async def test_other_days_and_other_workspaces_are_left_out(client: httpx.AsyncClient, workspace: Json) -> None:
    other = (await client.post("/workspaces", json={"name": "other"})).json()
    await called(other["id"], "2026-03-01T12:00:00Z")
    for at in ("2026-02-28T23:59:59Z", "2026-03-02T00:00:00Z"):
        await called(workspace["id"], at)
    shown = await usage(client, workspace, **{"from": "2026-03-01", "to": "2026-03-01"})
    assert (shown["total"]["calls"], shown["days"]) == (0, [])


async def test_without_days_it_is_the_last_thirty(client: httpx.AsyncClient, workspace: Json) -> None:
    await called(workspace["id"], "now")
    await called(workspace["id"], "2001-01-01T00:00:00Z")
    shown = await usage(client, workspace)
    assert shown["total"]["calls"] == 1
    assert json.dumps(shown["since"]) < json.dumps(shown["until"])


@pytest.mark.parametrize(
    ("query", "name"),
    [("from=x", "from"), ("to=2026-02-30", "to"), ("from=2026-02-02&to=2026-02-01", "from"),
     ("from=2020-01-01&to=2026-01-01", "from")],
)  # fmt: skip
async def test_days_that_are_none_are_refused_by_name(
    client: httpx.AsyncClient, workspace: Json, query: str, name: str
) -> None:
    answer = await client.get(f"/workspaces/{workspace['id']}/usage?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["query", name])


@pytest.mark.parametrize("query", ["to=0001-01-01", "from=9999-12-31&to=9999-12-31", "from=9999-12-31"])
async def test_the_ends_of_time_are_days(client: httpx.AsyncClient, workspace: Json, query: str) -> None:
    assert (await client.get(f"/workspaces/{workspace['id']}/usage?{query}")).status_code == 200

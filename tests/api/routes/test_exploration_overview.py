"""What an exploration holds at a glance, and which explorations of a workspace are asked for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.personas import persona
from tests.factories.studies import new_study
from tests.fixtures.api import finished

Json = dict[str, Any]


async def test_a_new_exploration_holds_nothing(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    found = (await client.get(f"{made.headers['Location']}/overview")).json()
    assert found.pop("exploration") == made.json()
    assert found.pop("latest") == {"research_objective": None, "simulation": None, "report": None}
    assert found.pop("active_jobs") == {"total": 0, "items": []}
    assert {name: one["total"] for name, one in found.items()} == dict.fromkeys(
        (
            "research_objectives", "evidence", "personas", "population_plans", "questionnaires", "simulations",
            "reports",
        ),
        0,
    )  # fmt: skip


@pytest.mark.usefixtures("worker")
async def test_everything_is_counted_once_and_nothing_that_is_deleted(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    gone = (await client.post(f"{study.base}/personas", json=persona("Cy Gone"))).json()
    await client.delete(f"{study.base}/personas/{gone['id']}")
    await client.post(f"{study.base}/population/plan", json={"persona_ids": study.persona_ids, "n": 10})
    objectives = f"{study.workspace}/research-objectives"
    made = [
        (await client.post(objectives, json={"exploration_id": study.exploration_id})).json()["id"] for _ in range(3)
    ]
    await client.delete(f"{objectives}/{made[0]}")
    await client.patch(f"{objectives}/{made[2]}", json={"components": {"geography": {"value": "Ohio"}}})
    run = (await client.post(f"{study.base}/simulations", json=study.simulation(method="direct"))).json()
    busy = (await client.get(f"{study.base}/overview")).json()
    assert busy["simulations"]["total"] == 1
    await finished(client, run)
    report = {"kind": "survey", "formats": ["pdf"], "simulation_id": run["subject_id"]}
    built = (await client.post(f"{study.base}/reports", json=report)).json()
    found = (await client.get(f"{study.base}/overview")).json()
    assert found["research_objectives"] == {
        "total": 2, "by_status": {"draft": 1, "validated": 0, "needs_review": 1},
    }  # fmt: skip
    assert found["personas"] == {"total": 2, "auto": 0, "manual": 2}
    assert (found["population_plans"], found["questionnaires"]) == ({"total": 1}, {"total": 1})
    counts = dict.fromkeys(("queued", "running", "succeeded", "failed", "cancelled"), 0)
    assert found["simulations"] == {"total": 1, "by_status": counts | {"succeeded": 1}}
    assert (found["reports"]["total"], sum(found["reports"]["by_status"].values())) == (1, 1)
    latest = found["latest"]
    assert latest["research_objective"] == {
        "id": made[2], "status": "needs_review", "score": pytest.approx(0.6 * 7 + 0.25 * 55, abs=0.06),
    }  # fmt: skip
    assert (latest["simulation"]["id"], latest["report"]["id"]) == (run["subject_id"], built["subject_id"])


async def test_jobs_under_way_are_shown(client: httpx.AsyncClient, workspace: Json) -> None:
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    base = made.headers["Location"]
    await client.post(f"{base}/method", json={"is_quantitative": False})
    pausing = {"scope": "workspace", "value": workspace["id"], "reason": "A test."}
    pause = (await client.post("/admin/pauses", json=pausing)).json()
    try:
        asked = [
            (await client.post(f"{base}/personas/auto-generate", json={"count": 1, "seed": n})).json()["id"]
            for n in range(22)
        ]
        found = (await client.get(f"{base}/overview")).json()["active_jobs"]
        assert (found["total"], len(found["items"])) == (22, 20)
        assert [one["id"] for one in found["items"]] == asked[:1:-1]
        assert {one["status"] for one in found["items"]} == {"queued"}
        await client.delete(base)
    finally:
        await client.delete(f"/admin/pauses/{pause['id']}")
    assert (await client.get(f"{base}/overview")).status_code == 404


async def test_explorations_are_found_by_flag_and_words(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    titles = ("Oat yoghurt", "Electric cars", "100% oats")
    made = [
        (await client.post(base, json={"title": title, "is_qualitative": title.startswith("E")})).json()
        for title in titles
    ]
    await client.post(f"{base}/{made[0]['id']}/method", json={"is_ended": True})
    cases: list[tuple[Json, list[int]]] = [
        ({"is_ended": True}, [0]),
        ({"is_ended": False}, [2, 1]),
        ({"is_qualitative": True}, [1]),
        ({"is_quantitative": False}, []),
        ({"q": "OAT"}, [2, 0]),
        ({"q": "yoghurt oat"}, [0]),
        ({"q": "0%"}, [2]),
        ({"q": "_"}, []),
        ({"q": "oat", "is_ended": True, "limit": 1}, [0]),
    ]
    for params, expected in cases:
        found = (await client.get(base, params=params)).json()["items"]
        assert [one["id"] for one in found] == [made[index]["id"] for index in expected], params

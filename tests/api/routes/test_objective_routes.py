"""Research objectives over HTTP: written, changed, set by hand, deleted; what an ended exploration refuses."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select
from sqlmodel import col

from core.db import session as db
from core.events.models import Event
from core.objectives import service as objectives
from tests.factories.explorations import exploration

Json = dict[str, Any]


@pytest.fixture
async def exp(client: httpx.AsyncClient, workspace: Json) -> str:
    """The id of a new exploration."""
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return str(made.json()["id"])


@pytest.fixture
def base(workspace: Json) -> str:
    """The objectives' address of the workspace."""
    return f"/workspaces/{workspace['id']}/research-objectives"


async def make(client: httpx.AsyncClient, base: str, exp: str, **members: Any) -> Json:
    answer = await client.post(base, json={"exploration_id": exp} | members)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def test_an_objective_without_words_takes_the_brief(client: httpx.AsyncClient, base: str, exp: str) -> None:
    made = await make(client, base, exp)
    brief = exploration()
    assert made["source_text"] == f"{brief['title']}\n\n{brief['description']}"
    assert (made["status"], made["score"], made["analysis_id"], made["rounds"]) == ("draft", None, None, 0)
    assert {one["status"] for one in made["components"].values()} == {"missing"}
    assert (await client.get(f"{base}/{made['id']}")).json() == made


async def test_an_objective_with_words_has_only_those(client: httpx.AsyncClient, base: str, exp: str) -> None:
    made = await make(client, base, exp, title="Tea", text="Who drinks tea?")
    assert (made["source_text"], made["description"]) == ("Tea\n\nWho drinks tea?", "")


async def test_lists_are_filtered_by_exploration_and_status(
    client: httpx.AsyncClient, workspace: Json, base: str, exp: str
) -> None:
    other = (await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())).json()["id"]
    made = [(await make(client, base, where))["id"] for where in (exp, exp, other)]
    cases: list[tuple[Json, list[str]]] = [
        ({}, made[::-1]),
        ({"exploration_id": exp}, [made[1], made[0]]),
        ({"exploration_id": exp, "limit": 1}, [made[1]]),
        ({"status": "validated"}, []),
    ]
    for params, found in cases:
        page = (await client.get(base, params=params)).json()
        assert [one["id"] for one in page["items"]] == found, params
    nowhere = await client.get(base, params={"exploration_id": str(uuid4())})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "exploration_not_found")


async def test_components_set_by_hand_are_marked_scored_and_given_back(
    client: httpx.AsyncClient, base: str, exp: str
) -> None:
    made = await make(client, base, exp)
    given = {"target_audience": {"value": "adults aged 25 to 50"}, "geography": {"value": "Ohio", "status": "partial"}}
    changed = (await client.patch(f"{base}/{made['id']}", json={"components": given})).json()
    audience, place = (changed["components"][name] for name in given)
    assert (audience["origin"], audience["status"], place["status"]) == ("user", "clear", "partial")
    assert [span["text"] for span in audience["spans"]] == ["adults aged 25 to 50"]
    assert place["spans"] == []
    assert changed["status"] == "needs_review"
    assert changed["score_parts"] == {"completeness": 19.2, "specificity": 72.0, "evidence": 15.0}
    back = (await client.patch(f"{base}/{made['id']}", json={"components": dict.fromkeys(given)})).json()
    assert (back["components"], back["status"], back["score"]) == (made["components"], "draft", None)


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"components": {"mood": {"value": "x"}}}, ["body", "components", "mood", "[key]"]),
        ({"components": {"geography": {"value": ""}}}, ["body", "components", "geography", "value"]),
        (
            {"components": {"geography": {"value": "x", "status": "missing"}}},
            ["body", "components", "geography", "status"],
        ),
        ({"components": {"geography": {"value": "x", "spans": []}}}, ["body", "components", "geography", "spans"]),
        ({"status": "validated"}, ["body", "status"]),
        ({"title": " "}, ["body", "title"]),
    ],
)
async def test_wrong_fields_are_named(
    client: httpx.AsyncClient, base: str, exp: str, body: Json, loc: list[str]
) -> None:
    made = await make(client, base, exp)
    answer = await client.patch(f"{base}/{made['id']}", json=body)
    assert answer.status_code == 422
    assert loc in [error["loc"] for error in answer.json()["errors"]]
    assert (await client.get(f"{base}/{made['id']}")).json() == made


async def test_a_deleted_objective_is_gone_and_its_change_told(
    client: httpx.AsyncClient, workspace: Json, base: str, exp: str
) -> None:
    made = await make(client, base, exp)
    await client.patch(f"{base}/{made['id']}", json={"text": "More"})
    assert (await client.delete(f"{base}/{made['id']}")).status_code == 204
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/analyze"), ("GET", "/analyses")):
        answer = await client.request(method, f"{base}/{made['id']}{path}", json={} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "research_objective_not_found"), path
    async with db.scope([UUID(workspace["id"])]) as session:
        told = await session.execute(
            select(col(Event.type)).where(col(Event.subject_id) == UUID(made["id"])).order_by(col(Event.id))
        )
        assert list(told.scalars()) == ["objective.created", "objective.updated", "objective.deleted"]
        assert await objectives.current(session, UUID(workspace["id"]), UUID(exp)) is None


async def test_others_read_the_newest_objective(
    client: httpx.AsyncClient, workspace: Json, base: str, exp: str
) -> None:
    await make(client, base, exp)
    newest = await make(client, base, exp, title="Second")
    await client.patch(f"{base}/{newest['id']}", json={"components": {"geography": {"value": "Ohio"}}})
    async with db.scope([UUID(workspace["id"])]) as session:
        found = await objectives.current(session, UUID(workspace["id"]), UUID(exp))
    assert found is not None
    assert (str(found.id), found.known()) == (newest["id"], {"geography": "Ohio"})


@pytest.mark.parametrize("path", ["", "/{id}/analyze", "/{id}/clarify"])
async def test_an_ended_exploration_takes_no_objective_and_no_analysis(
    client: httpx.AsyncClient, workspace: Json, base: str, exp: str, path: str
) -> None:
    made = await make(client, base, exp)
    await client.post(f"/workspaces/{workspace['id']}/explorations/{exp}/method", json={"is_ended": True})
    answers = [{"question_id": str(uuid4()), "answer": "x"}]
    body = {"": {"exploration_id": exp}, "/{id}/clarify": {"answers": answers}}.get(path, {})
    answer = await client.post(base + path.format(id=made["id"]), json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "exploration_ended")


async def test_what_was_never_analyzed_has_nothing_to_clarify(client: httpx.AsyncClient, base: str, exp: str) -> None:
    made = await make(client, base, exp)
    body = {"answers": {str(uuid4()): "Adults in Ohio."}}
    answer = await client.post(f"{base}/{made['id']}/clarify", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_clarify")

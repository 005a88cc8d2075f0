"""Explorations over HTTP: made from a brief, ended, deleted softly."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select
from sqlmodel import col

from core.db import session as db
from core.events.models import Event
from tests.factories import bodies
from tests.factories.studies import Study, new_study, stored

Json = dict[str, Any]


async def test_an_exploration_lives_ends_and_is_deleted(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    made = await client.post(base, json={"title": "Mood", "description": "How is it?", "country": "US"})
    place = made.headers["location"]
    assert (made.json()["is_quantitative"], made.json()["is_ended"]) == (True, False)
    assert (await client.patch(place, json={"country": None})).json()["country"] is None
    ended = await client.post(f"{place}/method", json={"is_qualitative": True, "is_ended": True})
    assert (ended.json()["is_qualitative"], ended.json()["is_ended"]) == (True, True)
    assert (await client.get(base)).json()["items"] == [ended.json()]
    assert (await client.delete(place)).status_code == 204
    gone = await client.get(place)
    assert (gone.status_code, gone.json()["code"]) == (404, "exploration_not_found")
    assert (await client.get(base)).json()["items"] == []
    async with db.scope([UUID(workspace["id"])]) as session:
        told = await session.execute(select(col(Event.type)).order_by(col(Event.id)))
    assert list(told.scalars()) == [f"exploration.{fact}" for fact in ("created", "updated", "updated", "deleted")]


async def test_wrong_fields_are_named_and_nothing_is_stored(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    for body, loc in (
        ({}, ["body", "title"]),
        ({"title": " "}, ["body", "title"]),
        ({"title": "x" * 201}, ["body", "title"]),
        ({"title": "a\x00b"}, ["body", "title"]),
        ({"title": "t", "description": "x" * 20_001}, ["body", "description"]),
        ({"title": "t", "tilte": "t"}, ["body", "tilte"]),
    ):
        answer = await client.post(base, json=body)
        assert answer.status_code == 422
        assert [e["loc"] for e in answer.json()["errors"]] == [loc]
    assert (await client.get(base)).json()["items"] == []


async def test_a_list_is_read_page_by_page_newest_first(client: httpx.AsyncClient, workspace: Json) -> None:
    base = f"/workspaces/{workspace['id']}/explorations"
    made = [(await client.post(base, json={"title": f"t{n}"})).json()["id"] for n in range(5)]
    params: Json = {"limit": 2}
    found = []
    for _ in range(3):
        page = (await client.get(base, params=params)).json()
        found += [row["id"] for row in page["items"]]
        params["cursor"] = page["next_cursor"]
    assert found == made[::-1]
    assert params["cursor"] is None


async def test_an_ended_exploration_takes_nothing_new_until_it_is_taken_up_again(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    await client.post(f"{study.base}/method", json={"is_ended": True})
    before = await stored(study.workspace_id)
    for name in ("objective", "persona", "generation", "plan", "questionnaire", "simulation"):
        method, path, body = bodies.routes(study)[name]
        answer = await client.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "exploration_ended"), name
    assert await stored(study.workspace_id) == before
    await client.post(f"{study.base}/method", json={"is_ended": False})
    assert (await client.post(f"{study.base}/personas", json=bodies.persona())).status_code == 201


async def test_deleting_keeps_the_rows_and_hides_all_below(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    before = await stored(study.workspace_id)
    assert (await client.delete(study.base)).status_code == 204
    below = (
        "", "/personas", f"/personas/{study.persona_ids[0]}", "/questionnaires", "/population/plans", "/simulations",
        f"/questionnaires/{study.questionnaire_id}", "/reports", f"/personas/{study.persona_ids[0]}/versions",
    )  # fmt: skip
    answers = {path: (await client.get(study.base + path)).status_code for path in below}
    assert answers == dict.fromkeys(below, 404)
    assert (await client.delete(study.base)).status_code == 404
    after = await stored(study.workspace_id)
    assert {name: after[name] for name in ("exploration", "persona", "questionnaire")} == {
        name: before[name] for name in ("exploration", "persona", "questionnaire")
    }


async def test_an_exploration_is_not_reached_through_another_workspace(
    client: httpx.AsyncClient, workspace: Json
) -> None:
    study: Study = await new_study(client)
    for path in (f"/workspaces/{workspace['id']}/explorations/{study.exploration_id}", f"{study.base[:-36]}{uuid4()}"):
        answer = await client.patch(path, json={"title": "taken"})
        assert (answer.status_code, answer.json()["code"]) == (404, "exploration_not_found")

"""Segments over HTTP: saved, changed, deleted on record; what is no condition of anything is refused."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.factories.studies import Study, new_study, stored


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


async def test_a_segment_is_saved_changed_and_deleted(client: httpx.AsyncClient, study: Study) -> None:
    body = {"name": "Young", "conditions": [["a:age=18-29", "a:age=30-44"], "q:likert=1"]}
    made = await client.post(f"{study.base}/segments", json=body)
    at = made.headers["location"]
    assert (made.status_code, (await client.get(at)).json()) == (201, made.json())
    changed = (await client.patch(at, json={"name": "Under 45"})).json()
    assert (changed["name"], changed["conditions"]) == ("Under 45", body["conditions"])
    assert [one["id"] for one in (await client.get(f"{study.base}/segments")).json()["items"]] == [made.json()["id"]]
    assert [(await client.delete(at)).status_code, (await client.get(at)).status_code] == [204, 404]
    log = (await client.get(f"{study.workspace}/audit-log")).json()["items"]
    assert "segment.deleted" in [entry["action"] for entry in log]


@pytest.mark.parametrize(
    "members",
    [
        {"conditions": []},
        {"conditions": [[]]},
        {"conditions": ["age=18-29"]},
        {"conditions": ["q:=1"]},
        {"conditions": ["a:age="]},
        {"conditions": ["segment:1=True"]},
        {"conditions": ["a:age=18-29"] * 21},
        {"conditions": [["a:age=18-29"] * 51]},
        {"conditions": ["a:age=\x00"]},
        {"conditions": "a:age=18-29"},
        {"name": ""},
        {"extra": 1},
    ],
)
async def test_what_is_no_segment_is_refused(client: httpx.AsyncClient, study: Study, members: dict[str, Any]) -> None:
    before = await stored(study.workspace_id)
    answer = await client.post(f"{study.base}/segments", json={"name": "A", "conditions": ["persona=1"]} | members)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"][:2] == ["body", next(iter(members))]
    assert await stored(study.workspace_id) == before


@pytest.mark.parametrize(
    ("conditions", "places"),
    [
        (["x"], [[0]]),
        ([["a:age=1", "x"]], [[0, 1]]),
        ([3], [[0]]),
        ([[]], [[0]]),
        (["a:age=1", ["x", 3]], [[1, 0], [1, 1]]),
    ],
)
async def test_a_wrong_condition_is_named_by_its_place_once(
    client: httpx.AsyncClient, study: Study, conditions: list[Any], places: list[list[int]]
) -> None:
    answer = await client.post(f"{study.base}/segments", json={"name": "A", "conditions": conditions})
    errors = answer.json()["errors"]
    assert [error["loc"] for error in errors] == [["body", "conditions", *place] for place in places]


async def test_a_segment_of_another_exploration_is_none_here(client: httpx.AsyncClient, study: Study) -> None:
    elsewhere = await new_study(client)
    body = {"name": "Theirs", "conditions": ["a:age=18-29"]}
    segment = (await client.post(f"{elsewhere.base}/segments", json=body)).json()["id"]
    assert (await client.get(f"{study.base}/segments/{segment}")).status_code == 404
    run = (await client.post(f"{study.base}/simulations", json=study.simulation())).json()["subject_id"]
    for params in ({"segment": segment}, {"segment": str(uuid4())}, {"weighting": str(uuid4())}, {"filter": "x"}):
        answer = await client.get(f"{study.base}/simulations/{run}/results", params=params)
        assert (answer.status_code, answer.json()["errors"][0]["loc"][:2]) == (422, ["query", next(iter(params))])

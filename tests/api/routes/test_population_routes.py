"""Population plans over HTTP: computed at once, stored, and refused by field."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.explorations import exploration
from tests.factories.personas import persona


@pytest.fixture
async def base(client: httpx.AsyncClient, workspace: dict[str, Any]) -> str:
    """The address of a new exploration."""
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}"


async def people(client: httpx.AsyncClient, base: str) -> list[str]:
    """Return the ids of two new personas."""
    made = [await client.post(f"{base}/personas", json=persona(name)) for name in ("Ada", "Bo")]
    return [answer.json()["id"] for answer in made]


async def test_a_plan_is_computed_and_read_again(client: httpx.AsyncClient, base: str) -> None:
    ids = await people(client, base)
    targets = {"margins": {"gender": {"Female": 0.6, "Male": 0.4}}}
    made = await client.post(
        f"{base}/population/plan", json={"persona_ids": ids, "margin_of_error": 0.05, "targets": targets}
    )
    assert made.status_code == 201
    plan = made.json()
    assert plan["n"] == 385
    assert [row["persona_id"] for row in plan["allocation"]] == ids
    assert sum(row["n"] for row in plan["allocation"]) == 385
    assert plan["realised"]["margins"]["gender"]["Female"] == pytest.approx(0.6, abs=0.005)
    assert plan["targets"] == targets
    assert plan["warnings"]
    assert (await client.get(made.headers["Location"])).json() == plan
    assert (await client.get(f"{base}/population/plans")).json() == {"items": [plan], "next_cursor": None}


async def test_a_persona_of_another_exploration_is_named(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any]
) -> None:
    other = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    foreign = await people(client, f"/workspaces/{workspace['id']}/explorations/{other.json()['id']}")
    ids = await people(client, base)
    answer = await client.post(f"{base}/population/plan", json={"persona_ids": [ids[0], foreign[0]], "n": 10})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"loc": ["body", "persona_ids", 1], "msg": "is no persona of this exploration"}]


async def test_a_persona_that_is_named_twice_is_refused(client: httpx.AsyncClient, base: str) -> None:
    ids = await people(client, base)
    answer = await client.post(f"{base}/population/plan", json={"persona_ids": [*ids, ids[0]], "n": 10})
    assert [error["loc"] for error in answer.json()["errors"]] == [["body", "persona_ids", 2]]


@pytest.mark.parametrize("n", [0, 1_000_000])
async def test_n_has_bounds(client: httpx.AsyncClient, base: str, n: int) -> None:
    answer = await client.post(f"{base}/population/plan", json={"persona_ids": await people(client, base), "n": n})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["errors"]] == [["body", "n"]]

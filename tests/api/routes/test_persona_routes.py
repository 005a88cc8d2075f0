"""Personas over HTTP: by hand, in versions, guarded by If-Match, and submitted to be made by job."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest

from core.db import session as db
from core.db.base import uuid7
from core.jobs.service import Author
from core.personas import service as personas
from core.personas.generation import profile_from
from core.personas.service import Draft
from core.stats.targets import Cell
from core.workspaces.access import Member
from tests.factories.explorations import exploration
from tests.factories.personas import persona, prose


@pytest.fixture
async def base(client: httpx.AsyncClient, workspace: dict[str, Any]) -> str:
    """The personas' address of a new exploration."""
    made = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    return f"/workspaces/{workspace['id']}/explorations/{made.json()['id']}/personas"


async def test_a_persona_by_hand_is_read_again(client: httpx.AsyncClient, base: str) -> None:
    made = await client.post(base, json=persona(attributes={"race": "Asian"}))
    assert made.status_code == 201
    read = await client.get(made.headers["Location"])
    assert read.json() == made.json()
    assert read.headers["ETag"] == '"1"'
    assert read.json()["origin"] == "manual"
    assert read.json()["age_range"] == {"min": 30, "max": 34}
    assert read.json()["attributes"] == {"race": "Asian"}
    assert (read.json()["ocean"], read.json()["confidence"], read.json()["demonstration"]) == (
        None,
        None,
        False,
    )


async def test_target_scores_are_set_by_hand(client: httpx.AsyncClient, base: str) -> None:
    ocean = dict.fromkeys(("openness", "conscientiousness", "extraversion", "agreeableness", "neuroticism"), 50.0)
    made = (await client.post(base, json=persona(ocean=ocean))).json()
    assert made["ocean"] == ocean
    changed = await client.patch(f"{base}/{made['id']}", json={"ocean": ocean | {"openness": 101}})
    assert changed.json()["errors"][0]["loc"] == ["body", "ocean", "openness"]
    changed = await client.patch(f"{base}/{made['id']}", json={"ocean": ocean | {"openness": 80}})
    assert (changed.json()["version"], changed.json()["ocean"]["openness"]) == (2, 80)


async def test_changed_traits_make_a_version_and_a_changed_weight_none(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=persona())).json()
    where = f"{base}/{made['id']}"
    weighed = (await client.patch(where, json={"population_weight": 0.25})).json()
    assert (weighed["version"], weighed["population_weight"]) == (1, 0.25)
    changed = await client.patch(where, json={"occupation": "Nurse"}, headers={"If-Match": '"1"'})
    assert (changed.json()["version"], changed.headers["ETag"]) == (2, '"2"')
    assert changed.json()["gender"] == "Female"
    versions = (await client.get(f"{where}/versions")).json()["items"]
    assert [(row["version"], row["profile"]["occupation"]) for row in versions] == [(2, "Nurse"), (1, None)]


async def test_versions_may_be_named_in_several_lines(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=persona())).json()
    headers = [("If-Match", '"9"'), ("If-Match", '"1"')]
    changed = await client.patch(f"{base}/{made['id']}", json={"occupation": "Nurse"}, headers=headers)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)


@pytest.mark.parametrize("tag", ['"2"', 'W/"1"', "nonsense", '"0"'])
async def test_another_version_than_the_present_is_412(client: httpx.AsyncClient, base: str, tag: str) -> None:
    made = (await client.post(base, json=persona())).json()
    answer = await client.patch(f"{base}/{made['id']}", json={"name": "X"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "persona_changed")
    assert (await client.get(f"{base}/{made['id']}")).json()["name"] == made["name"]


async def test_a_deleted_persona_is_gone(client: httpx.AsyncClient, base: str) -> None:
    made = (await client.post(base, json=persona())).json()
    assert (await client.delete(f"{base}/{made['id']}")).status_code == 204
    assert (await client.get(f"{base}/{made['id']}")).status_code == 404
    assert (await client.get(base)).json()["items"] == []


async def test_a_persona_of_another_exploration_is_404(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any]
) -> None:
    made = (await client.post(base, json=persona())).json()
    other = await client.post(f"/workspaces/{workspace['id']}/explorations", json=exploration())
    address = f"/workspaces/{workspace['id']}/explorations/{other.json()['id']}/personas/{made['id']}"
    assert (await client.get(address)).status_code == 404


async def test_generation_is_submitted_as_a_job(client: httpx.AsyncClient, base: str) -> None:
    answer = await client.post(f"{base}/auto-generate", json={"count": 3, "seed": 7})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["kind"], job["subject_type"]) == ("personas.generate", "exploration")
    assert job["subject_id"] == job["exploration_id"] == base.split("/")[-2]
    assert answer.headers["Location"] == f"/jobs/{job['id']}"


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"count": 0}, ["body", "count"]),
        ({"count": 51}, ["body", "count"]),
        ({"count": 3, "seed": -1}, ["body", "seed"]),
        ({"count": 3, "seed": 2**31}, ["body", "seed"]),
        (
            {"count": 3, "targets": {"margins": {"age": {"18-29": 0.5, "30+": 0.4}}}},
            ["body", "targets", "margins", "age"],
        ),
        (
            {"count": 3, "targets": {"cells": [{"values": {"a": "b"}, "share": 0.9}]}},
            ["body", "targets", "cells"],
        ),
        ({"count": 3, "targets": {}}, ["body", "targets"]),
        ({"count": 1, "targets": {"margins": {"age": {"-5": 1}}}}, ["body", "targets", "margins", "age", "-5"]),
    ],
)
async def test_a_bad_submission_names_the_field(
    client: httpx.AsyncClient, base: str, body: dict[str, Any], loc: list[str]
) -> None:
    answer = await client.post(f"{base}/auto-generate", json=body)
    assert answer.status_code == 422
    assert loc in [error["loc"] for error in answer.json()["errors"]]


async def test_what_a_job_made_says_so(client: httpx.AsyncClient, base: str, workspace: dict[str, Any]) -> None:
    workspace_id, exploration_id = UUID(workspace["id"]), UUID(base.split("/")[-2])
    ids = sorted(uuid7() for _ in range(2))
    drafts = [
        Draft(
            id=persona_id,
            profile=profile_from(Cell({"gender": "Male"}, 1.0), prose(f"Person {index}")),
            weight=0.5,
            model="offline-demonstration-2",
            demonstration=True,
            prompt_name="persona_prose",
            prompt_version=1,
            seed=index,
            lineage_id=None,
        )
        for index, persona_id in enumerate(ids)
    ]
    async with db.scope([workspace_id]) as session:
        await personas.save_generated(session, workspace_id, exploration_id, UUID(int=9), drafts)
    items = (await client.get(base)).json()["items"]
    assert [item["id"] for item in items] == [str(persona_id) for persona_id in reversed(ids)]
    assert {(item["origin"], item["demonstration"], item["gender"]) for item in items} == {("auto", True, "Male")}
    by_hand = (await client.patch(f"{base}/{ids[0]}", json={"occupation": "Nurse"})).json()
    assert (by_hand["version"], by_hand["model"], by_hand["demonstration"]) == (2, None, False)


async def test_snapshots_keep_the_version_that_answered(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any]
) -> None:
    workspace_id, exploration_id = UUID(workspace["id"]), UUID(base.split("/")[-2])
    persona_id = UUID((await client.post(base, json=persona())).json()["id"])
    await client.patch(f"{base}/{persona_id}", json={"occupation": "Nurse"})
    async with db.scope([workspace_id]) as session:
        (now,) = await personas.get_many(session, workspace_id, exploration_id, [persona_id])
        await personas.delete(session, Member(workspace_id, Author("system"), "member"), exploration_id, persona_id)
        (before,) = await personas.snapshots(session, workspace_id, [(persona_id, 1)])
    assert (now.version, now.profile["occupation"]) == (2, "Nurse")
    assert (before.version, "occupation" in before.profile) == (1, False)


async def test_new_personas_are_compared_with_those_there_are_as_they_are_now(
    client: httpx.AsyncClient, base: str, workspace: dict[str, Any]
) -> None:
    workspace_id, exploration_id = UUID(workspace["id"]), UUID(base.split("/")[-2])
    ada, ben, _cora = [(await client.post(base, json=persona(name))).json()["id"] for name in ("Ada", "Ben", "Cora")]
    await client.patch(f"{base}/{ada}", json={"occupation": "Nurse"})
    await client.delete(f"{base}/{ben}")
    async with db.scope([workspace_id]) as session:
        found = await personas.list_profiles(session, workspace_id, exploration_id)
        assert await personas.list_profiles(session, workspace_id, UUID(int=1)) == []
    assert [(profile.name, profile.occupation) for profile in found] == [("Cora", None), ("Ada", "Nurse")]

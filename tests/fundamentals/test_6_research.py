"""Research rests on what was given: quotes on the brief, personas on evidence, verdicts on rules, stages on data."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from core.embedded.samples import brief
from tests.factories.explorations import exploration
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]
DIARY = (
    "Savings diary, spring wave. Renters under 30 without a degree put money aside in one month out of four. They name"
    " rent and groceries as the reasons. Church members of all ages plan further ahead than their neighbours."
)


@pytest.fixture(scope="module")
async def workspace_url(client: httpx.AsyncClient) -> str:
    return f"/workspaces/{(await client.post('/workspaces', json={'name': 'Research'})).json()['id']}"


async def explored(client: httpx.AsyncClient, workspace_url: str, slug: str) -> tuple[str, Json]:
    """Return the address of an exploration on a sample brief, and its objective once it was analysed."""
    given = brief(slug)
    made = exploration(title=given["title"], description=given["description"], country=given["country"])
    base = (
        f"{workspace_url}/explorations/{(await client.post(f'{workspace_url}/explorations', json=made)).json()['id']}"
    )
    body = {"exploration_id": base.rpartition("/")[2], "text": given["description"]}
    objective = (await client.post(f"{workspace_url}/research-objectives", json=body)).json()
    where = f"{workspace_url}/research-objectives/{objective['id']}"
    await done(client, f"{where}/analyze", {})
    return base, (await client.get(where)).json()


async def done(client: httpx.AsyncClient, path: str, body: Json) -> Json:
    """Submit work and return its job once it has succeeded."""
    job = await finished(client, (await client.post(path, json=body)).json())
    assert job["status"] == "succeeded", job
    return job


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient, worker: object, workspace_url: str) -> tuple[str, Json]:
    """A sharp brief, a diary as evidence, and three personas made from both."""
    base, objective = await explored(client, workspace_url, "us-economy-mood")
    evidence = {"text": DIARY, "title": "Savings diary", "source": "Bank panel", "published_at": "2026-03-01"}
    assert (await client.post(f"{base}/evidence", json=evidence)).status_code == 201
    await done(client, f"{base}/personas/auto-generate", {"count": 3, "seed": 7})
    return base, objective


async def test_a_sharp_brief_is_validated_by_quotes_that_stand_in_it(study: tuple[str, Json]) -> None:
    _, objective = study
    assert (objective["status"], objective["score"] >= 70) == ("validated", True)
    spans = [span for component in objective["components"].values() for span in component["spans"]]
    assert len(spans) >= 8
    for span in spans:
        assert objective["source_text"][span["start"] : span["end"]] == span["text"]


async def test_a_vague_brief_is_asked_about(client: httpx.AsyncClient, workspace_url: str) -> None:
    _, objective = await explored(client, workspace_url, "vague")
    assert objective["status"] == "needs_review"
    assert objective["questions"]


async def test_personas_cite_passages_that_are_there(client: httpx.AsyncClient, study: tuple[str, Json]) -> None:
    base, _ = study
    found = (await client.get(f"{base}/evidence/search", params={"q": "rent groceries"})).json()["items"]
    known = {one["passage_id"] for one in found}
    people = (await client.get(f"{base}/personas")).json()["items"]
    assert len(people) == 3
    for person in people:
        assert set(person["passage_ids"]) <= known


async def test_nobody_is_believed_without_evidence(client: httpx.AsyncClient, workspace_url: str) -> None:
    made = (await client.post(f"{workspace_url}/explorations", json=exploration())).json()
    base = f"{workspace_url}/explorations/{made['id']}"
    person = (await client.post(f"{base}/personas", json={"name": "Ada Moreno"})).json()
    job = await done(client, f"{base}/personas/{person['id']}/confidence", {})
    confidence = (await client.get(f"{base}/personas/{person['id']}")).json()["confidence"]
    assert (confidence["tier"], confidence["score"], job["usage"]["calls"]) == ("low", 0, 0)
    assert confidence["reasons"]


async def test_a_contradiction_is_found_without_a_model(client: httpx.AsyncClient, study: tuple[str, Json]) -> None:
    base, _ = study
    traits = {
        "age_range": {"min": 18, "max": 18},
        "occupation": "Retired surgeon",
        "education_level": "Doctorate",
    }
    job = await done(client, f"{base}/personas/traits-validation", {"trait_group": "demographics", "traits": traits})
    assert job["usage"]["calls"] == 0
    [found] = (await client.get(f"{base}/personas/traits-validations")).json()["items"]
    assert {one["verdict"] for one in found["verdicts"]} == {"invalid"}


async def test_the_co_pilot_knows_the_stage_from_what_there_is(
    client: httpx.AsyncClient, study: tuple[str, Json], workspace_url: str
) -> None:
    base, _ = study
    stages = []
    made = (await client.post(f"{workspace_url}/explorations", json=exploration())).json()
    for exploration_id in (made["id"], base.rpartition("/")[2]):
        session = (await client.post("/omi/sessions", json={"exploration_id": exploration_id})).json()
        stages.append(session["stage"])
    assert stages == ["workspace_setup", "survey_builder"]

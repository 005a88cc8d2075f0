"""Anchor sets over HTTP: kept by name, checked whole, named by questions, and kept by the simulations they rated."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.questionnaires import question, questionnaire
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

Json = dict[str, Any]
THREE = [["It got worse.", "It is the same.", "It got better."], ["Down.", "Level.", "Up."]]


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


def anchors(name: str, **members: Any) -> Json:
    """Return an anchor set of three points."""
    return {"name": name, "points": 3, "sets": THREE} | members


def rated(anchor_set_id: str, **members: Any) -> Json:
    """Return a question of three points that names an anchor set."""
    scale = {"min": 1, "max": 3, "labels": ["Worse", "Same", "Better"]}
    return question("likert", key="mood", scale=scale, anchor_set_id=anchor_set_id) | members


async def test_a_set_is_created_listed_changed_and_deleted(client: httpx.AsyncClient, study: Study) -> None:
    place = f"{study.workspace}/anchor-sets"
    made = await client.post(place, json=anchors("Trend"))
    assert made.status_code == 201
    assert (await client.get(made.headers["Location"])).json() == made.json()
    assert made.json()["sets"] == THREE
    assert made.json() in (await client.get(place)).json()["items"]
    same = await client.patch(made.headers["Location"], json={"name": "Trends", "sets": THREE})
    assert (same.json()["name"], same.json()["version"]) == ("Trends", 1)
    changed = await client.patch(made.headers["Location"], json={"sets": THREE[:1]})
    assert (changed.json()["sets"], changed.json()["version"]) == (THREE[:1], 2)
    assert (await client.delete(made.headers["Location"])).status_code == 204
    assert (await client.get(made.headers["Location"])).json()["code"] == "anchor_set_not_found"
    assert (await client.post(place, json=anchors("Trends"))).status_code == 201


@pytest.mark.parametrize(
    ("members", "loc"),
    [
        ({"name": " "}, ["name"]),
        ({"points": 1}, ["points"]),
        ({"points": 12}, ["points"]),
        ({"sets": []}, ["sets"]),
        ({"sets": [["a", "b"]]}, ["sets", 0]),
        ({"sets": [["a", "b", "c"], ["a", "b", "c", "d"]]}, ["sets", 1]),
        ({"sets": [["a", "b", "A "]]}, ["sets", 0, 2]),
        ({"sets": [["a", "", "c"]]}, ["sets", 0, 1]),
        ({"sets": [["a", "b\x00", "c"]]}, ["sets", 0, 1]),
        ({"language": "en_GB!"}, ["language"]),
        ({"kind": "odd"}, ["kind"]),
    ],
)
async def test_a_bad_set_names_the_field(
    client: httpx.AsyncClient, study: Study, members: Json, loc: list[Any]
) -> None:
    answer = await client.post(f"{study.workspace}/anchor-sets", json=anchors("Bad") | members)
    assert answer.status_code == 422
    assert ["body", *loc] in [error["loc"] for error in answer.json()["errors"]]


async def test_a_name_is_given_once(client: httpx.AsyncClient, study: Study) -> None:
    place = f"{study.workspace}/anchor-sets"
    await client.post(place, json=anchors("Twice"))
    other = (await client.post(place, json=anchors("Once"))).json()
    for answer in (
        await client.post(place, json=anchors("TWICE")),
        await client.patch(f"{place}/{other['id']}", json={"name": "twice"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "anchor_set_name_taken")


async def test_a_question_names_a_set_that_fits(client: httpx.AsyncClient, study: Study) -> None:
    made = (await client.post(f"{study.workspace}/anchor-sets", json=anchors("Fits"))).json()
    german = (await client.post(f"{study.workspace}/anchor-sets", json=anchors("Passt", language="de"))).json()
    stranger = (await client.post("/workspaces", json={"name": "Other"})).json()
    foreign = (await client.post(f"/workspaces/{stranger['id']}/anchor-sets", json=anchors("Fits"))).json()
    wrong = {
        "has 3 points": rated(made["id"], scale={"min": 1, "max": 5}),
        "is in de": rated(german["id"]),
        "is no anchor set of this workspace": rated(foreign["id"]),
        "is not rated by anchors": question("open_ended", anchor_set_id=made["id"]),
    }
    for message, one in wrong.items():
        answer = await client.post(f"{study.base}/questionnaires", json=questionnaire(question(), one))
        [error] = answer.json()["errors"]
        assert error["loc"] == ["body", "sections", 0, "questions", 1, "anchor_set_id"]
        assert message in error["msg"]
    kept = await client.post(f"{study.base}/questionnaires", json=questionnaire(rated(made["id"])))
    assert kept.json()["sections"][0]["questions"][0]["anchor_set_id"] == made["id"]
    refused = await client.patch(kept.headers["Location"], json={"language": "fr"})
    assert refused.status_code == 422


async def test_a_simulation_keeps_the_anchors_it_ran_on(
    client: httpx.AsyncClient, worker: object, study: Study
) -> None:
    made = (await client.post(f"{study.workspace}/anchor-sets", json=anchors("Kept"))).json()
    agree = question("likert", key="agree", options=["Strongly disagree", "Neutral", "Strongly agree"], scale=None)
    asked = questionnaire(rated(made["id"]), agree, question("likert", key="odd"))
    body = study.simulation(
        questionnaire_id=(await client.post(f"{study.base}/questionnaires", json=asked)).json()["id"], sample_size=3
    )
    job = (await client.post(f"{study.base}/simulations", json=body)).json()
    place = f"{study.base}/simulations/{job['subject_id']}"
    await client.delete(f"{study.workspace}/anchor-sets/{made['id']}")
    assert (await finished(client, job))["status"] == "succeeded"
    told = (await client.get(f"{place}/anchors")).json()
    [own, common, labels] = told["questions"]
    assert own == {"key": "mood", "source": "own", "name": "Kept", "version": 1, "id": made["id"], "sets": THREE}
    assert (common["source"], common["name"], labels["source"]) == ("built_in", "agreement", "labels")
    again = await client.post(f"{study.base}/simulations", json=body)
    [error] = again.json()["errors"]
    assert (error["loc"], "mood" in error["msg"]) == (["body", "questionnaire_id"], True)
    rerun = await client.post(f"{place}/rerun", json={})
    assert [error["loc"] for error in rerun.json()["errors"]] == [["body", "changes", "questionnaire"]]

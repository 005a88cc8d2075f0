"""A questionnaire drafted by job, over HTTP, by a worker."""

from __future__ import annotations

import httpx

from tests.factories.studies import new_study
from tests.fixtures.api import finished

COMPONENTS = {
    "decision_problem": {"value": "Choose between a lower price and a longer range."},
    "primary_hypothesis": {"value": "Charging at home matters more than range."},
    "target_audience": {"value": "Drivers of petrol cars in Bengaluru."},
}


async def test_a_questionnaire_is_drafted_from_the_objective_the_same_for_a_seed(
    client: httpx.AsyncClient, worker: object
) -> None:
    study = await new_study(client)
    base = f"{study.base}/questionnaires"
    refused = await client.post(f"{base}/generate", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "objective_not_analyzed")
    objectives = f"{study.workspace}/research-objectives"
    objective = (await client.post(objectives, json={"exploration_id": study.exploration_id})).json()
    changed = await client.patch(f"{objectives}/{objective['id']}", json={"components": COMPONENTS})
    assert changed.status_code == 200, changed.text
    found = []
    for _ in range(2):
        answer = await client.post(f"{base}/generate", json={"questions": 8, "seed": 3, "title": "First car"})
        assert answer.status_code == 202, answer.text
        ended = await finished(client, answer.json())
        assert ended["status"] == "succeeded", ended
        assert (ended["result"]["seed"], ended["result"]["warnings"]) == (3, [])
        found.append((await client.get(f"{base}/{ended['result']['questionnaire_id']}")).json())
    first, second = ([one for part in each["sections"] for one in part["questions"]] for each in found)
    assert [one["text"] for one in first] == [one["text"] for one in second]
    assert (found[0]["title"], found[0]["language"], found[0]["version"]) == ("First car", "en", 1)
    served = {one["serves"]["component"] for one in first if one["serves"]}
    assert set(COMPONENTS) <= served
    assert "Charging at home matters more than range." in {
        one["serves"]["hypothesis"] for one in first if one["serves"]
    }


async def test_parameters_out_of_bounds_are_named(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    body = {"questions": 2, "language": "English!", "seed": -1, "title": " ", "more": 1}
    answer = await client.post(f"{study.base}/questionnaires/generate", json=body)
    assert answer.status_code == 422
    assert {one["loc"][1] for one in answer.json()["errors"]} == set(body)

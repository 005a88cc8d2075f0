"""Open-ended answers coded into themes, by a worker, and read again."""

from __future__ import annotations

from typing import Any

import httpx

from tests.factories.questionnaires import question
from tests.factories.studies import new_study
from tests.fixtures.api import finished

Json = dict[str, Any]


async def test_themes_of_a_run_rest_on_what_was_said(client: httpx.AsyncClient, worker: object) -> None:
    asked = question("open_ended", key="why", text="What do you think of electric cars?")
    study = await new_study(client, asked, question(key="a"))
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=12))).json()
    assert (await finished(client, job))["status"] == "succeeded"
    base = f"{study.base}/simulations/{job['subject_id']}"
    wrong = await client.post(f"{base}/themes", json={"question_keys": ["why", "a"]})
    assert [one["loc"] for one in wrong.json()["errors"]] == [["body", "question_keys", 1]]
    found = [await coded(client, base) for _ in range(2)]
    assert found[0]["questions"] == found[1]["questions"]
    [told] = found[0]["questions"]
    assert (told["key"], told["n"], told["dropped"]) == ("why", 12, 0)
    assert told["themes"]
    texts = {
        one["respondent_number"]: one["answers"]["why"]["value"]
        for one in (await client.get(f"{base}/responses")).json()["items"]
    }
    for theme in told["themes"]:
        assert theme["figures"]["count"] > 0
        assert all(one["quote"] in texts[one["respondent_number"]] for one in theme["quotes"])
    listed = (await client.get(f"{base}/themes")).json()["items"]
    assert [one["id"] for one in listed] == [one["id"] for one in reversed(found)]
    foreign = (await new_study(client)).base
    assert (await client.get(f"{foreign}/simulations/{job['subject_id']}/themes")).status_code == 404


async def coded(client: httpx.AsyncClient, base: str) -> Json:
    job = (await client.post(f"{base}/themes", json={"max_themes": 4, "seed": 5})).json()
    ended = await finished(client, job)
    assert ended["status"] == "succeeded", ended
    read: Json = (await client.get(f"{base}/themes/{ended['result']['coding_id']}")).json()
    assert read["status"] == "succeeded"
    return read

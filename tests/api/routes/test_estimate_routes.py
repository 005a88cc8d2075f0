"""Estimates over HTTP: what a run then takes lies within them; nothing is asked and nothing stored."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.questionnaires import question, questionnaire
from tests.factories.studies import Study, new_study, stored
from tests.fixtures.api import finished

Json = dict[str, Any]
N = 30


async def estimated(client: httpx.AsyncClient, study: Study, **members: Any) -> Json:
    answer = await client.post(f"{study.base}/simulations/estimate", json=study.simulation(**members))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def run(client: httpx.AsyncClient, study: Study, **members: Any) -> Json:
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(**members))).json()
    ended = await finished(client, job)
    assert ended["status"] == "succeeded", ended
    return dict(ended)


@pytest.mark.parametrize("method", ["auto", "direct"])
async def test_a_run_takes_what_was_estimated(client: httpx.AsyncClient, worker: object, method: str) -> None:
    study = await new_study(client)
    # sixty: some are asked again
    told = await estimated(client, study, method=method, sample_size=2 * N, seed=7)
    used = (await run(client, study, method=method, sample_size=2 * N, seed=7))["usage"]
    for figure in ("calls", "input_tokens", "output_tokens"):
        least, most = told[figure]
        assert least <= used[figure] <= most, (figure, told[figure], used)
    assert told["calls"][0] == told["calls"][1] == used["calls"] if method == "direct" else told["calls"][0] > 2 * N
    assert (told["respondents"], told["demonstration"], told["latency_source"]) == (2 * N, True, "assumed")


async def test_with_display_logic_calls_are_a_range_that_holds_them(client: httpx.AsyncClient, worker: object) -> None:
    study = await new_study(client)
    questions = [
        question(key="reads", text="Do you read a newspaper?", options=["Yes", "No"]),
        question("open_ended", key="which", text="Which paper?", show_if='reads == "1"'),
    ]
    made = (await client.post(f"{study.base}/questionnaires", json=questionnaire(*questions))).json()
    members = {"questionnaire_id": made["id"], "sample_size": N, "seed": 7}
    told = await estimated(client, study, **members)
    assert told["by_kind"]["direct"] == told["calls"] == [N, 2 * N]
    used = (await run(client, study, **members))["usage"]
    assert N <= used["calls"] <= 2 * N


async def test_an_estimate_stores_nothing(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    before = await stored(study.workspace_id)
    await estimated(client, study, sample_size=50_000)
    assert await stored(study.workspace_id) == before


async def test_a_price_that_is_not_known_is_said(client: httpx.AsyncClient) -> None:
    told = await estimated(client, await new_study(client), sample_size=10, method="auto")
    assert told["cost_usd"] is None or told["cost_usd"][0] <= told["cost_usd"][1]
    assert (told["cost_usd"] is None) == any("MODEL_PRICES" in one for one in told["warnings"])


async def test_what_cannot_be_run_cannot_be_estimated(client: httpx.AsyncClient) -> None:
    study = await new_study(client)
    refused = await client.post(
        f"{study.base}/simulations/estimate", json=study.simulation(sample_size=5) | {"persona_ids": []}
    )
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", "persona_ids"])

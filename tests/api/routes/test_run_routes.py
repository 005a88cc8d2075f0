"""More respondents and another run over HTTP: shapes, refusals, the job that is made."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.surveys import comparing
from tests.factories.studies import Study, new_study
from tests.fixtures.api import finished

Json = dict[str, Any]


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


@pytest.fixture(scope="module")
async def simulation(client: httpx.AsyncClient, worker: object, study: Study) -> str:
    """The address of a finished simulation."""
    job = (await client.post(f"{study.base}/simulations", json=study.simulation(sample_size=6))).json()
    assert (await finished(client, job))["status"] == "succeeded"
    return f"{study.base}/simulations/{job['subject_id']}"


async def lines(client: httpx.AsyncClient, simulation: str) -> list[str]:
    return (await client.get(f"{simulation}/export", params={"format": "jsonl"})).text.splitlines()


async def test_extended_and_run_again(client: httpx.AsyncClient, simulation: str) -> None:
    before = await lines(client, simulation)
    headers = {"Idempotency-Key": "more"}
    answer = await client.post(f"{simulation}/extend", json={"n": 4}, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (202, "simulations.extend")
    job = await finished(client, answer.json())
    assert (job["status"], job["subject_id"]) == ("succeeded", simulation.rpartition("/")[2])
    again = await client.post(f"{simulation}/extend", json={"n": 4}, headers=headers)
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (job["id"], "true")
    shown = (await client.get(simulation)).json()
    assert (shown["sample_size"], shown["sizes"], shown["extension"]) == (10, [6, 4], None)
    after = await lines(client, simulation)
    assert (after[:6], len(after)) == (before, 10)
    results = (await client.get(f"{simulation}/results")).json()
    assert (results["n"], results["n_planned"], results["questions"][0]["n"]) == (10, 10, 10)

    job = (await client.post(f"{simulation}/rerun", json={})).json()
    ended = await finished(client, job)
    assert (ended["status"], ended["usage"]["calls"]) == ("succeeded", 0)
    rerun = f"{simulation.rpartition('/')[0]}/{job['subject_id']}"
    assert (await client.get(rerun)).json()["rerun_of"] == shown["id"]
    assert await lines(client, rerun) == after


@pytest.mark.parametrize(
    ("route", "body", "loc"),
    [
        ("extend", {}, ["n"]),
        ("extend", {"n": 0}, ["n"]),
        ("extend", {"n": 50_001}, ["n"]),
        ("extend", {"n": 50_000}, ["n"]),
        ("extend", {"n": True}, ["n"]),
        ("extend", {"n": 1, "seed": 1}, ["seed"]),
        ("rerun", {"surprise": 1}, ["surprise"]),
        ("rerun", {"changes": {"surprise": 1}}, ["changes", "surprise"]),
        ("rerun", {"changes": {"questionnaire": "oldest"}}, ["changes", "questionnaire"]),
        ("rerun", {"changes": {"method": "guess"}}, ["changes", "method"]),
        ("rerun", {"changes": {"sample_size": 0}}, ["changes", "sample_size"]),
        (
            "rerun",
            {"changes": {"parameters": {"distribution_draws": 0}}},
            ["changes", "parameters", "distribution_draws"],
        ),
        ("rerun", {"questionnaire_id": str(uuid4())}, ["questionnaire_id"]),
    ],
)
async def test_bad_input_is_named(
    client: httpx.AsyncClient, simulation: str, route: str, body: Json, loc: list[str]
) -> None:
    answer = await client.post(f"{simulation}/{route}", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["loc"] == ["body", *loc]


@pytest.mark.parametrize(("route", "body"), [("extend", {"n": 1}), ("rerun", {})])
async def test_anothers_simulation_is_not_there(
    client: httpx.AsyncClient, study: Study, simulation: str, route: str, body: Json
) -> None:
    other = await new_study(client)
    for base, simulation_id in ((other.base, simulation.rpartition("/")[2]), (study.base, uuid4())):
        answer = await client.post(f"{base}/simulations/{simulation_id}/{route}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "simulation_not_found")


async def test_two_runs_compared(client: httpx.AsyncClient, study: Study, simulation: str) -> None:
    base, a = f"{study.base}/simulations", simulation.rpartition("/")[2]
    body = {"changes": {"seed": 8, "method": "direct"}}
    job = await finished(client, (await client.post(f"{simulation}/rerun", json=body)).json())
    b = job["subject_id"]
    found = (await client.get(f"{base}/compare", params={"a": a, "b": b})).json()
    assert (found["a"]["simulation_id"], found["b"]["simulation_id"]) == (a, b)
    results = [(await client.get(f"{base}/{one}/results")).json() for one in (a, b)]
    keys = [one["key"] for one in found["questions"]]
    assert {*keys} == set(study.keys) - {"open_ended"}
    assert [one["key"] for one in found["not_comparable"]] == ["open_ended"]
    for place, name in enumerate("ab"):
        by_key = {one["key"]: one for one in results[place]["questions"]}
        for one in found["questions"]:
            assert (one[name]["n"], one[name]["mean"]) == (by_key[one["key"]]["n"], by_key[one["key"]]["mean"])
            for option, there in zip(one["options"], by_key[one["key"]]["options"], strict=True):
                assert option[f"{name}_pct"] == there["weighted_pct"]
    assert any(told.startswith("The methods differ: auto in a, direct in b") for told in found["warnings"])


async def test_what_cannot_be_compared(client: httpx.AsyncClient, study: Study, simulation: str) -> None:
    base, a = f"{study.base}/simulations", simulation.rpartition("/")[2]
    same = await client.get(f"{base}/compare", params={"a": a, "b": a})
    assert (same.status_code, same.json()["errors"][0]["loc"]) == (422, ["query", "b"])
    gone = await client.get(f"{base}/compare", params={"a": a, "b": str(uuid4())})
    assert (gone.status_code, gone.json()["code"]) == (404, "simulation_not_found")
    for params in ({"a": a}, {"a": a, "b": "x"}, {"a": a, "b": str(uuid4()), "alpha": "0"}):
        assert (await client.get(f"{base}/compare", params=params)).status_code == 422


async def test_complete_runs_are_compared_once_until_one_is_extended(
    client: httpx.AsyncClient, study: Study, simulation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await finished(client, (await client.post(f"{simulation}/rerun", json={})).json())
    made: list[int] = []
    computed = comparing.compute

    def counted(*given: Any) -> Any:
        made.append(1)
        return computed(*given)

    monkeypatch.setattr(comparing, "compute", counted)
    base, params = f"{study.base}/simulations", {"a": simulation.rpartition("/")[2], "b": job["subject_id"]}
    first, second = [(await client.get(f"{base}/compare", params=params)).json() for _ in range(2)]
    assert (first, len(made)) == (second, 1)
    other = (await client.get(f"{base}/compare", params=params | {"alpha": "0.01"})).json()
    assert (other["alpha"], len(made)) == (0.01, 2)
    await finished(client, (await client.post(f"{base}/{job['subject_id']}/extend", json={"n": 2})).json())
    third = (await client.get(f"{base}/compare", params=params)).json()
    assert (third["b"]["n"], len(made)) == (second["b"]["n"] + 2, 3)

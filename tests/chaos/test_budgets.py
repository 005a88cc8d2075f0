"""Budgets with real workers: nothing is spent past one, whoever spends and dies, and nothing paid for is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.settings import OFFLINE_EMBEDDING_MODEL, OFFLINE_MODEL
from tests.fixtures.system import Study, System, new_study, running_system

PRICES: dict[str, dict[str, float]] = {
    OFFLINE_MODEL: {"input_per_million": 1, "output_per_million": 4},
    OFFLINE_EMBEDDING_MODEL: {"input_per_million": 0.1},
}
N = 40
SECTIONS, QUESTIONS = 2, 3
Json = dict[str, Any]


@pytest.fixture(scope="module")
async def system() -> AsyncIterator[System]:
    """The product with prices and two workers."""
    async with running_system(MODEL_PRICES=json.dumps(PRICES)) as running:
        running.add_workers(2)
        yield running
        while running.workers:  # nothing is left to end in order
            running.workers.pop().kill()


@pytest.fixture(scope="module")
async def whole(system: System) -> tuple[float, str]:
    """What a simulation without a budget costs, and its data."""
    study = await new_study(system)
    job = await system.finished((await study.simulate(N))["id"])
    assert job["status"] == "succeeded", job
    return job["usage"]["cost_usd"], await study.export(job["subject_id"])


async def spent(system: System, study: Study) -> float:
    """What the ledger says of a study's workspace."""
    workspace = study.base.split("/")[2]
    [[usd]] = await system.rows(
        "SELECT coalesce(sum(cost_usd), 0) FROM llm_call WHERE workspace_id = $1::uuid", workspace
    )
    return float(usd)


async def billed(system: System) -> float:
    """What the model counted since its counters were reset, at the chat model's price."""
    stats, price = await system.stats(), PRICES[OFFLINE_MODEL]
    return (
        float(
            stats["prompt_tokens"] * price["input_per_million"]
            + stats["completion_tokens"] * price["output_per_million"]
        )
        / 1_000_000
    )


async def answers(system: System, simulation_id: str) -> int:
    """Return how many answers a simulation has."""
    query = "SELECT count(*) FROM answer WHERE simulation_id = $1::uuid AND missing_reason IS NULL"
    return int((await system.rows(query, simulation_id))[0][0])


async def settings(system: System, study: Study, **budgets: float | None) -> Json:
    path = "/".join(study.base.split("/")[:3]) + "/settings"
    if budgets:
        answer = await system.client.patch(path, json={"budgets": budgets})
        assert answer.status_code == 200, answer.text
    document: Json = await system.get(path)
    return document["budgets"]  # type: ignore[no-any-return]


async def test_a_jobs_budget_stops_it_and_a_retry_pays_only_the_rest(system: System, whole: tuple[float, str]) -> None:
    cost, data = whole
    limit = round(cost * 0.7, 6)
    await system.configure_model(latency_ms=20)
    study = await new_study(system)
    job = await system.finished((await study.simulate(N, job={"max_cost_usd": limit}))["id"])
    assert (job["status"], job["error"]["code"]) == ("failed", "budget_exhausted")
    told, ledger = job["error"]["budget"], await spent(system, study)
    assert (told["which"], told["limit_usd"]) == ("job", limit)
    assert limit - told["next_call_usd"] < ledger <= limit
    assert await billed(system) == pytest.approx(ledger)
    assert job["usage"]["cost_usd"] == pytest.approx(ledger)

    place = f"{study.base}/simulations/{job['subject_id']}"
    results = await system.get(f"{place}/results")
    given = await answers(system, job["subject_id"])
    assert (results["status"], results["complete"], results["n_planned"]) == ("failed", False, N)
    assert 0 < given < N * QUESTIONS
    assert {reason for asked in results["questions"] for reason in asked["missing"]} == {"budget"}
    assert sum(asked["n"] for asked in results["questions"]) == given
    people = (await system.get(f"{place}/responses", limit=200))["items"]
    answering = [one for one in people if any(answer["missing_reason"] is None for answer in one["answers"].values())]
    assert results["n"] == len(answering)
    reasons = [answer["missing_reason"] for person in people for answer in person["answers"].values()]
    assert (len(people), reasons.count(None), reasons.count("budget")) == (N, given, N * QUESTIONS - given)

    await system.post(f"/jobs/{job['id']}/retry", {"job": {"max_cost_usd": cost * 2}})
    ended = await system.finished(job["id"])
    assert (ended["status"], ended["error"]) == ("succeeded", None)
    assert ended["usage"]["calls"] == N * SECTIONS == (await system.stats())["calls_total"]
    assert ended["usage"]["cost_usd"] == pytest.approx(cost)
    results = await system.get(f"{place}/results")
    assert (results["complete"], [asked["missing"] for asked in results["questions"]]) == (True, [{}] * QUESTIONS)
    assert await study.export(job["subject_id"]) == data


async def test_two_workers_and_two_jobs_share_a_day_and_a_kill_frees_what_was_reserved(
    system: System, whole: tuple[float, str]
) -> None:
    cost, _ = whole
    limit = round(cost * 1.4, 6)
    await system.configure_model(latency_ms=20)
    study = await new_study(system)
    assert (await settings(system, study))["daily_usd"] is None
    assert (await settings(system, study, daily_usd=limit))["daily_usd"] == limit
    submitted = [await study.simulate(N, seed=seed) for seed in (1, 2)]
    reserved = 0.0
    async with asyncio.timeout(60):
        while True:
            today = (await settings(system, study))["today"]
            assert today["spent_usd"] + today["reserved_usd"] <= limit
            reserved = max(reserved, today["reserved_usd"])
            if today["spent_usd"] > limit / 5:
                break
    assert reserved > 0
    system.workers.pop(0).kill()
    system.add_workers()
    ended = [await system.finished(job["id"]) for job in submitted]
    failed = [job for job in ended if job["status"] == "failed"]
    assert {job["error"]["code"] for job in failed} == {"budget_exhausted"}
    assert {job["error"]["budget"]["which"] for job in failed} == {"day"}
    at_most = max(job["error"]["budget"]["next_call_usd"] for job in failed)
    ledger = await spent(system, study)
    assert limit - at_most < ledger <= limit
    now = await settings(system, study)
    assert now["today"] == now["today"] | {"spent_usd": pytest.approx(ledger), "reserved_usd": 0, "unknown_calls": 0}
    await settings(system, study, daily_usd=None, monthly_usd=cost * 3)
    for job in failed:
        await system.post(f"/jobs/{job['id']}/retry", {})
    assert {(await system.finished(job["id"]))["status"] for job in failed} == {"succeeded"}
    assert await spent(system, study) == pytest.approx(2 * cost, rel=0.1)


async def test_another_kind_of_job_fails_cleanly_and_is_not_paid_for_twice(system: System) -> None:
    await system.configure_model()
    study = await new_study(system)
    body = {"count": 4, "seed": 3, "job": {"max_cost_usd": 0}}
    job = await system.finished((await system.post(f"{study.base}/personas/auto-generate", body))["id"])
    assert (job["status"], job["error"]["code"], job["result"]) == ("failed", "budget_exhausted", None)
    assert (job["usage"]["calls"], (await system.stats())["calls_total"]) == (0, 0)

    limit = job["error"]["budget"]["next_call_usd"] * 1.1
    await system.post(f"/jobs/{job['id']}/retry", {"job": {"max_cost_usd": limit}})
    job = await system.finished(job["id"])
    paid = job["usage"]["calls"]
    assert (job["status"], job["error"]["code"], job["result"]) == ("failed", "budget_exhausted", None)
    assert 0 < paid < 4
    assert await billed(system) <= limit

    await system.post(f"/jobs/{job['id']}/retry", {"job": {"max_cost_usd": None}})
    ended = await system.finished(job["id"])
    assert (ended["status"], len(ended["result"]["persona_ids"])) == ("succeeded", 4)
    stats = await system.stats()
    assert (ended["usage"]["calls"], stats["repeated_requests"]) == (stats["calls_total"], 0)
    assert ended["usage"]["replayed_calls"] >= paid

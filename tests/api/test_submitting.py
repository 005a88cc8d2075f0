"""Submitting work once per Idempotency-Key, and waiting for it with Prefer."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from api import submitting
from core.db.session import DatabaseUnavailable
from tests.factories.studies import Study, new_study, stored
from tests.factories.users import join, log_in, make_user
from tests.fixtures.api import finished

pytestmark = pytest.mark.usefixtures("worker")
Json = dict[str, Any]


@pytest.fixture
async def study(client: httpx.AsyncClient) -> Study:
    """A study of `client`."""
    return await new_study(client)


async def submit(client: httpx.AsyncClient, study: Study, body: Json | None = None, **headers: str) -> httpx.Response:
    """Submit a small simulation."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(
        f"{study.base}/simulations", json=body or study.simulation(method="direct", sample_size=1), headers=named
    )


async def test_the_same_key_and_body_make_one_job(client: httpx.AsyncClient, study: Study) -> None:
    first = await submit(client, study, Idempotency_Key="k 1")
    again = await submit(client, study, Idempotency_Key='"k 1"')
    assert "idempotent-replayed" not in first.headers
    assert (again.status_code, again.headers["idempotent-replayed"]) == (202, "true")
    assert again.headers["location"] == first.headers["location"]
    other = await submit(client, study, Idempotency_Key="k 2")
    assert other.json()["id"] != first.json()["id"]
    assert (await stored(study.workspace_id))["simulation"] == 2


async def test_the_same_key_with_another_body_is_refused(client: httpx.AsyncClient, study: Study) -> None:
    await submit(client, study, Idempotency_Key="k")
    answer = await submit(client, study, study.simulation(seed=8), Idempotency_Key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert (await stored(study.workspace_id))["simulation"] == 1


async def test_a_replay_of_an_ended_job_asks_nobody_to_come_again(client: httpx.AsyncClient, study: Study) -> None:
    first = await submit(client, study, Idempotency_Key="k")
    assert first.headers["retry-after"] == "1"
    await finished(client, first.json())
    again = await submit(client, study, Idempotency_Key="k")
    assert (again.status_code, again.json()["done"]) == (202, True)
    assert "retry-after" not in again.headers
    waited = await submit(client, study, Idempotency_Key="k", Prefer="wait=5")
    assert (waited.status_code, waited.headers["idempotent-replayed"]) == (200, "true")


async def test_a_replay_outlives_the_exploration_as_its_job_does(client: httpx.AsyncClient, study: Study) -> None:
    first = await submit(client, study, Idempotency_Key="k")
    assert (await client.delete(study.base)).status_code == 204
    again, other = [await submit(client, study, Idempotency_Key=key) for key in ("k", "new")]
    assert (again.status_code, again.headers["location"]) == (202, first.headers["location"])
    assert (await client.get(again.headers["location"])).status_code == 200
    assert (other.status_code, other.json()["code"]) == (404, "exploration_not_found")


async def test_a_key_belongs_to_its_caller_and_its_route(client: httpx.AsyncClient, study: Study) -> None:
    member = await make_user()
    await join(study.workspace_id, member)
    theirs = await log_in(client, member)
    mine = await submit(client, study, Idempotency_Key="k")
    other = await submit(client, study, None, Idempotency_Key="k", Authorization=theirs["Authorization"])
    elsewhere = await client.post(
        f"{study.base}/personas/auto-generate", json={"count": 1}, headers={"Idempotency-Key": "k"}
    )
    assert [a.status_code for a in (mine, other, elsewhere)] == [202, 202, 202]
    assert len({a.json()["id"] for a in (mine, other, elsewhere)}) == 3


async def test_a_key_belongs_to_its_route_however_the_ids_are_spelled(client: httpx.AsyncClient, study: Study) -> None:
    body = study.simulation(method="direct", sample_size=1)
    otherwise = f"/workspaces/{study.workspace_id.upper()}/explorations/{study.exploration_id.replace('-', '')}"
    answers = [
        await client.post(f"{base}/simulations", json=body, headers={"Idempotency-Key": "k"})
        for base in (study.base, otherwise)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert (await stored(study.workspace_id))["simulation"] == 1


async def test_of_many_at_once_one_makes_the_job(client: httpx.AsyncClient, study: Study) -> None:
    answers = await asyncio.gather(*(submit(client, study, Idempotency_Key="k") for _ in range(10)))
    made = [a for a in answers if a.status_code == 202]
    refused = [a for a in answers if a.status_code != 202]
    assert len({a.json()["id"] for a in made}) == 1
    assert [a for a in made if "idempotent-replayed" not in a.headers] != []
    assert {(a.status_code, a.json()["code"]) for a in refused} <= {(409, "idempotency_key_in_use")}
    assert (await stored(study.workspace_id))["simulation"] == 1


async def test_a_refused_submission_leaves_its_key_free(client: httpx.AsyncClient, study: Study) -> None:
    wrong = await submit(client, study, study.simulation(sample_size=0), Idempotency_Key="k")
    right = await submit(client, study, Idempotency_Key="k")
    assert (wrong.status_code, right.status_code) == (422, 202)


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 256])
async def test_a_key_that_is_empty_or_too_long_is_refused(client: httpx.AsyncClient, study: Study, key: str) -> None:
    answer = await submit(client, study, Idempotency_Key=key)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["header", "Idempotency-Key"]
    assert (await stored(study.workspace_id))["simulation"] == 0


async def test_two_keys_are_refused(client: httpx.AsyncClient, study: Study) -> None:
    body = study.simulation(method="direct", sample_size=1)
    for keys in (("a", "b"), ("a", "a")):
        headers = [("Idempotency-Key", key) for key in keys]
        answer = await client.post(f"{study.base}/simulations", json=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"loc": ["header", "Idempotency-Key"], "msg": "must be sent once"}]
    assert (await stored(study.workspace_id))["simulation"] == 0


async def test_the_longest_key_is_taken(client: httpx.AsyncClient, study: Study) -> None:
    assert (await submit(client, study, Idempotency_Key='"' + "x" * 255 + '"')).status_code == 202


@pytest.mark.parametrize("prefer", ["wait=30", "respond-async, wait=30", "WAIT = 30", 'wait="30"', "wait=0030"])
async def test_who_prefers_to_wait_gets_the_finished_job(client: httpx.AsyncClient, study: Study, prefer: str) -> None:
    body = study.simulation(method="direct", sample_size=1, job={"priority": "interactive"})
    answer = await submit(client, study, body, Prefer=prefer)
    assert (answer.status_code, answer.json()["status"]) == (200, "succeeded")
    assert answer.headers["preference-applied"] == "wait=30"
    assert answer.headers["vary"] == "Prefer"
    assert "retry-after" not in answer.headers


async def test_preferences_may_come_in_several_lines(client: httpx.AsyncClient, study: Study) -> None:
    body = study.simulation(method="direct", sample_size=1)
    headers = [("Prefer", "respond-async"), ("Prefer", "wait=30")]
    answer = await client.post(f"{study.base}/simulations", json=body, headers=headers)
    assert answer.headers["preference-applied"] == "wait=30"


async def test_who_waits_too_short_gets_the_job_as_it_is(client: httpx.AsyncClient, study: Study) -> None:
    big = study.simulation(method="direct", sample_size=5000)
    answer = await submit(client, study, big, Prefer="wait=1")
    assert (answer.status_code, answer.json()["done"]) == (202, False)
    assert answer.headers["preference-applied"] == "wait=1"
    await client.post(f"/jobs/{answer.json()['id']}/cancel")


@pytest.mark.parametrize("prefer", ["", "wait", "wait=x", "wait=-1", "await=5", "respond-async", "wait=0"])
async def test_a_preference_that_is_none_is_ignored(client: httpx.AsyncClient, study: Study, prefer: str) -> None:
    answer = await submit(client, study, Prefer=prefer)
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


async def test_a_wait_longer_than_any_is_the_longest(client: httpx.AsyncClient, study: Study) -> None:
    answer = await submit(client, study, Prefer="wait=99999999999999999999")
    assert answer.headers["preference-applied"] == "wait=60"


async def test_a_database_that_goes_away_during_the_wait_does_not_hide_the_job(
    client: httpx.AsyncClient, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise DatabaseUnavailable

    monkeypatch.setattr(submitting, "wait_until", away)
    answer = await submit(client, study, Prefer="wait=5")
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"

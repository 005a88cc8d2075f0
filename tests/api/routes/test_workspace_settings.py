"""A workspace's budgets over HTTP: who may change them, what is refused, what is shown; budgets of jobs likewise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from core.db import session as db
from core.settings import OFFLINE_EMBEDDING_MODEL, OFFLINE_MODEL, get_settings
from tests.factories import jobs
from tests.factories.organizations import actions
from tests.factories.studies import Study, new_study, stored
from tests.factories.users import join, log_in, make_user

Json = dict[str, Any]
NONE = {"daily_usd": None, "monthly_usd": None}


@pytest.fixture
def path(workspace: Json) -> str:
    """The address of a new workspace's settings."""
    return f"/workspaces/{workspace['id']}/settings"


@pytest.fixture
def prices(monkeypatch: pytest.MonkeyPatch, app: object) -> Iterator[dict[str, Any]]:
    """Prices of both models, to be taken from; a change counts after `get_settings.cache_clear()`."""
    by_model = {name: {"input_per_million": 1} for name in (OFFLINE_MODEL, OFFLINE_EMBEDDING_MODEL)}
    monkeypatch.setenv("MODEL_PRICES", json.dumps(by_model))
    get_settings.cache_clear()
    yield by_model
    get_settings.cache_clear()


@pytest.fixture
def unpriced(prices: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat model has a price, the embedding model none."""
    monkeypatch.setenv("MODEL_PRICES", json.dumps({OFFLINE_MODEL: prices[OFFLINE_MODEL]}))
    get_settings.cache_clear()


@pytest.fixture(scope="module")
async def study(client: httpx.AsyncClient) -> Study:
    """A study nobody runs."""
    return await new_study(client)


async def test_members_read_what_admins_change(client: httpx.AsyncClient, path: str, prices: Json) -> None:
    member = await make_user()
    await join(path.split("/")[2], member)
    headers = await log_in(client, member)
    before = (await client.get(path, headers=headers)).json()["budgets"]
    assert {name: before[name] for name in NONE} == NONE
    for body in ({"budgets": {"daily_usd": 1}}, {"surprise": 1}):
        refused = await client.patch(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "workspace_role_too_low")
    for change, after in (
        ({"daily_usd": 1.5, "monthly_usd": 20}, {"daily_usd": 1.5, "monthly_usd": 20}),
        ({"daily_usd": 0}, {"daily_usd": 0, "monthly_usd": 20}),
        ({}, {"daily_usd": 0, "monthly_usd": 20}),
        ({"monthly_usd": None}, {"daily_usd": 0, "monthly_usd": None}),
        ({"daily_usd": None}, NONE),
    ):
        changed = await client.patch(path, json={"budgets": change})
        assert (changed.status_code, {name: changed.json()["budgets"][name] for name in NONE}) == (200, after)
        assert (await client.get(path, headers=headers)).json() == changed.json()
    assert (await client.patch(path, json={})).json()["budgets"] == before
    assert (await stored(path.split("/")[2]))["workspace_limit"] == 0


@pytest.mark.parametrize("wrong", [-1, 1_000_001, "5", True, [], {}, 1e400])
async def test_what_is_no_amount_is_refused_by_name(
    client: httpx.AsyncClient, path: str, prices: Json, wrong: object
) -> None:
    body = json.dumps({"budgets": {"daily_usd": wrong}})
    answer = await client.patch(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"][:3] == ["body", "budgets", "daily_usd"]


async def test_a_budget_for_a_model_without_a_price_is_refused(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.patch(path, json={"budgets": {"monthly_usd": 1}})
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["loc"]) == (422, ["body", "budgets", "monthly_usd"])
    assert OFFLINE_MODEL in error["msg"]
    assert OFFLINE_EMBEDDING_MODEL in error["msg"]
    assert (await client.patch(path, json={"budgets": NONE})).status_code == 200


async def test_days_and_months_are_shown_with_what_was_spent(client: httpx.AsyncClient, path: str) -> None:
    workspace_id = UUID(path.split("/")[2])
    async with db.scope([workspace_id]) as session:
        for cost in (0.25, None):
            await session.execute(
                text(
                    "INSERT INTO llm_call (id, workspace_id, kind, model, outcome, attempt_no, input_tokens,"
                    " output_tokens, cost_usd, latency_ms) VALUES (:id, :workspace_id, 'chat', 'm', 'ok', 1, 1, 1,"
                    " :cost, 1)"
                ),
                {"id": uuid4(), "workspace_id": workspace_id, "cost": cost},
            )
    shown = (await client.get(path)).json()["budgets"]
    for period in (shown["today"], shown["month"]):
        assert period["since"].endswith("T00:00:00Z")
        assert period["until"].endswith("T00:00:00Z")
        assert period["since"] < period["until"]
        assert (period["spent_usd"], period["reserved_usd"], period["unknown_calls"]) == (0.25, 0, 1)
    assert shown["month"]["since"].endswith("-01T00:00:00Z")
    assert shown["month"]["since"] <= shown["today"]["since"] < shown["today"]["until"] <= shown["month"]["until"]


@pytest.mark.parametrize(
    ("tail", "body"),
    [("simulations", {"method": "direct"}), ("simulations", {"method": "ssr"}), ("personas/auto-generate", {})],
)
async def test_a_jobs_budget_needs_the_prices_of_the_models_it_asks(
    client: httpx.AsyncClient, study: Study, tail: str, body: Json
) -> None:
    sent = (study.simulation(**body) if tail == "simulations" else {"count": 1, "seed": 1}) | {
        "job": {"max_cost_usd": 5}
    }
    before = await stored(study.workspace_id)
    answer = await client.post(f"{study.base}/{tail}", json=sent)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["loc"]) == (422, ["body", "job", "max_cost_usd"])
    assert OFFLINE_MODEL in error["msg"]
    assert (OFFLINE_EMBEDDING_MODEL in error["msg"]) is (body == {"method": "ssr"})
    assert await stored(study.workspace_id) == before


@pytest.mark.usefixtures("unpriced")
async def test_only_what_is_asked_needs_a_price(client: httpx.AsyncClient, study: Study) -> None:
    statuses = []
    for method in ("direct", "ssr"):
        sent = study.simulation(method=method, job={"max_cost_usd": 5})
        answer = await client.post(f"{study.base}/simulations", json=sent)
        statuses.append(answer.status_code)
        if answer.status_code == 202:
            await client.post(answer.headers["location"] + "/cancel")
    assert statuses == [202, 422]
    assert OFFLINE_EMBEDDING_MODEL in answer.json()["detail"]


async def test_a_retry_changes_the_budget_it_names(client: httpx.AsyncClient, workspace: Json, prices: Json) -> None:
    job_id = await jobs.submit(UUID(workspace["id"]), max_cost_usd=1)
    for body, after in (
        (None, 1),
        ({}, 1),
        ({"job": {"max_cost_usd": 2.5}}, 2.5),
        ({"job": {"max_cost_usd": None}}, None),
    ):
        await jobs.change(job_id, status="failed")
        answer = await client.post(f"/jobs/{job_id}/retry", json=body)
        assert answer.status_code == 202, answer.text
        assert (await jobs.read(job_id)).max_cost_usd == after
    await jobs.change(job_id, status="failed")
    for wrong, loc in (
        ({"job": {"max_cost_usd": -1}}, ["body", "job", "max_cost_usd"]),
        ({"job": {"max_cost_usd": "1"}}, ["body", "job", "max_cost_usd"]),
        ({"job": {"priority": "batch"}}, ["body", "job", "priority"]),
        ({"surprise": 1}, ["body", "surprise"]),
    ):
        answer = await client.post(f"/jobs/{job_id}/retry", json=wrong)
        assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, loc)
    outsider = await log_in(client, await make_user())
    for content in (b"{", b"[]", b'{"surprise": 1}'):
        answer = await client.post(f"/jobs/{job_id}/retry", content=content, headers=outsider)
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert (await jobs.read(job_id)).status == "failed"


@pytest.fixture
def allowlist(monkeypatch: pytest.MonkeyPatch, app: object) -> Iterator[list[str]]:
    """Models to choose from."""
    monkeypatch.setenv("MODEL_ALLOWLIST", "deep,quick")
    get_settings.cache_clear()
    yield ["deep", "quick"]
    get_settings.cache_clear()


BRAND = {"name": "House of Studies", "accent_colour": "#AA2211"}


async def test_model_concurrency_and_brand_are_set_shown_and_taken_back(
    client: httpx.AsyncClient, path: str, allowlist: list[str]
) -> None:
    before = (await client.get(path)).json()
    assert (before["model"], before["concurrency"], before["brand"]) == (None, None, None)
    assert (before["default_model"], before["models"]) == (OFFLINE_MODEL, [OFFLINE_MODEL, *allowlist])
    given = {"model": "deep", "concurrency": 3, "brand": BRAND}
    assert (await client.patch(path, json=given)).json() == before | given
    for name in given:
        assert (await client.patch(path, json={name: None})).json()[name] is None
    after = (await client.get(path)).json()
    assert {name: after[name] for name in given} == {name: before[name] for name in given}
    told = [action for action, _ in await actions(workspace_id=path.split("/")[2])]
    assert told.count("workspace.settings_updated") == 4


@pytest.mark.parametrize(
    ("body", "loc"),
    [({"model": "unheard-of"}, ["model"]), ({"model": ""}, ["model"]), ({"model": 5}, ["model"]),
     ({"concurrency": 0}, ["concurrency"]), ({"concurrency": 1001}, ["concurrency"]),
     ({"concurrency": "3"}, ["concurrency"]), ({"concurrency": True}, ["concurrency"]),
     ({"concurrency": 1.5}, ["concurrency"]), ({"brand": {}}, ["brand", "name"]),
     ({"brand": BRAND | {"accent_colour": "red"}}, ["brand", "accent_colour"]),
     ({"brand": BRAND | {"accent_colour": "#12345"}}, ["brand", "accent_colour"]),
     ({"brand": BRAND | {"name": " "}}, ["brand", "name"]), ({"brand": BRAND | {"logo": "x"}}, ["brand", "logo"])],
)  # fmt: skip
async def test_what_is_no_setting_is_refused_by_name_and_changes_nothing(
    client: httpx.AsyncClient, path: str, allowlist: list[str], body: Json, loc: list[str]
) -> None:
    before = (await client.get(path)).json()
    answer = await client.patch(path, json={"concurrency": 5} | body)
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["body", *loc])
    assert (await client.get(path)).json() == before


async def test_a_chosen_model_needs_a_price_where_there_is_a_budget(
    client: httpx.AsyncClient, path: str, prices: Json, allowlist: list[str]
) -> None:
    assert (await client.patch(path, json={"budgets": {"daily_usd": 1}})).status_code == 200
    refused = await client.patch(path, json={"model": "deep"})
    assert (refused.status_code, refused.json()["errors"][0]["loc"]) == (422, ["body", "model"])
    assert (await client.patch(path, json={"budgets": None})).json()["budgets"]["daily_usd"] is None
    assert (await client.patch(path, json={"model": "deep"})).status_code == 200
    late = await client.patch(path, json={"budgets": {"daily_usd": 1}})
    assert (late.status_code, late.json()["errors"][0]["loc"]) == (422, ["body", "budgets", "daily_usd"])

"""Faults are injected as configured, counted, and a retry can get past them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI

from core.embedded.offline_model.faults import FaultConfig, plan
from tests.core.embedded.offline_model.conftest import Asker

DATA: dict[str, Any] = {"topic": "anything"}
SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}


def test_rate_429_carries_retry_after(http: httpx.Client, ask: Asker) -> None:
    http.post("/config", json={"rate_429": 1.0, "retry_after_s": 3})
    with pytest.raises(openai.RateLimitError) as caught:
        ask("any_schema", DATA)
    assert caught.value.response.headers["retry-after"] == "3"
    assert http.get("/stats").json()["faults"] == {"429": 1}
    assert http.get("/stats").json()["calls_total"] == 0


def test_rate_500_is_a_server_error(http: httpx.Client, ask: Asker) -> None:
    http.post("/config", json={"rate_500": 1.0})
    with pytest.raises(openai.InternalServerError):
        ask("any_schema", DATA)


def test_broken_json_refusal_and_truncation(http: httpx.Client, ask: Asker) -> None:
    http.post("/config", json={"rate_invalid_json": 1.0})
    with pytest.raises(json.JSONDecodeError):
        ask("any_schema", DATA, schema=SCHEMA)
    http.post("/config", json={"rate_invalid_json": 0, "rate_refusal": 1.0})
    refused = ask.completion("any_schema", DATA).choices[0].message
    assert refused.content is None
    assert refused.refusal
    http.post("/config", json={"rate_refusal": 0, "rate_truncated": 1.0})
    assert ask.completion("any_schema", DATA, schema=SCHEMA).choices[0].finish_reason == "length"


def test_a_hang_outlasts_the_clients_patience(http: httpx.Client, sdk: OpenAI) -> None:
    http.post("/config", json={"rate_hang": 1.0, "hang_s": 30})
    with pytest.raises(openai.APITimeoutError):
        sdk.with_options(timeout=0.3).chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hello"}]
        )
    deadline = time.monotonic() + 5
    while http.get("/stats").json()["in_flight"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert http.get("/stats").json()["in_flight"] == 0, "a hang ends when its client has gone"


def test_a_retry_of_the_same_request_draws_again_and_a_rerun_meets_the_same_faults() -> None:
    config = FaultConfig(rate_500=0.5, seed=4)
    kinds = [[plan(config, request, attempt).kind for attempt in range(8)] for request in range(20)]
    assert all(None in attempts for attempts in kinds)
    assert any(attempts[0] == "500" for attempts in kinds)
    assert kinds == [[plan(config, request, attempt).kind for attempt in range(8)] for request in range(20)]


def test_concurrency_beyond_the_limit_is_turned_away(http: httpx.Client, server: str) -> None:
    http.post("/config", json={"latency_ms": 300, "max_concurrency": 2})

    def call(number: int) -> int:
        body = {"model": "m", "messages": [{"role": "user", "content": f"call {number}"}]}
        return httpx.post(f"{server}/v1/chat/completions", json=body, timeout=10).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(call, range(6)))
    assert statuses.count(200) >= 2
    assert statuses.count(429) >= 1
    assert http.get("/stats").json()["max_in_flight"] == 2


def test_a_limit_per_minute_is_told_and_kept(http: httpx.Client, ask: Asker) -> None:
    http.post("/config", json={"requests_per_minute": 60, "tokens_per_minute": 1e6, "limit_burst_s": 2})
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    answers = [http.post("/v1/chat/completions", json=body) for _ in range(4)]
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    told = answers[0].headers
    assert (told["x-ratelimit-limit-requests"], told["x-ratelimit-remaining-requests"]) == ("60", "1")
    assert 33_000 < int(told["x-ratelimit-remaining-tokens"]) < 33_333
    refused = answers[3]
    assert (refused.status_code, refused.headers["x-ratelimit-remaining-requests"]) == (429, "0")
    assert 0 < int(refused.headers["retry-after-ms"]) <= 1000
    assert http.get("/stats").json()["faults"]["limit"] >= 1
    assert http.post("/v1/embeddings", json={"model": "e", "input": "a"}).status_code == 200  # has a limit of its own


def test_tokens_per_minute_are_those_of_questions_and_answers(http: httpx.Client) -> None:
    http.post("/config", json={"tokens_per_minute": 6000})
    body = {"model": "m", "messages": [{"role": "user", "content": "x" * 4000}]}
    left = []
    for _ in range(3):
        answer = http.post("/v1/chat/completions", json=body)
        left.append(int(answer.headers["x-ratelimit-remaining-tokens"]))
    used = answer.json()["usage"]
    assert used["completion_tokens"] > 0
    assert left[1] - left[2] == pytest.approx(used["total_tokens"], abs=100)
    assert http.post("/v1/chat/completions", json=body).headers["x-ratelimit-reset-tokens"].endswith("s")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rate_429": 2}, "rate_429"),
        ({"requests_per_minute": -1}, "requests_per_minute"),
        ({"latency_ms": "slow"}, "latency_ms"),
        ({"latency_ms": float("1e99")}, "latency_ms"),
        ({"no_such_fault": 1}, "no_such_fault"),
        ({"seed": -1}, "seed"),
        ({"rate_500": True}, "rate_500"),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(http: httpx.Client, body: dict[str, Any], field: str) -> None:
    before = http.get("/config").json()
    answer = http.post("/config", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["loc"] == ["body", field]
    assert http.get("/config").json() == before


def test_counters_tell_distinct_from_repeated_requests(http: httpx.Client, ask: Asker) -> None:
    for seed in (1, 1, 2):
        ask("persona_prose", DATA, seed)
    stats = http.get("/stats").json()
    assert stats["requests"] == {"chat.completions": 3}
    assert stats["calls_by_schema"] == {"persona_prose": 3}
    assert stats["distinct_requests"] == 2
    assert stats["repeated_requests"] == 1
    assert stats["total_tokens"] == stats["prompt_tokens"] + stats["completion_tokens"] > 0
    http.post("/stats/reset")
    assert http.get("/stats").json()["calls_total"] == 0

"""The client against a server that misbehaves: what is asked again, what is given up, and what it cost."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from itertools import pairwise

import pytest

from core.llm.client import ModelClient
from core.llm.contract import usage_of, wire_seed
from core.llm.errors import (
    ModelContentFiltered,
    ModelError,
    ModelInvalidOutput,
    ModelNotAllowed,
    ModelRefused,
    ModelRejected,
    ModelTruncated,
    ModelUnavailable,
)
from tests.core.llm.conftest import MakeClient
from tests.core.llm.examples import BAD, CHOICE, GOOD, QUESTION, WORD, Word
from tests.core.llm.fault_server import FaultServer, Reply, chat, embedded, error


async def ask(client: ModelClient, seed: int = 7) -> Word:
    return (await client.complete(WORD, QUESTION, seed=seed)).output


async def failure(client: ModelClient) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await ask(client)
    return caught.value


async def test_a_reply_is_validated_and_its_cost_recorded(server: FaultServer, client: ModelClient) -> None:
    done = await client.complete(WORD, QUESTION, seed=7)

    assert done.output == Word(word="yes", count=3)
    assert (done.model, done.model_requested, done.prompt_name, done.prompt_version) == (
        "answered-1", "asked-1", "word", 1,
    )  # fmt: skip
    [call] = done.calls
    assert (call.outcome, call.attempt_no, call.input_tokens, call.output_tokens) == ("ok", 1, 100, 20)
    assert call.cost_usd == Decimal("0.0003")
    assert (call.request_id, call.status) == ("req-1", 200)
    [sent] = server.requests
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer key-1"
    assert (sent.body["seed"], sent.body["model"], sent.body["max_completion_tokens"]) == (7, "asked-1", 64)
    assert sent.body["response_format"]["json_schema"]["name"] == "word"
    assert sent.body["response_format"]["json_schema"]["strict"] is True


async def test_the_shape_can_follow_from_the_input(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: chat('```json\n{"choice": "no"}\n```')
    done = await client.complete(CHOICE, QUESTION, seed=1)
    assert done.output == "no"
    assert done.value == {"choice": "no"}
    schema = server.requests[0].body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["choice"]["enum"] == ["yes", "no"]


async def test_each_draw_sends_a_seed_of_its_own(server: FaultServer, client: ModelClient) -> None:
    done = [await client.complete(WORD, QUESTION, seed=7, draw=draw) for draw in range(3)]
    seeds = [request.body["seed"] for request in server.requests]
    assert seeds == [7, wire_seed(7, 1), wire_seed(7, 2)]
    assert len(set(seeds)) == len({completion.key for completion in done}) == 3


@pytest.mark.parametrize("first", [error(500), error(503), error(409), error(408), Reply(close=True)])
async def test_a_passing_failure_is_tried_again(server: FaultServer, client: ModelClient, first: Reply) -> None:
    server.script = [first]
    done = await client.complete(WORD, QUESTION, seed=7)
    assert [call.outcome for call in done.calls] == ["transient", "ok"]
    assert server.requests[0].body == server.requests[1].body
    assert len(server.requests) == 2


async def test_tries_are_bounded(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: error(500)
    caught = await failure(client)
    assert isinstance(caught, ModelUnavailable)
    assert caught.retryable
    assert len(server.requests) == len(caught.calls) == 4
    assert usage_of(caught.calls).cost_usd == 0


async def test_the_time_of_all_tries_is_bounded(server: FaultServer, make_client: MakeClient) -> None:
    server.default = lambda _: Reply(500, {}, wait_s=1.0)
    assert isinstance(await failure(make_client(total_s=1.75)), ModelUnavailable)
    assert len(server.requests) == 2


async def test_a_hang_is_a_timeout(server: FaultServer, make_client: MakeClient) -> None:
    server.script = [Reply(wait_s=3, close=True)]
    done = await make_client(timeout_s=0.2).complete(WORD, QUESTION, seed=7)
    assert [(call.outcome, call.status) for call in done.calls] == [("transient", None), ("ok", 200)]
    assert done.calls[0].cost_usd is None  # it may have been charged


async def test_a_short_retry_after_is_waited_for(server: FaultServer, client: ModelClient) -> None:
    server.script = [error(429, retry_after_ms="300"), error(429, retry_after="0.2")]
    began = asyncio.get_running_loop().time()
    await ask(client)
    assert 0.5 <= asyncio.get_running_loop().time() - began < 2
    assert len(server.requests) == 3


async def test_a_long_retry_after_is_told_to_the_caller(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: error(429, retry_after="120")
    caught = await failure(client)
    assert isinstance(caught, ModelUnavailable)
    assert caught.retry_after_s == 120
    assert len(server.requests) == 1


async def test_an_invalid_reply_is_repaired_once(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(BAD)]
    done = await client.complete(WORD, QUESTION, seed=7)

    assert [call.outcome for call in done.calls] == ["invalid", "ok"]
    assert usage_of(done.calls).input_tokens == 200
    first, second = (request.body for request in server.requests)
    assert (first["seed"], second["seed"]) == (7, 8)
    user = second["messages"][1]["content"]
    assert user.startswith(first["messages"][1]["content"])
    block = json.loads(user.split("<repair>")[1].split("</repair>")[0])
    assert block["reply"] == BAD
    assert block["errors"] == ["count: Input should be greater than or equal to 0"]


@pytest.mark.parametrize("content", ["{broken", "", "[]", '{"word": NaN}', "[" * 5000, None])
async def test_two_invalid_replies_are_the_end(server: FaultServer, client: ModelClient, content: str | None) -> None:
    server.default = lambda _: chat(content)
    caught = await failure(client)
    assert isinstance(caught, ModelInvalidOutput)
    assert [call.outcome for call in caught.calls] == ["invalid", "invalid"]
    assert len(server.requests) == 2
    assert not caught.retryable


async def test_a_failure_during_the_repair_keeps_what_was_spent(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(BAD), chat(None, refusal="I will not.")]
    caught = await failure(client)
    assert isinstance(caught, ModelRefused)
    assert [call.outcome for call in caught.calls] == ["invalid", "refused"]
    assert usage_of(caught.calls).cost_usd == Decimal("0.0006")


@pytest.mark.parametrize(
    ("reply", "kind", "outcome"),
    [
        (chat(None, refusal="I will not."), ModelRefused, "refused"),
        (chat('{"word": "y', finish_reason="length"), ModelTruncated, "truncated"),
        (chat("", finish_reason="content_filter"), ModelContentFiltered, "filtered"),
        (error(400, "filtered", code="content_filter"), ModelContentFiltered, "filtered"),
    ],
)
async def test_a_reply_without_answer_is_named(
    server: FaultServer, client: ModelClient, reply: Reply, kind: type[ModelError], outcome: str
) -> None:
    server.default = lambda _: reply
    caught = await failure(client)
    assert type(caught) is kind
    assert [call.outcome for call in caught.calls] == [outcome]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (error(401, "Incorrect key sk-secret"), "OPENAI_API_KEY"),
        (error(403), "OPENAI_API_KEY"),
        (error(404, "no such model"), "OPENAI_MODEL"),
        (error(429, "quota", code="insufficient_quota"), "quota"),
        (error(400, "context", code="context_length_exceeded"), "context"),
        (error(400, "the messages are wrong"), "the messages are wrong"),
    ],
)
async def test_a_wrong_setting_is_named_and_not_tried_again(
    server: FaultServer, client: ModelClient, reply: Reply, word: str
) -> None:
    server.default = lambda _: reply
    caught = await failure(client)
    assert isinstance(caught, ModelRejected)
    assert word in caught.detail
    assert "sk-secret" not in caught.detail
    assert not caught.retryable
    assert len(server.requests) == 1


async def test_an_endpoint_must_be_set(make_client: MakeClient) -> None:
    caught = await failure(make_client(base_url=None, api_key=None))
    assert isinstance(caught, ModelRejected)
    assert "OPENAI_BASE_URL" in caught.detail


async def test_only_listed_models_are_asked(server: FaultServer, make_client: MakeClient) -> None:
    client = make_client(allowlist=frozenset({"other-1"}))
    with pytest.raises(ModelNotAllowed, match="MODEL_ALLOWLIST"):
        await client.complete(WORD, QUESTION, seed=1, model="stray-1")
    assert server.requests == []
    await ask(client)
    done = await client.complete(WORD, QUESTION, seed=1, model="other-1")
    assert (done.model_requested, server.requests[-1].body["model"]) == ("other-1", "other-1")


async def test_a_success_without_the_protocol_is_tried_again(server: FaultServer, client: ModelClient) -> None:
    server.script = [Reply(body="<html>"), Reply(body={"choices": []})]
    done = await client.complete(WORD, QUESTION, seed=7)
    assert [call.outcome for call in done.calls] == ["transient", "transient", "ok"]


async def test_connections_are_kept_and_a_closed_one_is_replaced(server: FaultServer, client: ModelClient) -> None:
    for _ in range(5):
        await ask(client)
    assert server.connections == 1
    ok = chat(GOOD)
    server.script = [Reply(ok.status, ok.body, ok.headers, close_after=True)]
    assert (await ask(client)).count == 3
    await asyncio.sleep(0.05)
    assert (await ask(client)).count == 3
    assert server.connections == 2


async def test_concurrency_starts_slow_and_stays_bounded(server: FaultServer, client: ModelClient) -> None:
    server.default = lambda _: Reply(200, chat(GOOD).body, wait_s=0.03)
    first = [asyncio.create_task(ask(client)) for _ in range(40)]
    await asyncio.sleep(0.02)
    assert server.most_in_flight <= 4
    await asyncio.gather(*first)
    assert server.most_in_flight == client.gate.limit == 8
    assert len(server.requests) == 40


async def test_overload_lowers_the_calls_in_flight(server: FaultServer, client: ModelClient) -> None:
    await asyncio.gather(*(ask(client) for _ in range(8)))
    assert client.gate.limit == 8
    server.script = [error(429, retry_after="0.2") for _ in range(6)]
    tasks = [asyncio.create_task(ask(client)) for _ in range(6)]
    for _ in range(1000):
        if len(server.requests) == 14 and client.gate.in_flight == 0:
            break
        await asyncio.sleep(0.01)
    assert client.gate.limit < 8
    assert client.gate.in_flight == 0  # the wait holds no slot
    await asyncio.gather(*tasks)


async def test_a_cancelled_call_gives_its_slot_back(server: FaultServer, make_client: MakeClient) -> None:
    client = make_client(max_concurrency=1)
    server.script = [Reply(wait_s=5, close=True)]
    task = asyncio.create_task(ask(client))
    for _ in range(1000):
        if server.requests:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await asyncio.wait_for(ask(client), 20)).count == 3


async def test_texts_are_embedded_once_in_batches(server: FaultServer, client: ModelClient) -> None:
    server.default = embedded
    texts = [f"text {'x' * number}" for number in range(150)]
    done = await client.embed([*texts, *texts])

    assert [vector[0] for vector in done.vectors] == [float(len(text)) for text in [*texts, *texts]]
    assert done.model == "vectors-1"
    assert sorted(len(request.body["input"]) for request in server.requests) == [22, 128]
    assert usage_of(done.calls).input_tokens == 150
    assert {call.kind for call in done.calls} == {"embedding"}
    assert usage_of(done.calls).cost_usd is None  # no price is known for it
    assert await client.embed([]) == type(done)([], "vectors", ())


async def test_failed_embeddings_keep_what_was_spent(server: FaultServer, client: ModelClient) -> None:
    server.script = [error(500), error(401)]
    server.default = lambda _: error(401)
    with pytest.raises(ModelRejected) as caught:
        await client.embed(["a"])
    assert [call.outcome for call in caught.value.calls] == ["transient", "error"]
    with pytest.raises(ValueError, match="empty"):
        await client.embed(["a", " "])


async def test_times_between_tries_grow(server: FaultServer, make_client: MakeClient) -> None:
    server.default = lambda _: error(500)
    caught = await failure(make_client(tries=3))
    assert len(caught.calls) == 3
    assert all(later.started_at >= earlier.started_at for earlier, later in pairwise(caught.calls))
    assert [call.attempt_no for call in caught.calls] == [1, 2, 3]

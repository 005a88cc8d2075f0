"""Endpoints that lack parts of the protocol: learned once, remembered, and the answer comes all the same."""

from __future__ import annotations

import asyncio

import pytest

from core.llm.client import ModelClient
from tests.core.llm.examples import GOOD, QUESTION, WORD
from tests.core.llm.fault_server import FaultServer, Handler, Reply, Request, chat, embedded, error


def refusing(*names: str) -> Handler:
    def answer(request: Request) -> Reply:
        for name in names:
            if name in request.body:
                return error(400, f"Unsupported parameter: '{name}' is not supported with this model.")
        return chat(GOOD)

    return answer


@pytest.mark.parametrize("name", ["seed", "temperature", "max_completion_tokens"])
async def test_an_unknown_parameter_is_left_out_from_then_on(
    server: FaultServer, client: ModelClient, name: str
) -> None:
    server.default = refusing(name)
    first = await client.complete(WORD, QUESTION, seed=1)
    assert [call.outcome for call in first.calls] == ["error", "ok"]
    second = await client.complete(WORD, QUESTION, seed=2)
    assert [call.outcome for call in second.calls] == ["ok"]
    assert name not in server.requests[-1].body
    assert len(server.requests) == 3


async def test_token_limit_falls_back_to_its_old_name(server: FaultServer, client: ModelClient) -> None:
    server.default = refusing("max_completion_tokens")
    await client.complete(WORD, QUESTION, seed=1)
    assert server.requests[-1].body["max_tokens"] == 64


async def test_the_schema_is_said_in_words_where_it_is_not_taken(server: FaultServer, client: ModelClient) -> None:
    def answer(request: Request) -> Reply:
        kind = request.body.get("response_format", {}).get("type")
        return error(422, f"response_format {kind} is unknown") if kind else chat(f"```json\n{GOOD}\n```")

    server.default = answer
    done = await client.complete(WORD, QUESTION, seed=1)
    assert done.output.word == "yes"
    kinds = [request.body.get("response_format", {}).get("type") for request in server.requests]
    assert kinds == ["json_schema", "json_object", None]
    assert '"additionalProperties":false' in server.requests[-1].body["messages"][0]["content"]
    assert '"additionalProperties"' not in server.requests[0].body["messages"][0]["content"]


async def test_calls_in_flight_together_learn_once(server: FaultServer, client: ModelClient) -> None:
    server.default = refusing("seed", "temperature")
    await asyncio.gather(*(client.complete(WORD, QUESTION, seed=number) for number in range(20)))
    assert len(server.requests) <= 20 + 2 * 4  # at most the first four in flight, twice
    before = len(server.requests)
    await client.complete(WORD, QUESTION, seed=99)
    assert len(server.requests) == before + 1


async def test_what_one_model_lacks_another_is_still_asked_with(server: FaultServer, client: ModelClient) -> None:
    server.default = refusing("seed")
    await client.complete(WORD, QUESTION, seed=1)
    server.default = lambda _: chat(GOOD)
    await client.complete(WORD, QUESTION, seed=1, model="other")
    assert server.requests[-1].body["seed"] == 1


async def test_embeddings_come_as_numbers_where_base64_is_unknown(server: FaultServer, client: ModelClient) -> None:
    def answer(request: Request) -> Reply:
        return error(400, "unknown field encoding_format") if "encoding_format" in request.body else embedded(request)

    server.default = answer
    done = await client.embed(["abc"])
    assert done.vectors == [[3.0, 0.5]]
    assert len(server.requests) == 2

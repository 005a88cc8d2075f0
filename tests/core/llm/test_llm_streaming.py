"""Streamed replies: what is heard grows, the answer and its cost are the same, and a stream that breaks is no reply."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from core.llm.client import ModelClient
from core.llm.errors import ModelRefused, ModelTruncated
from core.llm.streaming import StreamBroken, assembled, partial_member
from tests.core.llm.examples import GOOD, QUESTION, WORD, Word
from tests.core.llm.fault_server import FaultServer, Reply, chat, error

USAGE = {"prompt_tokens": 100, "completion_tokens": 20}


def streamed(content: str, *, finish: str | None = "stop", refusal: str | None = None, **tail: Any) -> Reply:
    """A chat completion as server-sent events of four characters each."""
    deltas: list[dict[str, Any]] = [{"content": content[at : at + 4]} for at in range(0, len(content), 4)]
    if refusal:
        deltas = [{"refusal": refusal}]
    chunks: list[Any] = [chunk(delta) for delta in deltas]
    chunks += [chunk({}, finish)] if finish else []
    chunks += [{"model": "answered-1", "choices": [], "usage": USAGE} | tail, None]
    return Reply(body=wire(chunks), headers={"content-type": "text/event-stream", "x-request-id": "req-1"})


def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    """One piece of a reply."""
    return {"model": "answered-1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], "usage": None}


def wire(chunks: list[Any]) -> str:
    """Server-sent events; None is the end."""
    return "".join(f"data: {'[DONE]' if one is None else json.dumps(one)}\n\n" for one in chunks)


async def ask(client: ModelClient) -> tuple[Any, list[str]]:
    """Ask with an ear; return the completion and what was heard."""
    heard: list[str] = []
    return await client.complete(WORD, QUESTION, seed=7, hear=heard.append), heard


async def test_a_streamed_reply_is_heard_growing_and_costs_the_same(server: FaultServer, client: ModelClient) -> None:
    server.script = [streamed(GOOD)]
    done, heard = await ask(client)
    assert done.output == Word(word="yes", count=3)
    assert heard[-1] == GOOD
    assert len(heard) > 3
    assert all(later.startswith(sooner) for sooner, later in pairwise(heard))
    [call] = done.calls
    assert (call.outcome, call.input_tokens, call.output_tokens, call.cost_usd) == ("ok", 100, 20, Decimal("0.0003"))
    assert server.requests[0].body["stream_options"] == {"include_usage": True}


async def test_an_endpoint_that_sends_all_at_once_is_read_as_ever(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(GOOD)]
    done, heard = await ask(client)
    assert (done.output.count, heard) == (3, [])


async def test_an_endpoint_that_does_not_stream_is_asked_without(server: FaultServer, client: ModelClient) -> None:
    server.script = [error(400, "Unknown parameter: stream_options")]
    done, _ = await ask(client)
    assert done.output.count == 3
    assert "stream" not in server.requests[-1].body


@pytest.mark.parametrize(
    "broken",
    [
        streamed(GOOD, finish=None),
        Reply(body="data: {no json\n\n", headers={"content-type": "text/event-stream"}),
        streamed(GOOD, finish=None, error={"message": "overloaded"}),
    ],
    ids=["cut", "garbage", "error"],
)
async def test_a_stream_that_breaks_is_asked_again(server: FaultServer, client: ModelClient, broken: Reply) -> None:
    server.script = [broken, streamed(GOOD)]
    done, _ = await ask(client)
    assert [call.outcome for call in done.calls] == ["transient", "ok"]


async def test_an_invalid_streamed_reply_is_repaired_once(server: FaultServer, client: ModelClient) -> None:
    server.script = [streamed('{"word": ""}'), streamed(GOOD)]
    done, heard = await ask(client)
    assert [call.outcome for call in done.calls] == ["invalid", "ok"]
    assert heard[-1] == GOOD


async def test_a_streamed_refusal_is_one(server: FaultServer, client: ModelClient) -> None:
    server.script = [streamed("", refusal="I cannot.")]
    with pytest.raises(ModelRefused):
        await ask(client)


async def test_a_streamed_reply_cut_at_its_limit_is_truncated(server: FaultServer, client: ModelClient) -> None:
    server.script = [streamed(GOOD[:10], finish="length")]
    with pytest.raises(ModelTruncated):
        await ask(client)


async def test_a_stream_without_end_is_left() -> None:
    async def lines() -> AsyncIterator[str]:
        while True:
            yield "data: " + json.dumps(chunk({"content": "x" * 100}))

    with pytest.raises(StreamBroken, match="more than"):
        await assembled(lines(), lambda _: None, 100_000)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        ('{"mess', ""),
        ('{"message"', ""),
        ('{"message": "', ""),
        ('{"message": "Hel', "Hel"),
        ('{"message": "a\\', "a"),
        ('{"message": "a\\n', "a\n"),
        ('{"message": "a\\u00e', "a"),
        ('{"message": "a\\u00e9b", "type": "x"}', "aéb"),
        ('{"message": "a\\ud83d', "a"),
        ('{"message": "a\\ud83d\\ude00', "a😀"),
        ('{"message": "say \\"yes\\""', 'say "yes"'),
        ('{"message": 3}', ""),
        ('{"message": "a\\u0000b\\ud800 c"}', "ab c"),
    ],
)
def test_a_member_is_read_while_it_is_being_written(content: str, text: str) -> None:
    assert partial_member(content, "message") == text

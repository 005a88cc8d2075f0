"""A model that the administrators have paused is not asked, not even once more within a call."""

from __future__ import annotations

import pytest

from core.llm.client import ModelClient
from core.llm.errors import ModelSuspended
from tests.core.llm.examples import GOOD, QUESTION, WORD
from tests.core.llm.fault_server import FaultServer, Reply, Request, chat, error


async def test_a_suspended_model_is_not_asked_until_it_is_resumed(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(GOOD)]
    client.suspensions.reasons = {"asked-1": "an incident"}
    with pytest.raises(ModelSuspended, match="Calls to asked-1 are paused: an incident") as caught:
        await client.complete(WORD, QUESTION, seed=1)
    assert server.requests == []
    assert caught.value.retry_after_s
    assert caught.value.retry_after_s > 0
    client.suspensions.reasons = {}
    assert (await client.complete(WORD, QUESTION, seed=1)).content == GOOD


async def test_other_models_are_asked(server: FaultServer, client: ModelClient) -> None:
    server.script = [chat(GOOD)]
    client.suspensions.reasons = {"vectors": "an incident"}
    assert (await client.complete(WORD, QUESTION, seed=1)).content == GOOD
    with pytest.raises(ModelSuspended):
        await client.embed(["a text"])


async def test_a_call_that_failed_is_not_tried_again_and_its_try_is_billed(
    server: FaultServer, client: ModelClient
) -> None:
    def fail(request: Request) -> Reply:
        client.suspensions.reasons = {"asked-1": "an incident"}
        return error(500)

    server.default = fail
    with pytest.raises(ModelSuspended) as caught:
        await client.complete(WORD, QUESTION, seed=1)
    assert len(server.requests) == 1
    assert len(caught.value.calls) == 1

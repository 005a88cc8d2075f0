"""What faults of a model endpoint cost: HTTP tries per answer, with the offline model failing on purpose."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator

import pytest

from core.embedded.model import OfflineModel
from core.embedded.valkey import Valkey
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.llm.contract import Call
from core.llm.errors import ModelError, ModelInvalidOutput
from core.llm.refusal import model_calls_allowed
from tests.core.llm.conftest import configured
from tests.core.llm.examples import QUESTION, WORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ANSWERS = 2000
LATENCY_MS = 100
TAKES_FEWER = {"max_concurrency": 20}
MIXED = {"rate_429": 0.05, "rate_500": 0.02, "rate_invalid_json": 0.02}
LIMITED = {"requests_per_minute": 6000.0, "limit_burst_s": 3.0}


@pytest.fixture
async def clients(offline_model: OfflineModel, valkey_server: Valkey) -> AsyncIterator[list[ModelClient]]:
    """Two clients with one key, as two workers have them, set to 50 calls in flight."""
    config = ModelConfig(
        model="m",
        embedding_model="e",
        base_url=offline_model.url,
        api_key=uuid.uuid4().hex,
        max_concurrency=50,
        redis_url=valkey_server.url,
    )
    made = [ModelClient(config), ModelClient(config)]
    with model_calls_allowed():
        yield made
    for client in made:
        await client.aclose()


async def ask(client: ModelClient, seed: int, calls: list[Call]) -> bool:
    """Ask as a survey does, once more where a reply stays invalid; tell whether there is an answer."""
    for draw in range(2):
        try:
            calls += (await client.complete(WORD, QUESTION, seed=seed, draw=draw)).calls
            return True
        except ModelInvalidOutput as error:
            calls += error.calls
        except ModelError as error:
            calls += error.calls
            return False
    return False


@pytest.mark.parametrize(
    ("name", "faults", "processes", "most"),
    [
        ("a server that accepts 20, set to 50", TAKES_FEWER, 1, 1.05),
        ("5 % 429, 2 % 500, 2 % invalid", MIXED, 1, 1.12),
        ("6000 requests a minute, two clients", LIMITED, 2, 1.01),
    ],
)
async def test_calls_per_answer(
    offline_model: OfflineModel,
    clients: list[ModelClient],
    name: str,
    faults: dict[str, float],
    processes: int,
    most: float,
) -> None:
    calls: list[Call] = []
    async with configured(offline_model, latency_ms=LATENCY_MS, **faults) as stats:
        began = time.perf_counter()
        asked = [ask(clients[number % processes], number, calls) for number in range(ANSWERS)]
        answered = sum(await asyncio.gather(*asked))
        took_s = time.perf_counter() - began
        counted = await stats()
    ratio = len(calls) / ANSWERS
    print(f"\n{name}: {ratio:.3f} calls per answer, {ANSWERS - answered} lost, {took_s:.1f} s, {counted['faults']}")
    assert answered == ANSWERS
    assert len(calls) == sum(counted["requests"].values())
    assert ratio <= most

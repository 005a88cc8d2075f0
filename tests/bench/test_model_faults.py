"""What faults of a model endpoint cost: calls per answer, with the offline model failing on purpose.

Beside the product's client, a plain retry loop asks the same of the same model.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from core.embedded.model import OfflineModel
from core.embedded.valkey import Valkey
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.llm.contract import Call
from core.llm.dialect import Dialect
from core.llm.errors import ModelError, ModelInvalidOutput
from core.llm.refusal import model_calls_allowed
from tests.bench import references
from tests.bench.page import CALLS, record
from tests.core.llm.conftest import configured
from tests.core.llm.examples import QUESTION, WORD

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ANSWERS = 2000
IN_FLIGHT = 50
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
        max_concurrency=IN_FLIGHT,
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
        ("5 % 429, 2 % 500, 2 % invalid", MIXED, 1, 1.12),
        ("a server that accepts 20, set to 50", TAKES_FEWER, 1, 1.05),
        ("6,000 requests a minute, two clients", LIMITED, 2, 1.01),
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
        asked = [ask(clients[number % processes], number, calls) for number in range(ANSWERS)]
        answered = sum(await asyncio.gather(*asked))
        counted = await stats()
    shape, messages = WORD.shape(QUESTION), WORD.messages(QUESTION)
    bodies = [Dialect().chat_body(WORD, shape, messages, model="m", seed=number) for number in range(ANSWERS)]
    async with configured(offline_model, latency_ms=LATENCY_MS, **faults):
        bare = await references.bare_answers(offline_model.url, bodies, IN_FLIGHT * processes)
    ratio = len(calls) / ANSWERS
    plain = bare.calls / max(1, len(bare.given))
    record(
        f"{CALLS}, {name}",
        f"{ratio:.3f}, {ANSWERS - answered} of {ANSWERS:,} lost",
        ratio,
        reference=f"{plain:.2f}, {bare.lost} lost: SDK, semaphore, retry loop of {references.TRIES}",
        ratio=plain / ratio,
        said=", ".join(f"{count} × {kind}" for kind, count in counted["faults"].items() if count),
    )
    assert answered == ANSWERS
    assert len(calls) == sum(counted["requests"].values())
    assert ratio <= most

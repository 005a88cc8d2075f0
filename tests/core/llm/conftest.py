"""A faulty model server and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
import pytest

from core.embedded.model import OfflineModel
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.llm.prices import Prices
from core.llm.refusal import model_calls_allowed
from core.settings import Price
from tests.core.llm.fault_server import FaultServer

MakeClient = Callable[..., ModelClient]
Stats = Callable[[], Awaitable[dict[str, Any]]]


@asynccontextmanager
async def configured(model: OfflineModel, **faults: float) -> AsyncIterator[Stats]:
    """Give the offline model these faults for the block; yields a function that reads its counters since."""
    async with httpx.AsyncClient(base_url=model.origin, timeout=30) as http:

        async def stats() -> dict[str, Any]:
            read: dict[str, Any] = (await http.get("/stats")).json()
            return read

        await http.post("/stats/reset")
        (await http.post("/config", json=faults)).raise_for_status()
        try:
            yield stats
        finally:
            await http.delete("/config")


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with FaultServer().running() as running:
        yield running


@pytest.fixture
async def make_client(server: FaultServer) -> AsyncIterator[MakeClient]:
    """Clients of the server with short waits; keyword arguments replace members of the configuration."""
    made: list[ModelClient] = []
    base = ModelConfig(
        model="asked-1",
        embedding_model="vectors",
        base_url=server.url,
        api_key="key-1",
        timeout_s=5,
        max_concurrency=8,
        first_wait_s=0.01,
        prices=Prices({"asked-1": Price(input_per_million=Decimal(1), output_per_million=Decimal(10))}),
    )

    def make(**over: Any) -> ModelClient:
        made.append(ModelClient(replace(base, **over)))
        return made[-1]

    with model_calls_allowed():
        yield make
        for client in made:
            await client.aclose()


@pytest.fixture
def client(make_client: MakeClient) -> ModelClient:
    return make_client()

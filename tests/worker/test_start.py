"""The worker process starts with what its pools need, and no more."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.fixtures.system import WorkerHandle


@pytest.mark.usefixtures("database")
async def test_a_worker_of_deliveries_needs_no_model() -> None:
    no_model = {"OPENAI_BASE_URL": "", "OPENAI_API_KEY": "", "WORKER_POOLS": "delivery"}
    with contextlib.closing(WorkerHandle.start(no_model)) as worker:
        async with asyncio.timeout(60):
            while "worker_started" not in worker.log.read_text():
                assert worker.process.poll() is None, worker.log.read_text()
                await asyncio.sleep(0.1)

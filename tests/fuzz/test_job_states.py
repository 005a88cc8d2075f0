"""Generated histories of jobs on a real Postgres: whatever callers, workers and chance do, the invariants hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from core.db import session as db
from core.jobs.queue import close_queue
from core.settings import get_settings, require
from tests.fuzz.job_ground import Ground
from tests.fuzz.job_history import JobHistory
from tests.fuzz.job_invariants import ALLOWED

SHORT: Final = 15
LONG: Final = 600


@pytest.fixture
def histories(job_database: None) -> Iterator[type[JobHistory]]:
    """Histories on this module's database, with their hints kept apart from those of other tests."""
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        patch.setenv("REDIS_URL", require(get_settings().redis_url, "REDIS_URL").rpartition("/")[0] + "/1")
        get_settings.cache_clear()
        ground = runner.run(Ground.prepare(require(get_settings().database_url, "DATABASE_URL")))
        yield type("JobHistory", (JobHistory,), {"runner": runner, "ground": ground, "seen": Counter()})
        for end in (ground.close, close_queue, db.dispose):
            runner.run(end())
    get_settings.cache_clear()


def generate(histories: type[JobHistory], examples: int, steps: int, *, derandomize: bool) -> None:
    """Generate so many histories."""
    rounds = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None, derandomize=derandomize,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(histories, settings=rounds)


def test_no_history_breaks_an_invariant(histories: type[JobHistory]) -> None:
    generate(histories, SHORT, 40, derandomize=True)
    assert histories.seen["waiting", "queued"], "no parent was ever reduced"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_nor_do_many(histories: type[JobHistory]) -> None:
    generate(histories, LONG, 50, derandomize=False)
    assert set(histories.seen) == ALLOWED, f"never seen: {ALLOWED - set(histories.seen)}"

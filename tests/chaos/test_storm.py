"""Everything goes wrong at once, by a plan made from a seed: no job is lost, none doubled, nothing stuck afterwards."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Final

import pytest

from tests.chaos.figures import figures, summary
from tests.chaos.plan import Plan, make_plan
from tests.chaos.storm import Storm
from tests.chaos.verdict import Finding, complaints, judge
from tests.fixtures.system import System, running_system

LATENCY_MS: Final = 200
SEED: Final = int(os.environ.get("CHAOS_SEED") or 20261123)
MINUTES: Final = float(os.environ.get("CHAOS_MINUTES") or 3)


@pytest.fixture
async def wired() -> AsyncIterator[System]:
    """The product with wires that can be cut."""
    async with running_system(wired=True) as system:
        yield system


async def rage(system: System, plan: Plan, request: pytest.FixtureRequest) -> list[Finding]:
    """Run a storm, leave its summary with the test's report and return what was found."""
    await system.configure_model(latency_ms=LATENCY_MS)
    storm = await Storm.prepare(system, plan)
    await storm.run()
    findings = await judge(storm)
    said = summary(plan, findings, await figures(storm), storm.strikes)
    request.node.user_properties.append(("summary", said))
    return findings


async def test_a_short_storm(wired: System, request: pytest.FixtureRequest) -> None:
    findings = await rage(wired, make_plan(182, duration_s=8, gap_s=1.5, workers=2), request)
    assert [str(one) for one in findings if one.against] == []


@pytest.mark.slow
@pytest.mark.timeout(int(60 * MINUTES) + 300)
async def test_a_long_storm(wired: System, request: pytest.FixtureRequest) -> None:
    findings = await rage(wired, make_plan(SEED, duration_s=60 * MINUTES, gap_s=3, workers=3), request)
    assert [str(one) for one in findings if one.against] == []


def test_a_plan_is_its_seed() -> None:
    one, same, other = (make_plan(seed, 60, 2, 3) for seed in (1, 1, 2))
    assert one == same
    assert one.disturbances != other.disturbances


def test_an_end_is_no_complaint_of_postgres_but_a_deadlock_is() -> None:
    log = "2026 [1] ERROR:  canceling statement due to user request\n2026 [2] ERROR:  deadlock detected\n"
    assert complaints(log) == ["ERROR:  deadlock detected"]

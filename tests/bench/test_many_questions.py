"""Many questions with display logic over many personas: calls against the estimate, memory, time."""

from __future__ import annotations

import os
import time
from typing import Any, Final

import pytest

from tests.bench.meter import most_memory_mb
from tests.bench.page import LOGIC, record
from tests.bench.simulating import SEEDS, ended, meter
from tests.factories.personas import persona
from tests.factories.questionnaires import question
from tests.fixtures.system import Study

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
RESPONDENTS: Final = int(os.environ.get("BENCH_RESPONDENTS", "2000"))
PERSONAS, SECTIONS, EACH = 12, 6, 5
WORKERS, PLACES = 2, 32
MOST_MB = 300
AGES = [(18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74)]


def sections(*, logic: bool) -> list[dict[str, Any]]:
    """Return six sections of five questions; with logic, what follows a filter question asks those it lets through."""
    types = ["single_choice", "likert", "nps", "multiple_choice", "open_ended"]
    found = []
    for section in range(SECTIONS):
        asked = [
            question(type_, key=f"s{section}q{place}", text=f"What of {section + 1}.{place + 1}?")
            for place, type_ in enumerate(types)
        ]
        if logic and section:
            shown = f's{section - 1}q0 == "1"'
            for one in asked[1:] if section % 2 else asked:
                one["show_if"] = shown
        found.append({"title": f"Section {section + 1}", "questions": asked})
    return found


async def people(study: Study) -> list[str]:
    """Make twelve personas, half of them women, of six ages."""
    bodies = [
        persona(f"Persona {number}", gender=("Female", "Male")[number % 2], age_range={"min": low, "max": high})
        for number, (low, high) in enumerate(age for age in AGES for _ in range(PERSONAS // len(AGES)))
    ]
    return [(await study.system.post(f"{study.base}/personas", body))["id"] for body in bodies]


@pytest.mark.parametrize("logic", [False, True])
async def test_thirty_questions(study: Study, logic: bool) -> None:
    system, n = study.system, RESPONDENTS if logic else min(RESPONDENTS, 200)
    body = {"title": "Thirty", "sections": sections(logic=logic)}
    study.questionnaire_id = (await system.post(f"{study.base}/questionnaires", body))["id"]
    study.persona_ids = await people(study)
    seed = next(SEEDS)
    asked = {
        "questionnaire_id": study.questionnaire_id,
        "persona_ids": study.persona_ids,
        "sample_size": n,
        "method": "direct",
        "seed": seed,
    }
    estimate = await system.post(f"{study.base}/simulations/estimate", asked)
    least, most = estimate["calls"]
    system.environment["MODEL_MAX_CONCURRENCY"] = str(PLACES)
    await system.configure_model()
    system.add_workers(WORKERS)
    try:
        with meter(system) as used:
            began = time.perf_counter()
            job = await ended(system, (await study.simulate(n, seed=seed))["id"], within_s=1500)
            seconds = time.perf_counter() - began
        largest = max(most_memory_mb(worker.process.pid) for worker in system.workers)
    finally:
        system.end_workers()
    calls = job["usage"]["calls"]
    assert job["status"] == "succeeded", job
    results = await system.get(f"{study.base}/simulations/{job['subject_id']}/results")
    assert (results["complete"], results["n"], len(results["questions"])) == (True, n, SECTIONS * EACH)
    assert least <= calls <= most
    assert logic or least == calls == most
    what = f"{n:,} respondents × {SECTIONS * EACH} questions, {PERSONAS} personas, direct, {WORKERS} workers"
    kind = "with display logic" if logic else "without"
    cost = f"{used.ms_each(calls):.1f} ms CPU per call, the model {used.ms_each(calls, 'model'):.1f}"
    record(f"{LOGIC}, {kind}, calls", f"{calls:,} of {least:,}–{most:,} estimated", calls, said=what)
    record(f"{LOGIC}, {kind}, memory of the largest worker", f"{largest:.0f} MB", largest, said=what)
    record(
        f"{LOGIC}, {kind}, time",
        f"{seconds:.0f} s, {calls / seconds:.0f} calls/s",
        seconds,
        said=f"{cost}; {used.busy()}",
    )
    assert largest < MOST_MB

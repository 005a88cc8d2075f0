"""A simulation of 10,000 respondents and 20 questions: no process holds it in memory, its files are streamed.

`LARGE_RESPONDENTS` makes it smaller.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any

import pytest

from tests.bench.meter import Meter, forget_most_memory, most_memory_mb
from tests.bench.page import LARGE, record
from tests.bench.simulating import ended, meter
from tests.factories.questionnaires import question
from tests.fixtures.system import Study, System

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
RESPONDENTS = int(os.environ.get("LARGE_RESPONDENTS") or 10_000)
WORKERS = 2
PLACES = 32
MOST_MB = 300
TYPES = ("single_choice", "likert", "multiple_choice", "nps", "single_choice", "numeric", "likert", "open_ended")
QUESTIONS = [
    question(TYPES[number % len(TYPES)], key=f"q{number}", text=f"Question {number} about the cost of living?")
    for number in range(1, 21)
]
SECTIONS = [{"title": f"Part {part + 1}", "questions": QUESTIONS[part::2]} for part in range(2)]


@dataclass(slots=True)
class Read:
    """What was read of one file or list: pieces (lines or items), bytes, seconds to the first byte and to the last."""

    pieces: int = 0
    size: int = 0
    first_s: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.size / 1e6:.1f} MB in {self.seconds:.1f} s, the first byte after {self.first_s:.2f} s"


async def streamed(system: System, path: str, **params: str) -> Read:
    """Read a file piece by piece and count its lines."""
    read, began = Read(), time.perf_counter()
    async with system.client.stream("GET", path, params=params) as answer:
        assert answer.status_code == 200
        assert "content-length" not in answer.headers  # nobody knew it: the file was never whole
        async for piece in answer.aiter_bytes():
            read.first_s = read.first_s or time.perf_counter() - began
            read.pieces += piece.count(b"\n")
            read.size += len(piece)
    read.seconds = time.perf_counter() - began
    return read


async def paged(system: System, path: str) -> Read:
    """Read a list page by page and count its items."""
    read, began = Read(), time.perf_counter()
    page: dict[str, Any] = {"next_cursor": None}
    while read.pieces == 0 or page["next_cursor"]:
        more = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
        page = await system.get(path, limit=200, **more)
        read.first_s = read.first_s or time.perf_counter() - began
        read.pieces += len(page["items"])
    read.seconds = time.perf_counter() - began
    return read


async def test_a_large_simulation(study: Study) -> None:
    system = study.system
    body = {"title": "Large", "sections": SECTIONS}
    study.questionnaire_id = (await system.post(f"{study.base}/questionnaires", body))["id"]
    system.environment["MODEL_MAX_CONCURRENCY"] = str(PLACES)
    system.add_workers(WORKERS)
    calls = RESPONDENTS * len(SECTIONS)
    try:
        with meter(system) as used:
            began = time.perf_counter()
            job = await ended(system, (await study.simulate(RESPONDENTS, seed=1))["id"], within_s=1200)
            seconds = time.perf_counter() - began
        largest = max(most_memory_mb(worker.process.pid) for worker in system.workers)
    finally:
        system.end_workers()
    assert (job["status"], job["usage"]["calls"]) == ("succeeded", calls)
    at = f"{study.base}/simulations/{job['result']['simulation_id']}"

    forget_most_memory(system.web.process.pid)  # the hash of the login's password has taken 64 MB for a moment
    began = time.perf_counter()
    results = await system.get(f"{at}/results")
    results_s = time.perf_counter() - began
    assert (results["complete"], results["n"], len(results["questions"])) == (True, RESPONDENTS, len(QUESTIONS))
    assert {one["n"] + sum(one["missing"].values()) for one in results["questions"]} == {RESPONDENTS}
    csv, jsonl = [await streamed(system, f"{at}/export", format=format_) for format_ in ("csv", "jsonl")]
    responses = await paged(system, f"{at}/responses")
    assert (csv.pieces, jsonl.pieces, responses.pieces) == (RESPONDENTS + 1, RESPONDENTS, RESPONDENTS)
    web = most_memory_mb(system.web.process.pid)
    _record(used, seconds, calls, largest, web)
    said = f"CSV {csv}; JSONL {jsonl}; responses by page {responses.seconds:.1f} s"
    record(f"{LARGE}, reading it", f"results {results_s:.1f} s", results_s, said=said)
    assert largest < MOST_MB
    assert web < MOST_MB


def _record(used: Meter, seconds: float, calls: int, largest: float, web: float) -> None:
    what = f"{RESPONDENTS:,} respondents × {len(QUESTIONS)} questions"
    asked = f"{what}, direct, {calls:,} calls, {WORKERS} workers of {PLACES} places"
    cost = f"{used.ms_each(calls):.1f} ms CPU per call, the model {used.ms_each(calls, 'model'):.1f}"
    record(
        f"{LARGE}, time",
        f"{seconds:.0f} s, {calls / seconds:.0f} calls/s",
        seconds,
        said=f"{asked}; {cost}; {used.busy()}",
    )
    record(f"{LARGE}, memory of the largest worker", f"{largest:.0f} MB", largest, said=what)
    record(f"{LARGE}, memory of web while results and files are read", f"{web:.0f} MB", web, said=what)

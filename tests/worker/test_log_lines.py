"""A job's log lines say which job they are about, and nothing of one that ran before or beside it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import structlog

from core.together import Together
from tests.factories import jobs
from tests.factories.jobs import PROBE, ProbeArgs
from tests.fixtures.jobs import Register
from worker.context import JobContext
from worker.registry import Done
from worker.runner import Runner

log = structlog.get_logger(__name__)


def captured() -> Any:
    """Return what captures log lines with what is bound to them."""
    return structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars])


async def test_every_line_of_a_job_names_it(runner: Runner, workspace_id: UUID, register: Register) -> None:
    async def body(context: JobContext, args: ProbeArgs) -> Done:
        await asyncio.sleep(0.01)
        log.info("in_the_body", of=str(context.claim.job_id))
        return Done({"ok": True})

    register(PROBE, body)
    ids = [await jobs.submit(workspace_id) for _ in range(3)]
    with captured() as lines:
        await asyncio.gather(*(runner.run(job_id) for job_id in ids))
        log.info("after_all")
    inside = [line for line in lines if line["event"] == "in_the_body"]
    assert {line["job_id"] for line in inside} == {str(job_id) for job_id in ids}
    assert all(line["job_id"] == line["of"] for line in inside)
    ended = [line for line in lines if line["event"] == "job_run_ended"]
    assert {(line["job_id"], line["kind"]) for line in ended} == {(str(job_id), PROBE.kind) for job_id in ids}
    assert "job_id" not in next(line for line in lines if line["event"] == "after_all")


async def test_a_round_of_many_is_told_as_nobodys() -> None:
    async def look(items: Any) -> list[int]:
        log.info("round")
        return list(items)

    together: Together[int, int] = Together(look)
    with captured() as lines, structlog.contextvars.bound_contextvars(request_id="first"):
        assert await together(1) == 1
        log.info("own")
    assert [(line["event"], line.get("request_id")) for line in lines] == [("round", None), ("own", "first")]

"""Every end a body can have, and the one fenced write it is mapped to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.errors import JobNotFound, LostClaim, PermanentError, Snooze, TransientError
from core.jobs.records import Fan, Shard
from core.jobs.shown import wait_of
from core.llm.errors import ModelPaused, ModelRefused, ModelUnavailable
from tests.factories import jobs
from tests.factories.jobs import PROBE, ProbeArgs
from tests.fixtures.jobs import Register
from worker.context import JobContext
from worker.registry import Done
from worker.runner import Runner


def raising(*errors: BaseException) -> Any:
    """Return a body that raises these errors, one a run, and then succeeds."""
    left = list(errors)

    async def body(context: JobContext, args: ProbeArgs) -> Done:
        if left:
            raise left.pop(0)
        return Done({"ok": True})

    return body


async def make_due(job_id: UUID) -> None:
    await jobs.change(job_id, next_attempt_at="now() - interval '1 second'")


async def delay_s(job_id: UUID) -> float:
    """Return how long a job waits from its last change on."""
    query = "SELECT extract(epoch FROM next_attempt_at - updated_at)::float FROM job WHERE id = :id"
    return float((await jobs.column(query, job_id))[0])


async def run(runner: Runner, workspace_id: UUID, register: Register, body: Any, **columns: Any) -> UUID:
    """Run a job of this body once and return its id."""
    register(PROBE, body)
    job_id = await jobs.submit(workspace_id, **columns)
    await runner.run(job_id)
    assert runner.runs == {}
    return job_id


async def code_of(job_id: UUID) -> tuple[str, int, str | None]:
    job = await jobs.read(job_id)
    return job.status, job.attempt, (job.error or {}).get("code")


async def test_a_body_that_returns_succeeds(runner: Runner, workspace_id: UUID, register: Register) -> None:
    job_id = await run(runner, workspace_id, register, raising())
    job = await jobs.read(job_id)
    assert (job.status, job.result, job.attempt) == ("succeeded", {"ok": True}, 1)
    await runner.run(job_id)  # the same message again
    assert await jobs.outcomes(job_id) == ["succeeded"]
    assert await jobs.events(job_id) == ["job.succeeded"]


async def test_a_transient_error_is_tried_again_later_until_attempts_are_used_up(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    body = raising(*(TransientError("not now", code="busy") for _ in range(3)))
    job_id = await run(runner, workspace_id, register, body)
    for attempt in (1, 2):
        assert await code_of(job_id) == ("retry_wait", attempt, "busy")
        assert 0 < await delay_s(job_id) <= PROBE.backoff.base_s * 2**attempt
        await make_due(job_id)
        await runner.run(job_id)
    assert await code_of(job_id) == ("failed", 3, "busy")
    assert await jobs.outcomes(job_id) == ["retried", "retried", "failed"]


async def test_what_worked_the_second_time_leaves_no_error(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    job_id = await run(runner, workspace_id, register, raising(TransientError("not now")))
    await make_due(job_id)
    await runner.run(job_id)
    assert await code_of(job_id) == ("succeeded", 2, None)


GROUP = ExceptionGroup("", [TransientError("x"), ExceptionGroup("", [PermanentError("never", code="never")])])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermanentError("never", code="never"), "never"),
        (JobNotFound(), "job_not_found"),
        (ModelRefused(), "model_refused"),
        (GROUP, "never"),
    ],
)
async def test_an_error_no_attempt_can_mend_fails_at_once(
    runner: Runner, workspace_id: UUID, register: Register, error: Exception, code: str
) -> None:
    job_id = await run(runner, workspace_id, register, raising(error))
    assert await code_of(job_id) == ("failed", 1, code)


async def test_an_unknown_error_is_tried_again_and_tells_nothing_of_the_inside(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    body = raising(*(RuntimeError("password=secret") for _ in range(2)))
    job_id = await run(runner, workspace_id, register, body, max_attempts=2)
    assert await code_of(job_id) == ("retry_wait", 1, "internal_error")
    await make_due(job_id)
    await runner.run(job_id)
    assert await code_of(job_id) == ("failed", 2, "internal_error")
    assert "secret" not in str((await jobs.read(job_id)).error)


async def test_a_snooze_consumes_no_attempt(runner: Runner, workspace_id: UUID, register: Register) -> None:
    job_id = await run(runner, workspace_id, register, raising(*(Snooze(30, "wait") for _ in range(5))))
    for _ in range(4):
        assert await code_of(job_id) == ("retry_wait", 0, "snoozed")
        assert await delay_s(job_id) == pytest.approx(30, abs=0.5)
        await make_due(job_id)
        await runner.run(job_id)
    await make_due(job_id)
    await runner.run(job_id)
    assert await code_of(job_id) == ("succeeded", 1, None)


@pytest.mark.parametrize(("asked_s", "expected_s"), [(0.0, 0.05), (45, 45), (1000, 1000), (100_000, 3600)])
async def test_a_paused_model_uses_up_no_attempt_and_the_job_says_what_it_waits_for(
    runner: Runner, workspace_id: UUID, register: Register, asked_s: float, expected_s: float
) -> None:
    error = ExceptionGroup("", [ModelUnavailable("Slow."), ModelPaused("No calls now.", retry_after_s=asked_s)])
    job_id = await run(runner, workspace_id, register, raising(error))
    assert await code_of(job_id) == ("retry_wait", 0, "model_paused")
    assert await delay_s(job_id) == pytest.approx(expected_s, abs=0.5)
    assert await jobs.outcomes(job_id) == ["snoozed"]
    wait = wait_of(await jobs.read(job_id))
    assert wait is not None
    assert wait.message.endswith("Z: No calls now.")
    await make_due(job_id)
    await runner.run(job_id)
    assert await code_of(job_id) == ("succeeded", 1, None)


@pytest.mark.parametrize(("asked_s", "least_s", "most_s"), [(45, 45, 46), (1000, 1000, 1001), (100_000, 3600, 3601)])
async def test_an_unavailable_model_is_left_alone_as_long_as_it_asks(
    runner: Runner, workspace_id: UUID, register: Register, asked_s: float, least_s: float, most_s: float
) -> None:
    job_id = await run(runner, workspace_id, register, raising(ModelUnavailable(retry_after_s=asked_s)))
    assert await code_of(job_id) == ("retry_wait", 1, "model_unavailable")
    assert least_s - 0.5 <= await delay_s(job_id) <= most_s


async def test_an_end_that_cannot_be_written_is_an_error_of_the_job_and_leaves_nothing(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    async def write(session: AsyncSession) -> None:
        await session.execute(text("UPDATE workspace SET name = 'half'"))
        await session.execute(text("SELECT 1 / 0"))

    async def body(context: JobContext, args: ProbeArgs) -> Done:
        return Done({"ok": True}, write)

    async with asyncio.timeout(10):
        job_id = await run(runner, workspace_id, register, body, max_attempts=1)
    assert await code_of(job_id) == ("failed", 1, "internal_error")
    assert (await jobs.read(job_id)).result is None
    query = "SELECT name FROM workspace w JOIN job j ON j.workspace_id = w.id WHERE j.id = :id"
    assert await jobs.column(query, job_id) == ["Test"]


async def test_a_body_that_takes_too_long_is_stopped(runner: Runner, workspace_id: UUID, register: Register) -> None:
    async def body(context: JobContext, args: ProbeArgs) -> Done:
        await asyncio.sleep(60)
        return Done()

    started = time.monotonic()
    job_id = await run(runner, workspace_id, register, body, timeout_s=0.3)
    assert time.monotonic() - started < 5
    assert await code_of(job_id) == ("retry_wait", 1, "job_timeout")


async def test_a_job_of_an_unknown_kind_or_with_wrong_arguments_fails_by_name(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    unknown = await jobs.submit(workspace_id, replace(PROBE, kind="test.nobody_knows"))
    await runner.run(unknown)
    assert await code_of(unknown) == ("failed", 1, "job_kind_unknown")
    register(PROBE, raising())
    wrong = await jobs.submit(workspace_id)
    query = """UPDATE job SET args = '{"name": 5}' WHERE id = :id RETURNING id"""
    await jobs.column(query, wrong)
    await runner.run(wrong)
    assert await code_of(wrong) == ("failed", 1, "job_args_invalid")


async def test_a_cancelled_body_ends_as_cancelled(runner: Runner, workspace_id: UUID, register: Register) -> None:
    async def body(context: JobContext, args: ProbeArgs) -> Done:
        await jobs.change(context.claim.job_id, cancel_requested_at="now()")
        await asyncio.sleep(60)
        return Done()

    async with asyncio.timeout(10):
        job_id = await run(runner, workspace_id, register, body)
    assert await code_of(job_id) == ("cancelled", 0, None)


async def test_a_job_taken_by_another_is_stopped_and_left_alone(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    async def body(context: JobContext, args: ProbeArgs) -> Done:
        await jobs.change(context.claim.job_id, claim_epoch=9)
        await asyncio.sleep(60)
        return Done()

    async with asyncio.timeout(10):
        job_id = await run(runner, workspace_id, register, body)
    assert await code_of(job_id) == ("running", 0, None)
    again = await run(runner, workspace_id, register, raising(LostClaim()))
    assert await code_of(again) == ("running", 0, None)


async def test_a_process_that_goes_gives_its_jobs_back_at_once(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    started = asyncio.Event()

    async def body(context: JobContext, args: ProbeArgs) -> Done:
        started.set()
        await asyncio.sleep(60)
        return Done()

    register(PROBE, body)
    job_id = await jobs.submit(workspace_id)
    running = asyncio.create_task(runner.run(job_id))
    async with asyncio.timeout(10):
        await started.wait()
        await runner.release_all()
        await running
    assert await code_of(job_id) == ("queued", 0, None)
    assert await jobs.outcomes(job_id) == ["released"]


async def test_a_parent_reduces_once_its_shards_are_done(
    runner: Runner, workspace_id: UUID, register: Register
) -> None:
    shard = replace(PROBE, kind="test.shard")
    reduced: list[int] = []

    async def split(context: JobContext, args: ProbeArgs) -> Fan:
        return Fan([(shard, Shard(number, ProbeArgs(name=str(number)))) for number in range(3)])

    async def reduce(context: JobContext, args: ProbeArgs) -> Done:
        reduced.append(context.claim.children_total)
        return Done({"shards": context.claim.children_total})

    register(PROBE, split, reduce)
    register(shard, raising())
    parent = await jobs.submit(workspace_id)
    await runner.run(parent)
    await runner.run(parent)  # too early: it waits
    shards = await jobs.children(parent)
    for one in shards:
        await runner.run(one.id)
    await asyncio.gather(*(runner.run(parent) for _ in range(3)))
    assert (reduced, (await jobs.read(parent)).result) == ([3], {"shards": 3})

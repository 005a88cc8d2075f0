"""No job is lost, none has its effect twice, no committed answer is paid for again, whatever is killed."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from typing import Any

import pytest

from core.jobs.engine import SUSPECT_AFTER
from core.jobs.queue import FUNCTION, arq_redis, queue_name
from tests.fixtures.system import System, new_study

CONCURRENCY = 16
SECTIONS = 2
QUESTIONS = 3


@pytest.fixture(autouse=True)
async def clean(system: System) -> Any:
    """Start each test with no workers, no faults and counters at zero."""
    system.end_workers()
    await system.configure_model(latency_ms=40)
    yield
    system.end_workers()


async def answers_of(system: System, simulation_id: str) -> Counter[tuple[int, str]]:
    """Count the stored answers by respondent and question."""
    rows = await system.rows(
        "SELECT respondent_number, question_key FROM answer WHERE simulation_id = $1::uuid AND missing_reason IS NULL",
        simulation_id,
    )
    return Counter((row[0], row[1]) for row in rows)


async def assert_whole(system: System, job: dict[str, Any], n: int) -> None:
    """Assert that a simulation ended well: one answer per respondent and question, every job of it done once."""
    assert job["status"] == "succeeded", job
    shards = await system.rows(
        "SELECT shard_no, status, claim_epoch, attempt, rescues, error FROM job WHERE parent_id = $1::uuid"
        " ORDER BY shard_no",
        job["id"],
    )
    assert {row["status"] for row in shards} == {"succeeded"}, [dict(row) for row in shards]
    answers = await answers_of(system, job["subject_id"])
    assert len(answers) == n * QUESTIONS
    assert set(answers.values()) == {1}
    ends = await system.rows("SELECT type FROM event WHERE job_id = $1::uuid AND type LIKE 'job.%'", job["id"])
    assert [row[0] for row in ends] == ["job.succeeded"]


async def chat_calls(system: System) -> int:
    """Return how many chat answers the model gave."""
    stats = await system.stats()
    return int(stats["calls_by_schema"].get("survey_direct", 0))


@pytest.mark.parametrize("kills", [2, pytest.param(5, marks=pytest.mark.slow)])
async def test_kill_9_several_times_in_a_row(system: System, kills: int) -> None:
    study, n = await new_study(system), 120
    rng = random.Random(20261122)
    system.add_workers(2)  # so that the next one to die runs already
    job = await study.simulate(n)
    for kill in range(kills):
        await system.reach(job["id"], 1 + kill * n * SECTIONS // (kills + 2))
        await asyncio.sleep(rng.uniform(0, 0.2))
        system.workers.pop(0).kill()
        system.add_workers()
    ended = await system.finished(job["id"])
    await assert_whole(system, ended, n)
    needed = n * SECTIONS
    assert needed <= await chat_calls(system) <= needed + kills * CONCURRENCY
    committed = await system.rows(
        "SELECT count(*) FROM job_step s JOIN job j ON j.id = s.job_id WHERE j.parent_id = $1::uuid",
        job["id"],
    )
    assert committed[0][0] == needed


async def test_kill_9_while_personas_are_made(system: System) -> None:
    study, count = await new_study(system), 30
    await system.configure_model(latency_ms=400)
    system.add_workers(2)
    submitted = await system.post(f"{study.base}/personas/auto-generate", {"count": count, "seed": 7})
    await system.reach(submitted["id"], 8)
    rows = await system.rows(
        "SELECT w.pid, j.progress_done FROM job j JOIN worker w ON w.id = j.worker_id WHERE j.id = $1::uuid",
        submitted["id"],
    )
    pid, done = rows[0]
    assert 8 <= done < count, "killed in the middle"
    victim = next(worker for worker in system.workers if worker.process.pid == pid)
    system.workers.remove(victim)
    victim.kill()
    ended = await system.finished(submitted["id"])
    assert ended["status"] == "succeeded", ended
    assert ended["usage"]["replayed_calls"] >= done
    people = await system.rows(
        "SELECT p.id::text, p.name, count(*) AS versions FROM persona p JOIN persona_version v ON v.persona_id = p.id"
        " WHERE p.job_id = $1::uuid GROUP BY p.id",
        submitted["id"],
    )
    assert sorted(row["id"] for row in people) == ended["result"]["persona_ids"]
    assert len({row["name"] for row in people}) == count
    assert {row["versions"] for row in people} == {1}
    steps = await system.rows("SELECT count(*) FROM job_step WHERE job_id = $1::uuid", submitted["id"])
    calls = int((await system.stats())["calls_by_schema"]["persona_prose"])
    assert steps[0][0] <= calls <= steps[0][0] + CONCURRENCY


async def test_a_frozen_worker_writes_nothing_after_it_wakes(system: System) -> None:
    await system.configure_model(latency_ms=200)
    study, n = await new_study(system), 120
    system.add_workers()
    job = await study.simulate(n)
    await system.reach(job["id"], 5)
    zombie = system.workers[0]
    zombie.send(signal.SIGSTOP)
    system.add_workers()
    await _lapsed(system, job["id"])
    zombie.send(signal.SIGCONT)
    ended = await system.finished(job["id"])
    await asyncio.sleep(1)
    await assert_whole(system, ended, n)
    late = await system.rows(
        "SELECT count(*) FROM job_step s JOIN job j ON j.id = s.job_id JOIN job_attempt a ON a.job_id = s.job_id"
        " WHERE j.parent_id = $1::uuid AND a.claim_epoch > s.claim_epoch AND s.created_at > a.started_at",
        job["id"],
    )
    assert late[0][0] == 0, "a step was written under a claim that was lost"


async def _lapsed(system: System, job_id: str) -> None:
    """Wait until a lease of the job or of its shards was taken from a silent worker."""
    for _ in range(600):
        rows = await system.rows(
            "SELECT 1 FROM job_attempt a JOIN job j ON j.id = a.job_id"
            " WHERE (j.parent_id = $1::uuid OR j.id = $1::uuid) AND a.outcome = 'lapsed' LIMIT 1",
            job_id,
        )
        if rows:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the freeze did not cost the worker its lease")


async def test_every_message_delivered_three_times_has_one_effect(system: System) -> None:
    study, n = await new_study(system), 60
    system.add_workers(2)
    redis, line = arq_redis(system.valkey.url), queue_name("batch")
    copied: set[str] = set()

    async def copy_messages() -> None:
        async with redis.monitor() as monitor:
            async for seen in monitor.listen():
                message = seen["command"].split(" ")[-1]
                if not seen["command"].startswith(f"ZADD {line} ") or "copy" in message:
                    continue
                copied.add(message)
                for number in (1, 2):
                    name = f"{message}:copy{number}"
                    await redis.enqueue_job(FUNCTION, message.split(":")[0], _job_id=name, _queue_name=line)

    copying = asyncio.create_task(copy_messages())
    job = await study.simulate(n)
    ended = await system.finished(job["id"])
    copying.cancel()
    await asyncio.gather(copying, return_exceptions=True)
    await redis.aclose(close_connection_pool=True)
    assert copied
    await assert_whole(system, ended, n)
    assert await chat_calls(system) == n * SECTIONS
    claims = await system.rows("SELECT max(claim_epoch) FROM job WHERE parent_id = $1::uuid", job["id"])
    assert claims[0][0] == 1


async def test_redis_flushed_again_and_again_and_restarted_in_mid_run(system: System) -> None:
    study, n = await new_study(system), 100
    system.add_workers(2)
    redis = arq_redis(system.valkey.url)
    jobs = [await study.simulate(n, seed) for seed in (1, 2)]
    for done in (20, 40, 60):
        await system.reach(jobs[0]["id"], done)
        await redis.flushall()
    await redis.aclose(close_connection_pool=True)
    await asyncio.to_thread(system.valkey.restart)
    for job in jobs:
        await assert_whole(system, await system.finished(job["id"]), n)
    assert await chat_calls(system) == 2 * n * SECTIONS


async def test_redis_down_at_submit_is_still_202_and_runs_when_it_is_back(system: System) -> None:
    study, n = await new_study(system), 20
    system.add_workers()
    await asyncio.to_thread(system.valkey.stop)
    try:
        job = await study.simulate(n)
        assert job["status"] == "queued"
        ready = await system.get("/readyz")
        assert ready["redis"] == "degraded"
        await asyncio.sleep(1)
        assert (await system.get(f"/jobs/{job['id']}"))["status"] == "queued"
    finally:
        await asyncio.to_thread(system.valkey.start)
    await assert_whole(system, await system.finished(job["id"]), n)


async def test_postgres_restarted_in_mid_run(system: System) -> None:
    study, n = await new_study(system), 100
    system.add_workers()
    job = await study.simulate(n)
    await system.reach(job["id"], 30)
    await asyncio.to_thread(system.postgres.stop)
    try:
        answer = await system.client.get(f"/jobs/{job['id']}")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "database_unavailable"
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        await asyncio.to_thread(system.postgres.start)
    await assert_whole(system, await system.finished(job["id"]), n)
    # Answers that were being committed as the server went are asked again: never more than were under way.
    needed = n * SECTIONS
    assert needed <= await chat_calls(system) <= needed + CONCURRENCY


async def test_cancel_stops_the_shards_and_a_retry_pays_only_for_the_rest(system: System) -> None:
    await system.configure_model(latency_ms=150)
    study, n = await new_study(system), 200
    system.add_workers()
    job = await study.simulate(n)
    await system.reach(job["id"], 60)
    asked = await system.client.post(f"/jobs/{job['id']}/cancel")
    assert asked.status_code == 202
    ended = await system.finished(job["id"], within_s=10)
    assert ended["status"] == "cancelled"
    open_children = await system.rows(
        "SELECT count(*) FROM job WHERE parent_id = $1::uuid AND finished_at IS NULL", job["id"]
    )
    assert open_children[0][0] == 0
    before = await chat_calls(system)
    await asyncio.sleep(1)
    assert await chat_calls(system) == before, "the model was asked after the cancel"
    results = await system.get(f"{study.base}/simulations/{job['subject_id']}/results")
    assert (results["status"], results["complete"]) == ("cancelled", False)
    for question in results["questions"]:
        assert 0 < question["n"] < n
        assert question["n"] + question["missing"]["cancelled"] == n
    again = await system.client.post(f"/jobs/{job['id']}/cancel")
    assert again.status_code == 200
    await system.configure_model()
    await retried(system, job, n)


async def retried(system: System, job: dict[str, Any], n: int) -> None:
    """Retry a cancelled simulation: what was committed before is not asked again."""
    committed = await system.rows(
        "SELECT count(*) FROM job_step s JOIN job j ON j.id = s.job_id WHERE j.parent_id = $1::uuid", job["id"]
    )
    assert (await system.client.post(f"/jobs/{job['id']}/retry")).status_code == 202
    ended = await system.finished(job["id"])
    assert ended["status"] == "succeeded"
    assert len(await answers_of(system, job["subject_id"])) == n * QUESTIONS
    assert await chat_calls(system) == n * SECTIONS - committed[0][0]


@pytest.mark.parametrize("method", [pytest.param("direct", marks=pytest.mark.slow), "auto"])
async def test_a_seed_fixes_the_dataset_whatever_the_workers(system: System, method: str) -> None:
    study, n = await new_study(system), 60
    await system.configure_model(latency_ms=10)
    exports = []
    system.add_workers()
    for seed, more, kill in ((42, 0, False), (42, 2, False), (42, 0, True), (43, 0, False)):
        system.add_workers(more)
        # Without what the workspace remembers, so that every run asks for itself.
        await system.rows("DELETE FROM llm_answer")
        job = await study.simulate(n, seed, method)
        if kill:
            await system.reach(job["id"], 20)
            system.workers.pop().kill()
        ended = await system.finished(job["id"])
        assert ended["status"] == "succeeded"
        exports.append([await study.export(job["subject_id"], format_) for format_ in ("csv", "jsonl")])
    assert exports[0] == exports[1] == exports[2]
    assert exports[3][0] != exports[0][0]


async def test_an_innocent_job_outlives_its_workers_and_one_that_kills_its_own_process_is_poison(
    system: System,
) -> None:
    job = await fruitless(system)
    alone = await _claimed(system, job["id"])
    assert alone not in [worker.process.pid for worker in system.workers]
    for worker in system.workers:  # among them that which let it run alone
        worker.kill()
    system.workers.clear()
    system.add_workers()
    os.kill(await _claimed(system, job["id"], other_than=alone), signal.SIGKILL)
    ended = await system.finished(job["id"])
    assert (ended["status"], ended["error"]["code"]) == ("failed", "job_poison")
    events = await system.rows("SELECT type FROM event WHERE job_id = $1::uuid", job["id"])
    assert [row[0] for row in events] == ["job.failed"]
    assert system.workers[-1].process.poll() is None
    await system.configure_model(latency_ms=40)
    assert (await system.client.post(f"/jobs/{job['id']}/retry")).status_code == 202
    assert (await system.finished(job["id"]))["status"] == "succeeded"


async def fruitless(system: System) -> dict[str, Any]:
    """Return a job under whose shard workers died so often, with nothing committed, that it runs alone from now on.

    Two workers run, so that the next one is there when one dies.
    """
    await system.configure_model(latency_ms=60_000)
    study = await new_study(system)
    system.add_workers(2)
    job = await study.simulate(5)
    for _ in range(SUSPECT_AFTER):
        pid = await _claimed(system, job["id"])
        victim = next(worker for worker in system.workers if worker.process.pid == pid)
        system.workers.remove(victim)
        victim.kill()
        system.add_workers()
    return job


@pytest.mark.slow
async def test_a_suspect_that_hangs_is_killed_and_runs_again(system: System) -> None:
    job = await fruitless(system)
    hung = await _claimed(system, job["id"])
    assert hung not in [worker.process.pid for worker in system.workers]
    os.kill(hung, signal.SIGSTOP)
    await system.configure_model(latency_ms=40)
    await assert_whole(system, await system.finished(job["id"]), 5)
    for _ in range(600):
        if not _lives(hung):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the hung process still lives")


async def _claimed(system: System, parent_id: str, other_than: int = 0) -> int:
    """Wait until a live process other than that one has a shard of the job; return its pid."""
    for _ in range(600):
        rows = await system.rows(
            "SELECT w.pid FROM job j JOIN worker w ON w.id = j.worker_id WHERE j.parent_id = $1::uuid AND w.pid <> $2"
            " AND j.status = 'running' AND j.lease_until > clock_timestamp()",
            parent_id,
            other_than,
        )
        if rows and _lives(rows[0][0]):
            return int(rows[0][0])
        await asyncio.sleep(0.1)
    raise AssertionError("no worker took the shard")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True

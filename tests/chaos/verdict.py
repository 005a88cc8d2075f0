"""What must be true after a storm, each statement with what speaks against it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from core.jobs.queue import arq_redis, queue_name
from core.settings import POOLS
from tests.chaos.storm import Storm

CONCURRENCY: Final = 16
QUESTIONS: Final = 3
# What Postgres says when a client, or the server itself, goes away in the middle of something.
LEFT: Final = ("canceling statement due to user request", "canceling autovacuum task")
LAST_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement and what speaks against it, if anything."""

    statement: str
    against: str

    def __str__(self) -> str:
        return f"  BROKEN  {self.statement}: {self.against}" if self.against else f"  holds   {self.statement}"


async def judge(storm: Storm) -> list[Finding]:
    """Return all statements about a storm that is over."""
    return [
        Finding(statement, against)
        for part in (_jobs(storm), _effects(storm), _servers(storm))
        async for statement, against in part
    ]


async def _jobs(storm: Storm) -> AsyncIterator[tuple[str, str]]:
    rows = await storm.system.rows("SELECT id, status, error FROM job WHERE parent_id IS NULL")
    status = {str(row["id"]): row["status"] for row in rows}
    accepted = storm.load.accepted
    yield "every job that was accepted is there", _list(one.job_id for one in accepted if one.job_id not in status)
    made = len(rows) - len(accepted)
    yield "each key made one job, however often it came", _list(storm.load.doubled) or (f"{made} too many" * (made > 0))
    yield (
        f"every job is done {storm.calm_after_s:.1f} s after the last disturbance",
        f"{storm.left} are not" * (storm.left > 0),
    )
    may_end = {one.job_id: {"succeeded"} | ({"cancelled"} if one.cancelled else set()) for one in accepted}
    wrong = [row for row in rows if row["status"] not in may_end.get(str(row["id"]), {"succeeded"})]
    yield "what its owner did not cancel succeeded", _list(f"{row['status']} {row['error']}" for row in wrong)
    bad = await storm.system.rows(
        "SELECT j.id FROM job j WHERE parent_id IS NULL AND ("
        " SELECT count(*) FROM event e WHERE e.job_id = j.id AND e.type LIKE 'job.%') <> ("
        " SELECT count(*) FROM job_event t WHERE t.job_id = j.id AND t.event = 'done')"
    )
    yield "each end of a job is told once", _list(row["id"] for row in bad)
    bad = await storm.system.rows(
        "SELECT j.id, j.status FROM job j WHERE j.status = 'running' AND j.lease_until < clock_timestamp() OR EXISTS ("
        " SELECT FROM job_attempt a WHERE a.job_id = j.id AND a.finished_at IS NULL AND j.status <> 'running')"
    )
    yield "nothing runs without a live lease", _list(f"{row['status']} {row['id']}" for row in bad)


async def _effects(storm: Storm) -> AsyncIterator[tuple[str, str]]:
    rows = await storm.system.rows(
        "SELECT j.id, j.status, (SELECT count(*) FROM respondent r WHERE r.simulation_id = j.subject_id) AS people,"
        " (SELECT count(*) FROM answer a WHERE a.simulation_id = j.subject_id AND missing_reason IS NULL) AS answers"
        " FROM job j WHERE j.kind = 'simulations.run' AND j.status = 'succeeded'"
    )
    size = {one.job_id: one.size for one in storm.load.accepted}
    short = [
        f"{row['people']} people, {row['answers']} answers of {size[str(row['id'])]} people"
        for row in rows
        if (row["people"], row["answers"]) != (size[str(row["id"])], QUESTIONS * size[str(row["id"])])
    ]
    yield f"{len(rows)} simulations have one answer per respondent and question", _list(short)
    [count] = await storm.system.rows(
        "SELECT (SELECT count(*) FROM persona) AS people,"
        " (SELECT count(*) FROM job WHERE kind = 'personas.generate' AND status = 'succeeded') AS made"
    )
    by_hand = len(storm.load.study.persona_ids)
    lost = count["people"] != by_hand + count["made"]
    yield f"{count['made']} jobs made one persona each", f"there are {count['people'] - by_hand}" * lost
    bad = await storm.system.rows(
        "SELECT j.id FROM job j WHERE j.kind = 'reports.build' AND j.status = 'succeeded' AND ("
        " (SELECT count(*) FROM stored_file f WHERE f.subject_id = j.subject_id) <> 1 OR"
        " (SELECT count(*) FROM event e WHERE e.job_id = j.id AND e.type = 'report.ready') <> 1)"
    )
    yield "each report was kept once", _list(row["id"] for row in bad)
    bad = await storm.system.rows(
        "SELECT j.id, j.usage_calls, l.calls FROM job j LEFT JOIN (SELECT job_id, count(*) AS calls,"
        " sum(input_tokens) AS i, sum(output_tokens) AS o FROM llm_call GROUP BY job_id) l ON l.job_id = j.id"
        " WHERE (usage_calls, usage_input_tokens, usage_output_tokens) <>"
        " (coalesce(l.calls, 0), coalesce(l.i, 0), coalesce(l.o, 0))"
    )
    yield "ledger and usage agree", _list(f"{row['usage_calls']} calls, {row['calls']} in the ledger" for row in bad)
    stats, most = await storm.system.stats(), in_flight(storm)
    asked = f"{stats['repeated_requests']} of {sum(stats['requests'].values())} requests were repeated"
    yield f"{asked}, no more than may have been in flight ({most})", "more" * (stats["repeated_requests"] > most)


def in_flight(storm: Storm) -> int:
    """Return how many calls at most were under way where a disturbance hit, and in runs that were resumed."""
    workers = len(storm.plan.clocks_s)
    hit = Counter(strike.planned.kind.split()[0] for strike in storm.strikes)
    resumed = sum(one.retried for one in storm.load.accepted)
    return CONCURRENCY * (hit["worker"] + workers * hit["postgres"] + resumed)


async def _servers(storm: Storm) -> AsyncIterator[tuple[str, str]]:
    waiting = await _lines(storm)
    yield "no message is left in a line", _list(f"{count} in {pool}" for pool, count in waiting.items() if count)
    bad = {code: count for code, count in storm.load.statuses.items() if code >= 500 and code != 503}
    yield "the service failed with 503 only", _list(f"{count} times {code}" for code, count in bad.items())
    yield "Postgres had nothing to complain of", _list(complaints(storm.system.postgres.log.read_text()))
    yield "no process met an error it did not expect", _list(storm.trouble())


async def _lines(storm: Storm) -> dict[str, int]:
    """Return how many messages wait in each pool's line; workers have a moment to take those that nobody needs."""
    redis = arq_redis(storm.system.valkey.url)
    waiting = {}
    for _ in range(50):
        waiting = {pool: int(await redis.zcard(queue_name(pool))) for pool in POOLS}
        if not any(waiting.values()):
            break
        await asyncio.sleep(0.1)
    await redis.aclose(close_connection_pool=True)
    return waiting


def complaints(log: str) -> list[str]:
    """Return the errors in Postgres' log that are no consequence of an end."""
    found = re.findall(r"\b(?:ERROR|PANIC):  .*", log)
    return [line for line in found if not any(reason in line for reason in LEFT)]


def _list(found: Any) -> str:
    several = [str(one) for one in found]
    return "; ".join(several[:LAST_LINES]) + (f" … {len(several)} in all" if len(several) > LAST_LINES else "")

"""What holds of jobs at every moment, whatever happened to them; each check reads a picture of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from core.jobs.models import ACTIVE, DONE, OPEN
from core.jobs.records import Usage
from tests.fuzz.job_ground import Picture

ENDS: Final = {("running", end) for end in DONE} | {(start, "cancelled") for start in OPEN}
RETRIES: Final = {(end, start) for end in ("failed", "cancelled") for start in ("queued", "waiting")}
ALLOWED: Final = ENDS | RETRIES | {
    ("queued", "dispatched"), ("retry_wait", "dispatched"),
    ("queued", "running"), ("dispatched", "running"), ("retry_wait", "running"),
    ("running", "queued"), ("running", "retry_wait"), ("running", "waiting"), ("waiting", "queued"),
}  # fmt: skip


def moves(now: Picture, job_id: UUID) -> Iterator[tuple[str, str]]:
    """Yield the changes of a job's status in the order they were made."""
    for change in now.changes:
        if change["job_id"] == job_id and change["old_status"] != change["new_status"]:
            yield change["old_status"], change["new_status"]


def check_changes(now: Picture) -> None:
    """Only allowed moves; neither epoch nor version ever falls; a new claim is a new epoch, and nothing else is."""
    for change in now.changes:
        move = change["old_status"], change["new_status"]
        assert move[0] == move[1] or move in ALLOWED, f"a job went {move[0]} → {move[1]}"
        assert change["new_version"] >= change["old_version"], f"the version fell: {change}"
        assert move[0] == move[1] or change["new_version"] > change["old_version"], f"no new version: {change}"
        claimed = move[1] == "running" != move[0]
        assert change["new_epoch"] == change["old_epoch"] + claimed, f"the epoch is not the count of claims: {change}"


def check_claims(now: Picture) -> None:
    """One live claim for a running job, none for any other; every claim left its row."""
    live = [(row["job_id"], row["claim_epoch"]) for row in now.attempts if row["finished_at"] is None]
    running = [(job["id"], job["claim_epoch"]) for job in now.jobs.values() if job["status"] == "running"]
    assert sorted(live) == sorted(running), f"open attempts {live}, running jobs {running}"
    count = Counter(row["job_id"] for row in now.attempts)
    for job in now.jobs.values():
        assert count[job["id"]] == job["claim_epoch"], f"{count[job['id']]} attempts, epoch {job['claim_epoch']}"
        assert job["attempt"] <= job["max_attempts"], f"attempt {job['attempt']} of {job['max_attempts']}"


def check_stuck(now: Picture) -> None:
    """Every open job is claimable, waits for a time or its shards, is to be cancelled, or runs under a lease."""
    for job in now.jobs.values():
        status = job["status"]
        assert status in (*ACTIVE, *DONE), status
        assert (job["finished_at"] is not None) == (status in DONE), f"{status}, finished at {job['finished_at']}"
        assert (job["lease_until"] is not None) == (status == "running"), f"{status} under lease {job['lease_until']}"
        assert (job["deadline_at"] is not None) == (status == "running"), f"{status}, deadline {job['deadline_at']}"
        assert (job["next_attempt_at"] is not None) == (status == "retry_wait"), f"{status}: {job['next_attempt_at']}"
        assert status != "waiting" or job["children_open"] > 0, "a parent waits for nobody"


def check_told(now: Picture) -> None:
    """Events of a job's stream rise with its version; each end is told once, in the stream and in the outbox."""
    for job in now.jobs.values():
        told = [row for row in now.told if row["job_id"] == job["id"]]
        numbers = [row["sequence"] for row in told]
        assert all(one < other for one, other in pairwise(numbers)), f"sequences {numbers}"
        assert not numbers or numbers[-1] <= job["version"], f"sequence {numbers[-1]}, version {job['version']}"
        ends = [to for _, to in moves(now, job["id"]) if to in DONE]
        assert [row["event"] for row in told].count("done") == len(ends), f"{len(ends)} ends, told {told}"
        outbox = [row["type"] for row in now.events if row["job_id"] == job["id"]]
        wanted = [] if job["parent_id"] else [f"job.{end}" for end in ends]
        assert outbox == wanted, f"the outbox has {outbox}, the job's ends are {wanted}"


def check_parents(now: Picture) -> None:
    """A waiting parent counts its unfinished shards; each round of them queues it once."""
    for job in now.jobs.values():
        shards = now.children(job["id"])
        open_shards = [shard for shard in shards if shard["status"] not in DONE]
        assert [shard["shard_no"] for shard in shards] == list(range(job["children_total"])), "shards lost or doubled"
        waits = job["status"] == "waiting"
        assert len(open_shards) == (job["children_open"] if waits else 0), f"{job['status']}: {len(open_shards)} open"
        made = Counter(moves(now, job["id"]))
        rounds = sum(number for (_, to), number in made.items() if to == "waiting")
        assert made["waiting", "queued"] == rounds - waits, f"{rounds} rounds, queued {made['waiting', 'queued']} times"


def check_amounts(now: Picture, spent: Mapping[UUID, Usage], steps: Mapping[UUID, Any]) -> None:
    """What good claims committed is there, and nothing else: usage, steps; progress stays within its total."""
    for job in now.jobs.values():
        kept = spent.get(job["id"], Usage())
        stored = Usage(
            job["usage_calls"], job["usage_input_tokens"], job["usage_output_tokens"], job["usage_cost_usd"],
            job["usage_replayed_calls"],
        )  # fmt: skip
        assert stored == kept, f"stored {stored}, committed {kept}"
        assert job["steps"] == len(steps.get(job["id"], ())), f"{job['steps']} steps, committed {steps.get(job['id'])}"
        done, total = job["progress_done"], job["progress_total"]
        assert not total or done <= total, f"progress {done} of {total}"


def check_retries(now: Picture, retried: Mapping[UUID, int]) -> None:
    """What was ended stays ended, unless its owner asked for another round."""
    for job in now.jobs.values():
        again = sum(1 for move in moves(now, job["id"]) if move in RETRIES)
        asked = retried.get(job["parent_id"] or job["id"], 0)
        assert again == asked if job["parent_id"] is None else again <= asked, f"{again} rounds more, {asked} asked for"

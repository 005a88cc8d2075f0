"""The figures of a storm, and all that is said of it when it is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from tests.chaos.plan import Plan
from tests.chaos.storm import Storm, Strike
from tests.chaos.verdict import Finding
from tests.fixtures.system import LEASE_S

SWEEP_S: Final = LEASE_S / 3
_LAPSED = """
    SELECT w.pid, a.started_at, a.finished_at, coalesce((SELECT min(n.started_at) FROM job_attempt n
        WHERE n.job_id = a.job_id AND n.claim_epoch > a.claim_epoch), a.finished_at) AS next_at
    FROM job_attempt a JOIN worker w ON w.id = a.worker_id WHERE a.outcome = 'lapsed'
"""


async def figures(storm: Storm) -> list[str]:
    """Return what was counted and measured."""
    jobs = await storm.system.rows("SELECT kind, status, count(*) FROM job GROUP BY kind, status ORDER BY kind, status")
    ended = await storm.system.rows("SELECT outcome, count(*) FROM job_attempt GROUP BY outcome ORDER BY outcome")
    statuses = ", ".join(f"{code}: {count}" for code, count in sorted(storm.load.statuses.items()))
    return [
        "jobs: " + ", ".join(f"{row['count']} {row['kind']} {row['status']}" for row in jobs),
        "runs: " + ", ".join(f"{row['count']} {row['outcome']}" for row in ended),
        f"requests to the service: {statuses}, without answer: {storm.load.unanswered}",
        await _recovery(storm),
    ]


async def _recovery(storm: Storm) -> str:
    """Say how long jobs of killed workers waited for their next run."""
    lapsed = await storm.system.rows(_LAPSED)
    kills = [strike for strike in storm.strikes if strike.planned.kind == "worker killed"]
    waits = [(strike, row) for strike in kills for row in lapsed if _was_hit(strike, row)]
    alone = [(strike, row) for strike, row in waits if not _disturbed(storm.strikes, strike, row["next_at"])]
    return (
        f"next run after a kill, lease {LEASE_S:g} s and sweep {SWEEP_S:.1f} s: {_longest(waits)};"
        f" where nothing else went wrong meanwhile: {_longest(alone)}"
    )


def _was_hit(strike: Strike, row: Any) -> bool:
    return bool(strike.pid == row["pid"] and row["started_at"] <= strike.began_at <= row["finished_at"])


def _disturbed(strikes: Sequence[Strike], of: Strike, until: Any) -> bool:
    margin = timedelta(seconds=LEASE_S)
    return any(one is not of and one.began_at < until and one.ended_at + margin > of.began_at for one in strikes)


def _longest(waits: Sequence[tuple[Strike, Any]]) -> str:
    if not waits:
        return "none"
    seconds = max((row["next_at"] - strike.began_at).total_seconds() for strike, row in waits)
    return f"{seconds:.1f} s at most, of {len(waits)}"


def summary(plan: Plan, findings: Sequence[Finding], counted: Sequence[str], strikes: Sequence[Strike]) -> str:
    """Return all that is to be said of a storm."""
    came = Counter(strike.planned.kind for strike in strikes)
    again = f"make chaos SEED={plan.seed} MINUTES={plan.duration_s / 60:g}"
    return "\n".join(
        [
            f"Storm of {plan.duration_s:g} s with {sum(came.values())} disturbances, seed {plan.seed} ({again})",
            *(f"  {line}" for line in str(plan).splitlines()),
            *(f"  {line}" for line in counted),
            *map(str, findings),
        ]
    )

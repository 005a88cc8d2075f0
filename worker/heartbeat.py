"""Keeps the leases of this process alive from a thread of its own, so that a busy event loop cannot lose them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import structlog

from core.db.session import LONGEST_SILENCE, asyncpg_url
from core.settings import Settings, require

log = structlog.get_logger(__name__)
Verdict = Literal["cancelled", "lost"]
# Share of the lease after which a job that could not be renewed stops itself, before another may take it.
STOP_SHARE: Final = 0.85

_ENTER = (
    "SELECT set_config('role', 'sp_app', true), set_config('app.workspace_ids', '*', true),"
    f" set_config('idle_in_transaction_session_timeout', '{LONGEST_SILENCE}', true)"
)
_RENEW = """
    WITH held AS (SELECT * FROM unnest($1::uuid[], $2::bigint[]) AS h(id, epoch)),
    locked AS (SELECT job.id FROM job JOIN held ON job.id = held.id ORDER BY job.id FOR UPDATE OF job),
    renewed AS (
        UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => $3)
        FROM held, locked
        WHERE job.id = locked.id AND job.id = held.id AND job.claim_epoch = held.epoch AND job.status = 'running'
            AND (job.deadline_at IS NULL OR job.deadline_at > clock_timestamp())
        RETURNING job.id, job.cancel_requested_at IS NOT NULL AS cancelled
    ), alive AS (
        UPDATE worker SET heartbeat_at = clock_timestamp(), running = cardinality($1::uuid[]) WHERE id = $4
    )
    SELECT id, cancelled FROM renewed
"""


@dataclass(slots=True)
class Hold:
    """A job this process runs: how to end it, and when its lease was last known good (monotonic seconds)."""

    job_id: UUID
    epoch: int
    stop: Callable[[Verdict], None]
    renewed_at: float


class Heartbeat(threading.Thread):
    """Renews every third of the lease; calls `stop` (in this thread) for jobs that are cancelled or lost."""

    def __init__(self, settings: Settings, worker_id: UUID) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._url = asyncpg_url(require(settings.database_url, "DATABASE_URL"))
        self._statement_cache = 100 if settings.database_statement_cache else 0
        self._lease_s = settings.job_lease_s
        self._worker_id = worker_id
        self._holds: dict[UUID, Hold] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._connection: asyncpg.Connection | None = None

    def hold(self, job_id: UUID, epoch: int, stop: Callable[[Verdict], None]) -> None:
        """Keep a claimed job's lease alive until `release`."""
        with self._lock:
            self._holds[job_id] = Hold(job_id, epoch, stop, time.monotonic())

    def release(self, job_id: UUID, epoch: int) -> None:
        """Stop renewing a job; a newer hold of the same job stays."""
        with self._lock:
            found = self._holds.get(job_id)
            if found is not None and found.epoch == epoch:
                del self._holds[job_id]

    def wake(self) -> None:
        """Beat at once: somebody asked for a cancel."""
        self._wake.set()

    def end(self) -> None:
        """Stop the thread."""
        self._ending = True
        self._wake.set()

    def run(self) -> None:
        """Beat until `end`."""
        with asyncio.Runner() as runner:
            while not self._ending:
                started = time.monotonic()
                try:
                    runner.run(self._beat(started))
                except Exception as error:  # noqa: BLE001 - whatever it was, the next beat tries anew
                    log.warning("heartbeat_failed", error=str(error) or type(error).__name__)
                    self._drop(runner)
                    self._stop_overdue()
                    self._wake.wait(min(0.5, self._lease_s / 10))
                else:
                    self._wake.wait(self._lease_s / 3)
                self._wake.clear()
            self._drop(runner)

    async def _beat(self, started: float) -> None:
        timeout_s = max(1.0, self._lease_s / 3)
        connection = self._connection
        if connection is None or connection.is_closed():
            connection = self._connection = await asyncpg.connect(
                self._url,
                timeout=timeout_s,
                command_timeout=timeout_s,
                statement_cache_size=self._statement_cache,
            )
        with self._lock:
            holds = list(self._holds.values())
        async with connection.transaction():
            await connection.execute(_ENTER)
            rows = await connection.fetch(
                _RENEW, [h.job_id for h in holds], [h.epoch for h in holds], self._lease_s, self._worker_id
            )
        self._judge(holds, {row["id"]: row["cancelled"] for row in rows}, started)

    def _judge(self, holds: list[Hold], renewed: dict[UUID, Any], started: float) -> None:
        for hold in holds:
            if hold.job_id not in renewed:
                self._end_run(hold, "lost")
            elif renewed[hold.job_id]:
                self._end_run(hold, "cancelled")
                hold.renewed_at = started
            else:
                hold.renewed_at = started

    def _stop_overdue(self) -> None:
        limit = time.monotonic() - self._lease_s * STOP_SHARE
        with self._lock:
            overdue = [hold for hold in self._holds.values() if hold.renewed_at < limit]
        for hold in overdue:
            self._end_run(hold, "lost")

    def _end_run(self, hold: Hold, verdict: Verdict) -> None:
        with self._lock:
            current = self._holds.get(hold.job_id)
            if current is not hold:
                return
            if verdict == "lost":
                del self._holds[hold.job_id]
        hold.stop(verdict)

    def _drop(self, runner: asyncio.Runner) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with suppress(Exception):
                connection.terminate()
                runner.run(asyncio.sleep(0))

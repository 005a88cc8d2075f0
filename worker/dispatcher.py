"""The loop of the leading worker: rescue, cancel, dispatch, tell. One leads; any may, when its lease lapses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Final, TypeVar
from uuid import UUID

import structlog

from core.auth import onetime, sessions
from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.events import service as events
from core.evidence import service as evidence
from core.exports import service as exports
from core.jobs import dispatching
from core.jobs.queue import JobQueue
from core.jobs.service import announce_finished
from core.mail import service as mail
from core.webhooks import keeping as webhooks
from worker.fanout import fan_out, tell_progress

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
LEADERSHIP: Final = "dispatcher"
LONGEST_LEAD_S: Final = 5.0
INTERVAL_S: Final = 1.0
BACKLOG_INTERVAL_S: Final = 0.1
PURGE_INTERVAL_S: Final = 600.0


class Dispatcher:
    """Sweeps once a second while this process leads."""

    def __init__(self, worker_id: UUID, queue: JobQueue, lease_s: float) -> None:
        self._worker_id = worker_id
        self._queue = queue
        self._interval_s = min(INTERVAL_S, lease_s / 3)
        self._lead_s = min(LONGEST_LEAD_S, max(lease_s, 2 * self._interval_s))
        self._purged_at = time.monotonic()

    async def run(self) -> None:
        """Sweep until cancelled, at once again while more waits than a round takes."""
        while True:
            backlog = False
            try:
                backlog = await self.sweep()
            except DatabaseUnavailable:
                log.warning("sweep_skipped", reason="database unavailable")
            await asyncio.sleep(BACKLOG_INTERVAL_S if backlog else self._interval_s)

    async def sweep(self) -> bool:
        """Do what there is to do, if this process leads; tell whether more waits than it did.

        An error of one part is logged, the others go on and the next round tries anew.
        """
        async with db.scope(db.SYSTEM) as session:
            if not await dispatching.lead(session, LEADERSHIP, self._worker_id, self._lead_s):
                return False
            duties = await dispatching.look(session)
            untold = await events.any_waiting(session)
            reporting = await webhooks.any_wants_progress(session)
        if duties.lapsed:
            await _guarded(self._rescue())
        if duties.cancelling:
            await _guarded(self._cancel())
        if duties.paused:
            await _guarded(self._hold())
        if duties.stale:
            await _guarded(self._find_lost())
        await _guarded(self._purge())
        more = [await _guarded(self._dispatch(pool, duties.paused)) for pool in duties.waiting]
        if reporting:
            await _guarded(tell_progress())
        if untold or reporting:
            more.append(await _guarded(fan_out()))
        return any(more)

    async def _rescue(self) -> None:
        async with db.scope(db.SYSTEM) as session:
            hints, ended = await dispatching.rescue_lapsed(session)
        if hints:
            log.info("jobs_rescued", job_ids=[str(hint.job_id) for hint in hints])
        await self._queue.announce(hints)
        await announce_finished(ended)

    async def _cancel(self) -> None:
        async with db.scope(db.SYSTEM) as session:
            running = await dispatching.cascade_cancel(session)
        async with db.scope(db.SYSTEM) as session:
            ended = await dispatching.settle_cancelled(session)
        if running:
            await self._queue.nudge(running)
        if ended:
            await announce_finished(ended)

    async def _hold(self) -> None:
        async with db.scope(db.SYSTEM) as session:
            await dispatching.withdraw_paused(session)

    async def _find_lost(self) -> None:
        """Send again what was dispatched but whose message is gone; leave alone what waits in line."""
        async with db.scope(db.SYSTEM) as session:
            stale = await dispatching.stale(session)
        lost = await self._queue.lost(stale)
        if not stale or lost is None:
            return
        lost_ids = [hint.job_id for hint in lost]
        waiting = [hint.job_id for hint in stale if hint.job_id not in set(lost_ids)]
        async with db.scope(db.SYSTEM) as session:
            if waiting:
                await dispatching.renew(session, waiting, again=False)
            again = await dispatching.renew(session, lost_ids, again=True) if lost_ids else []
        await self._queue.announce(again)

    async def _dispatch(self, pool: str, paused: bool) -> bool:
        """Fill a pool's line, with what is not paused; tell whether it took all its room."""
        room = await self._queue.room(pool)
        async with db.scope(db.SYSTEM) as session:
            hints = await dispatching.dispatch(session, pool, room, paused=paused)
        return await self._queue.announce(hints) and 0 < room <= len(hints)

    async def _purge(self) -> None:
        if time.monotonic() - self._purged_at < PURGE_INTERVAL_S:
            return
        self._purged_at = time.monotonic()
        async with db.scope(db.SYSTEM) as session:
            await dispatching.purge(session)
            await onetime.purge(session)
            await sessions.purge(session)
            await mail.purge(session)
            await webhooks.purge(session)
            await exports.purge(session)
            await evidence.settle(session)


async def _guarded(part: Awaitable[Result]) -> Result | None:
    """Do one part of a sweep; what goes wrong in it is logged, and the other parts go on."""
    try:
        return await part
    except DatabaseUnavailable:
        raise
    except Exception:
        log.exception("sweep_part_failed")
        return None

"""arq workers, one per pool: woken by a doorbell, reconnecting in place, taking each message once.

Several workers share a line: none takes more than its part of it at once, and one that has people standing in line
lets others look first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker, func

from core.jobs.queue import FUNCTION, JobQueue, doorbell_channel, dump, load, queue_name
from core.redis.connection import REDIS_ERRORS

log = structlog.get_logger(__name__)
POLL_S: Final = 1.0
RECONNECT_S: Final = 0.5
PAUSE_S: Final = 0.02
"""How long what a worker left in line is the others'."""
PEERS_AGAIN_S: Final = 1.0
HALF_PATIENT: Final = 5.0
"""People in line per place at which a worker is half as patient as it ever gets."""


def patience_s(line: float) -> float:
    """Return how long a worker leaves a message to others, by the people in line per place: below a second."""
    return line / (line + HALF_PATIENT)


class PoolWorker(Worker):
    """arq's worker with a doorbell, taking as many messages at once as it has free slots.

    Whether a job may run is decided by its claim in Postgres. So arq's own marks on running jobs, its retries, results
    and timeouts are not needed: a message is taken out of the line for good, and a lost one is sent again.
    """

    def __init__(
        self,
        queue: JobQueue,
        pool: str,
        slots: int,
        run: Callable[[UUID], Awaitable[None]],
        line: Callable[[], float] | None = None,
    ) -> None:
        async def run_job(ctx: dict[Any, Any], *args: Any, **_kwargs: Any) -> None:
            del ctx
            await run(UUID(args[0]))

        super().__init__(
            [func(run_job, name=FUNCTION)],  # never called: arq wants one, `_poll_iteration` starts jobs itself
            queue_name=queue_name(pool),
            redis_pool=queue.redis,
            max_jobs=slots,
            poll_delay=POLL_S,
            handle_signals=False,
            job_serializer=dump,
            job_deserializer=load,
            log_results=False,
            health_check_interval=60,
        )
        self.pool_name = pool
        self._queue = queue
        self._run = run
        self._line = line
        self._bell = asyncio.Event()
        self._look_again_s = POLL_S
        self._patient_until: float | None = None
        self._peers = 1
        self._peers_at = 0.0

    def ring(self) -> None:
        """Look at the queue now."""
        self._bell.set()

    async def main(self) -> None:
        """Poll when the doorbell rings, soon where something was left in line, and every second in any case."""
        while True:
            self._bell.clear()
            try:
                await self._poll_iteration()
            except REDIS_ERRORS as error:
                log.warning("queue_unavailable", pool=self.pool_name, error=str(error))
                await asyncio.sleep(RECONNECT_S)
                continue
            try:
                async with asyncio.timeout(self._look_again_s):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def _poll_iteration(self) -> None:
        self._look_again_s = POLL_S
        free = self.max_jobs - len(self.tasks)
        if self.allow_pick_jobs and free > 0 and (most := await self._part(free)):
            taken = await self._queue.take(self.pool_name, most)
            for job_id in taken:
                self._start(job_id)
            if len(taken) == most < free:
                self._look_again_s = PAUSE_S
        await self.heart_beat()

    async def _part(self, free: int) -> int:
        """Return how many messages to take now: all there is room for, or this worker's part of the waiting ones.

        Where people stand in line for places of this process, it takes nothing at first, and then one message at a
        time: of several such workers the one with the shortest line takes it.
        """
        if await self._count_peers() == 1:
            return free
        line = self._line() if self._line is not None else 0.0
        if line > 0:
            now = time.monotonic()
            self._patient_until = self._patient_until or now + patience_s(line)
            if now < self._patient_until:
                self._look_again_s = self._patient_until - now
                return 0
            self._patient_until = None
            return 1
        self._patient_until = None
        waiting = int(await self._queue.redis.zcard(queue_name(self.pool_name)))
        return min(free, -(-waiting // self._peers))

    async def _count_peers(self) -> int:
        """Return how many workers listen for this pool, this one included; asked once a second."""
        if time.monotonic() - self._peers_at >= PEERS_AGAIN_S:
            self._peers_at = time.monotonic()
            [(_, listening)] = await self._queue.redis.pubsub_numsub(doorbell_channel(self.pool_name))
            self._peers = max(1, int(listening))
        return self._peers

    def _start(self, job_id: UUID) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(self._run(job_id), loop=self.loop)
        name = str(id(task))
        self.tasks[name] = task
        task.add_done_callback(lambda _: self._ended(name))

    def _ended(self, name: str) -> None:
        task = self.tasks.pop(name)
        self.jobs_complete += 1
        if not task.cancelled() and (error := task.exception()):
            log.error("run_broke", pool=self.pool_name, exc_info=error)
        self.ring()


async def listen(redis: ArqRedis, workers: list[PoolWorker], nudge_channel: str, nudged: Callable[[], None]) -> None:
    """Hear doorbells and nudges until cancelled; reconnects for ever."""
    by_channel = {doorbell_channel(worker.pool_name): worker for worker in workers}
    while True:
        try:
            async with redis.pubsub() as pubsub:
                await pubsub.subscribe(*by_channel, nudge_channel)
                for worker in workers:
                    worker.ring()
                while True:
                    message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=10)
                    if message is None:
                        continue
                    channel = message["channel"].decode()
                    if channel == nudge_channel:
                        nudged()
                    elif channel in by_channel:
                        by_channel[channel].ring()
        except REDIS_ERRORS as error:
            log.warning("doorbell_unavailable", error=str(error))
            await asyncio.sleep(RECONNECT_S)

"""arq workers, one per pool: woken by a doorbell, reconnecting in place, taking each message once."""

from __future__ import annotations

import asyncio
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


class PoolWorker(Worker):
    """arq's worker with a doorbell, taking as many messages at once as it has free slots.

    Whether a job may run is decided by its claim in Postgres. So arq's own marks on running jobs, its retries, results
    and timeouts are not needed: a message is taken out of the line for good, and a lost one is sent again.
    """

    def __init__(self, queue: JobQueue, pool: str, slots: int, run: Callable[[UUID], Awaitable[None]]) -> None:
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
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Look at the queue now."""
        self._bell.set()

    async def main(self) -> None:
        """Poll when the doorbell rings, and every second in case it was not heard."""
        while True:
            self._bell.clear()
            try:
                await self._poll_iteration()
            except REDIS_ERRORS as error:
                log.warning("queue_unavailable", pool=self.pool_name, error=str(error))
                await asyncio.sleep(RECONNECT_S)
                continue
            try:
                async with asyncio.timeout(self.poll_delay_s):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def _poll_iteration(self) -> None:
        free = self.max_jobs - len(self.tasks)
        if self.allow_pick_jobs and free > 0:
            for job_id in await self._queue.take(self.pool_name, free):
                self._start(job_id)
        await self.heart_beat()

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

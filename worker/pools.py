"""arq workers, one per pool: woken by a doorbell, reconnecting in place, reading each message once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

import structlog
from arq.connections import ArqRedis
from arq.constants import in_progress_key_prefix
from arq.worker import Worker, func

from core.jobs.queue import FUNCTION, WINDOW, doorbell_channel, dump, load, queue_name
from core.redis.connection import REDIS_ERRORS

log = structlog.get_logger(__name__)
POLL_S: Final = 1.0
LONGEST_RUN_S: Final = 6 * 3600
RECONNECT_S: Final = 0.5


class PoolWorker(Worker):
    """arq's worker with a doorbell; retries, results and timeouts are ours, so arq's are switched off."""

    def __init__(self, redis: ArqRedis, pool: str, slots: int, run: Callable[[UUID], Awaitable[None]]) -> None:
        async def run_job(ctx: dict[Any, Any], *args: Any, **_kwargs: Any) -> None:
            del ctx
            try:
                await run(UUID(args[0]))
            finally:
                self.ring()

        super().__init__(
            [func(run_job, name=FUNCTION)],
            queue_name=queue_name(pool),
            redis_pool=redis,
            max_jobs=slots,
            job_timeout=LONGEST_RUN_S,
            max_tries=1_000_000,
            keep_result=0,
            poll_delay=POLL_S,
            queue_read_limit=2 * WINDOW,
            handle_signals=False,
            job_serializer=dump,
            job_deserializer=load,
            log_results=False,
            health_check_interval=60,
        )
        self.pool_name = pool
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
                await self._recount()
                await asyncio.sleep(RECONNECT_S)
                continue
            try:
                async with asyncio.timeout(self.poll_delay_s):
                    await self._bell.wait()
            except TimeoutError:
                continue

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Take messages nobody works on, up to the free slots."""
        free = self.max_jobs - self.job_counter
        fresh = [i.decode() for i in job_ids if i.decode() not in self.tasks]
        if free <= 0 or not fresh:
            return
        keys = [in_progress_key_prefix + job_id for job_id in fresh]
        waiting = [i for i, held in zip(fresh, await self.pool.mget(keys), strict=True) if held is None][:free]
        if not waiting:
            return
        async with self.pool.pipeline(transaction=False) as pipe:
            for job_id in waiting:
                pipe.set(in_progress_key_prefix + job_id, b"1", nx=True, px=int(self.in_progress_timeout_s * 1000))
            taken = await pipe.execute()
        for job_id, mine in zip(waiting, taken, strict=True):
            if not mine:
                continue
            await self.sem.acquire()
            self.job_counter += 1
            task = self.loop.create_task(self.run_job(job_id, 0))
            task.add_done_callback(lambda _: self._release_sem_dec_counter_on_complete())
            self.tasks[job_id] = task

    async def _recount(self) -> None:
        """Forget tasks that ended while Redis was away (their error is that of Redis)."""
        await asyncio.sleep(0)
        for job_id, task in list(self.tasks.items()):
            if task.done():
                del self.tasks[job_id]
                if not task.cancelled():
                    task.exception()


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

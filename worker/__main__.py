"""Entry point of the worker process: `python -m worker`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

import structlog
from sqlalchemy import text

import worker.jobs.all  # registers every body
from core.clock import now
from core.db import session as db
from core.db.base import uuid7
from core.db.session import DatabaseUnavailable
from core.jobs.models import WorkerProcess
from core.jobs.queue import NUDGE_CHANNEL, JobQueue, arq_redis, close_queue
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.logs import configure_logging
from core.settings import Settings, SettingsInvalid, get_settings, require
from worker.dispatcher import Dispatcher
from worker.heartbeat import Heartbeat
from worker.lanes import Lanes
from worker.pools import PoolWorker, listen
from worker.runner import Runner

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Run pools, heartbeat and dispatcher until SIGTERM or SIGINT; then drain, and give back what is left."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopping.set)
    process = WorkerProcess(
        id=uuid7(),
        hostname=socket.gethostname(),
        pid=os.getpid(),
        pools=list(settings.worker_pools),
        slots=settings.worker_slots,
        started_at=now(),
        heartbeat_at=now(),
    )
    await _register(process, stopping)
    redis = arq_redis(require(settings.redis_url, "REDIS_URL"), timeout_s=5.0)
    queue = JobQueue(redis)
    heartbeat = Heartbeat(settings, process.id)
    model = ModelClient(ModelConfig.from_settings(settings))
    runner = Runner(
        process.id,
        settings.job_lease_s,
        model,
        settings.chat_model,
        settings.embedding_model,
        Lanes(settings.model_max_concurrency),
        queue,
        heartbeat,
    )
    pools = [PoolWorker(redis, pool, settings.worker_slots, runner.run) for pool in settings.worker_pools]
    heartbeat.start()
    await model.warm_up()
    tasks = [asyncio.create_task(pool.main(), name=f"pool:{pool.pool_name}") for pool in pools]
    tasks.append(asyncio.create_task(listen(redis, pools, NUDGE_CHANNEL, heartbeat.wake), name="doorbell"))
    tasks.append(asyncio.create_task(Dispatcher(process.id, queue, settings.job_lease_s).run(), name="dispatcher"))
    log.info("worker_started", worker_id=str(process.id), pools=settings.worker_pools, slots=settings.worker_slots)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    ended = [task for task in tasks if task.done()]
    await _drain(runner, pools, settings.worker_grace_s)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    heartbeat.end()
    await _goodbye(process)
    await model.aclose()
    await close_queue()
    await queue.aclose()
    await db.dispose()
    for task in ended:  # a loop of ours must not end by itself
        task.result()


async def _register(process: WorkerProcess, stopping: asyncio.Event) -> None:
    """Write this process's row; a database that is not there yet is waited for."""
    while not stopping.is_set():
        try:
            async with db.scope(db.SYSTEM) as session:
                session.add(process)
            return
        except DatabaseUnavailable:
            log.warning("worker_waits_for_database")
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 1)


async def _drain(runner: Runner, pools: list[PoolWorker], grace_s: float) -> None:
    """Take nothing new, let running jobs end for a grace time, then give the rest back."""
    for pool in pools:
        pool.allow_pick_jobs = False
    running = [task for pool in pools for task in pool.tasks.values() if not task.done()]
    if running:
        await asyncio.wait(running, timeout=grace_s)
    await runner.release_all()
    running = [task for pool in pools for task in pool.tasks.values() if not task.done()]
    if running:
        await asyncio.wait(running, timeout=5)


async def _goodbye(process: WorkerProcess) -> None:
    with suppress(DatabaseUnavailable):
        async with db.scope(db.SYSTEM) as session:
            await session.execute(
                text("UPDATE worker SET stopped_at = clock_timestamp(), running = 0 WHERE id = :id"),
                {"id": process.id},
            )


def main() -> int:
    """Run the worker; a wrong setting ends it with one line."""
    try:
        settings = get_settings()
        require(settings.database_url, "DATABASE_URL")
        require(settings.redis_url, "REDIS_URL")
    except SettingsInvalid as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level, as_json=settings.environment == "production")
    assert worker.jobs.all is not None
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(settings))
    else:
        uvloop.run(serve(settings))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Entry point of the worker process: `python -m worker`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text

import worker.jobs.all  # registers every body
from core import garbage, tasks
from core.clock import now
from core.db import session as db
from core.db.base import uuid7
from core.db.session import DatabaseUnavailable
from core.jobs.models import WorkerProcess
from core.jobs.queue import NUDGE_CHANNEL, JobQueue, arq_redis, close_queue
from core.llm.client import ModelClient
from core.llm.config import ModelConfig
from core.logs import configure_logging
from core.mail import delivery
from core.mail.jobs import SEND_MAIL
from core.redis.connection import require_entry
from core.settings import Settings, SettingsInvalid, get_settings, require
from worker.courier import for_pools
from worker.dispatcher import Dispatcher
from worker.heartbeat import Heartbeat
from worker.lanes import Lanes
from worker.pauses import ModelPauses
from worker.pools import PoolWorker, listen
from worker.quarantine import Quarantine
from worker.runner import Runner

log = structlog.get_logger(__name__)
CLOSING_S: Final = 3.0
POOLS_WITHOUT_MODEL: Final = ("delivery",)


@dataclass(frozen=True, slots=True)
class Suspect:
    """The one job this process is there for, and the worker id its parent knows it by."""

    job_id: UUID
    worker_id: UUID


async def serve(settings: Settings, suspect: Suspect | None = None) -> None:
    """Run pools, heartbeat and dispatcher until SIGTERM or SIGINT; then drain, and give back what is left.

    With a suspect, run that job only, and end with it or with the parent process.
    """
    stopping = _until_told(suspect)
    process = _row(settings, suspect)
    await _register(process, stopping)
    redis = arq_redis(require(settings.redis_url, "REDIS_URL"), timeout_s=5.0)
    queue = JobQueue(redis)
    heartbeat = Heartbeat(settings, process.id)
    model = ModelClient(ModelConfig.from_settings(settings))
    lanes = Lanes(settings.model_max_concurrency, settings.redis_url)
    runner = Runner(
        process.id,
        settings.job_lease_s,
        model,
        settings.chat_model,
        settings.embedding_model,
        lanes,
        queue,
        heartbeat,
        None if suspect else Quarantine(settings.job_lease_s),
    )
    # Whoever waits for an answer is not made to wait for the least busy worker.
    lines = {"batch": lambda: lanes.subjects.line}
    pools = [PoolWorker(queue, pool, settings.worker_slots, runner.run, lines.get(pool)) for pool in process.pools]
    heartbeat.start()
    pauses = ModelPauses(model)
    await pauses.look()
    if not settings.offline_model:
        await model.warm_up()
    garbage.settle_in()
    loops = [asyncio.create_task(pool.main(), name=f"pool:{pool.pool_name}") for pool in pools]
    loops.append(asyncio.create_task(listen(redis, pools, NUDGE_CHANNEL, heartbeat.wake), name="doorbell"))
    loops.append(asyncio.create_task(pauses.run(), name="pauses"))
    alone: list[asyncio.Task[None]] = []
    if suspect and not stopping.is_set():
        alone = [asyncio.create_task(runner.run(suspect.job_id), name="suspect")]
    if not suspect:
        dispatcher = Dispatcher(process.id, queue, settings.job_lease_s)
        loops.append(asyncio.create_task(dispatcher.run(), name="dispatcher"))
    courier = for_pools(settings, process.pools)
    if courier is not None:
        loops.append(asyncio.create_task(courier.run(), name="webhooks"))
    log.info("worker_started", worker_id=str(process.id), pools=process.pools, slots=process.slots)
    _say_where_mails_go(settings, process.pools)
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([waiting, *loops, *alone], return_when=asyncio.FIRST_COMPLETED)
    ended = [loop for loop in loops if loop.done()]
    draining = [_drain(runner, pools, alone, settings.worker_grace_s)]
    if courier is not None:
        draining.append(courier.drain(settings.worker_grace_s))
    await asyncio.gather(*draining)
    await tasks.end(loops)
    heartbeat.end()
    for close in (
        partial(_goodbye, process),
        model.aclose,
        lanes.of_workspaces.aclose,
        close_queue,
        queue.aclose,
        db.dispose,
    ):
        with suppress(TimeoutError):  # a server that hangs does not keep this process from its end
            async with asyncio.timeout(CLOSING_S):
                await close()
    for loop in ended:  # a loop of ours must not end by itself
        loop.result()


def _until_told(suspect: Suspect | None) -> asyncio.Event:
    """Return an event that is set by SIGTERM and SIGINT and, in a suspect's process, by the parent's end."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stopping.set)
    if suspect is not None:
        threading.Thread(target=_outlive_no_parent, args=(loop, stopping), daemon=True).start()
    return stopping


def _outlive_no_parent(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Wait (in a thread) until the parent, who holds the other end of our input, is gone; then ask to stop."""
    while os.read(0, 1):
        pass
    loop.call_soon_threadsafe(stopping.set)


def _row(settings: Settings, suspect: Suspect | None) -> WorkerProcess:
    return WorkerProcess(
        id=suspect.worker_id if suspect else uuid7(),
        hostname=socket.gethostname(),
        pid=os.getpid(),
        pools=[] if suspect else list(settings.worker_pools),
        slots=1 if suspect else settings.worker_slots,
        version=version("synthetic-people"),
        started_at=now(),
        heartbeat_at=now(),
    )


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


async def _drain(runner: Runner, pools: list[PoolWorker], alone: list[asyncio.Task[None]], grace_s: float) -> None:
    """Take nothing new, let running jobs end for a grace time, then give the rest back; a suspect has no grace."""
    for pool in pools:
        pool.allow_pick_jobs = False
    await _ended([task for pool in pools for task in pool.tasks.values()], grace_s)
    await runner.release_all()
    await _ended([*alone, *(task for pool in pools for task in pool.tasks.values())], 5)


async def _ended(tasks: Sequence[asyncio.Task[Any]], timeout_s: float) -> None:
    """Wait until the tasks have ended, or for `timeout_s` seconds."""
    running = [task for task in tasks if not task.done()]
    if running:
        await asyncio.wait(running, timeout=timeout_s)


async def _goodbye(process: WorkerProcess) -> None:
    with suppress(DatabaseUnavailable):
        async with db.scope(db.SYSTEM) as session:
            await session.execute(
                text("UPDATE worker SET stopped_at = clock_timestamp(), running = 0 WHERE id = :id"),
                {"id": process.id},
            )


def _say_where_mails_go(settings: Settings, pools: Sequence[str]) -> None:
    if SEND_MAIL.pool in pools and settings.mail_server is None:
        tell = log.warning if settings.environment == "production" else log.info
        tell("mail_server_not_set", mails=delivery.destination(settings))


def _require_model(settings: Settings) -> None:
    asking = [pool for pool in settings.worker_pools if pool not in POOLS_WITHOUT_MODEL]
    if settings.offline_model and asking:
        raise SettingsInvalid(
            f"OPENAI_API_KEY or OPENAI_BASE_URL is not set, and a worker of {', '.join(asking)} asks a model"
            " (`synthetic-people up` brings the offline one)"
        )


def main(argv: list[str]) -> int:
    """Run the worker, or with `JOB_ID WORKER_ID` one suspect; a wrong setting ends it with one line."""
    suspect = Suspect(UUID(argv[0]), UUID(argv[1])) if argv else None
    try:
        settings = get_settings()
        require(settings.database_url, "DATABASE_URL")
        redis_url = require(settings.redis_url, "REDIS_URL")
        if suspect is None:
            _require_model(settings)
        asyncio.run(require_entry(redis_url))
    except SettingsInvalid as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    configure_logging(settings.log_level, as_json=settings.environment == "production")
    assert worker.jobs.all is not None
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(settings, suspect))
    else:
        uvloop.run(serve(settings, suspect))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Commits steps in groups, with what they cost and what they were made from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.db.session import DatabaseUnavailable
from core.jobs import engine
from core.jobs.queue import JobQueue
from core.jobs.records import Claim, Step, Usage
from core.lineage import service as lineage
from core.llm import service as answers
from core.llm.contract import Call, Completion, usage_of

PARENT_INTERVAL_S: Final = 0.5
RETRY_WRITE_S: Final = 0.25


@dataclass(slots=True)
class Entry:
    """What one flush adds: a step, what it cost, what it was made from, and answers to remember."""

    step: Step | None = None
    step_key: str = ""
    calls: Sequence[Call] = ()
    completion: Completion[Any] | None = None
    lineage: dict[str, Any] | None = None
    replayed: int = 0
    done: int = 0
    written: asyncio.Future[None] | None = None


class StepWriter:
    """Commits steps of one job run in groups: whatever arrives while a commit is under way joins the next one.

    One transaction at a time holds the job row, so that the heartbeat never starves, and a thousand answers
    cost far fewer than a thousand commits.
    """

    def __init__(self, claim: Claim, queue: JobQueue) -> None:
        self._claim = claim
        self._queue = queue
        self._pending: list[Entry] = []
        self._task: asyncio.Task[None] | None = None
        self._told_at = 0.0
        self._parent_at = 0.0

    async def add(self, entry: Entry) -> None:
        """Commit an entry; return once it is in the database. Raises LostClaim."""
        entry.written = asyncio.get_running_loop().create_future()
        self._pending.append(entry)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        await entry.written

    async def close(self, lost: Callable[[], bool]) -> None:
        """Wait for what is being written; give up once `lost` says that the claim is gone."""
        while self._task is not None and not self._task.done():
            if lost():
                self._task.cancel()
            await asyncio.wait([self._task], timeout=RETRY_WRITE_S)

    async def _drain(self) -> None:
        await asyncio.sleep(0)  # let callers of the same tick join
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                await self._write(batch)
            except DBAPIError as error:
                await self._write_apart(batch, error)
            except BaseException as error:  # noqa: BLE001 - handed to every waiter
                self._hand(batch, error)
            else:
                self._hand(batch, None)

    async def _write_apart(self, batch: Sequence[Entry], error: DBAPIError) -> None:
        """Write the entries of a refused batch one by one: only what Postgres cannot store fails, and is billed."""
        if len(batch) == 1:
            await self._bill(batch[0], error)
            return
        for entry in batch:
            try:
                await self._write([entry])
            except DBAPIError as own:
                await self._write_apart([entry], own)
            except BaseException as own:  # noqa: BLE001 - handed to its waiter
                self._hand([entry], own)
            else:
                self._hand([entry], None)

    async def _bill(self, entry: Entry, error: BaseException) -> None:
        """Keep what an entry that cannot be stored has cost, and tell its waiter why; none waits for ever."""
        try:
            if entry.step is not None:
                await self._write([Entry(step_key=entry.step_key, calls=entry.calls)])
        except DBAPIError:
            pass  # what it cost cannot be stored either
        except BaseException as own:  # noqa: BLE001 - handed to its waiter
            error = own
        self._hand([entry], error)

    @staticmethod
    def _hand(batch: Sequence[Entry], error: BaseException | None) -> None:
        for entry in batch:
            if entry.written is None or entry.written.done():
                continue
            if error is None:
                entry.written.set_result(None)
            else:
                entry.written.set_exception(error)
                entry.written.exception()  # a waiter that was cancelled will not ask

    async def _write(self, batch: Sequence[Entry]) -> None:
        """Write a batch; a database that is away is waited for: an answer that was paid for is not dropped.

        The heartbeat ends the run when the lease cannot be kept.
        """
        tell = self._claim.parent_id is None and time.monotonic() - self._told_at >= engine.PROGRESS_INTERVAL_S
        while True:
            try:
                async with db.scope(workspaces_of(self._claim)) as session:
                    await self._write_in(session, batch, tell=tell)
                break
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_WRITE_S)
        if tell:
            self._told_at = time.monotonic()
            await self._queue.tell_changed([self._claim.job_id])
        await self._refresh_parent()

    async def _write_in(self, session: AsyncSession, batch: Sequence[Entry], *, tell: bool) -> None:
        claim = self._claim
        calls = [call for entry in batch for call in entry.calls]
        used = usage_of(calls)
        usage = Usage(
            used.calls,
            used.input_tokens,
            used.output_tokens,
            used.cost_usd,
            sum(entry.replayed for entry in batch),
        )
        steps = [entry.step for entry in batch if entry.step is not None]
        done = sum(entry.done for entry in batch)
        await engine.commit_steps(session, claim, steps, usage=usage, done=done, tell=tell)
        if claim.workspace_id is None:
            return
        await lineage.record(session, [entry.lineage for entry in batch if entry.lineage is not None])
        made = [(entry.step_key, call) for entry in batch for call in entry.calls]
        await answers.record_calls(session, claim.workspace_id, made, job_id=claim.job_id)
        fresh = [entry.completion for entry in batch if entry.completion is not None]
        if fresh:
            await answers.save_answers(session, claim.workspace_id, fresh)

    async def _refresh_parent(self) -> None:
        parent_id = self._claim.parent_id
        if parent_id is None or time.monotonic() - self._parent_at < PARENT_INTERVAL_S:
            return
        self._parent_at = time.monotonic()
        try:
            async with db.scope(workspaces_of(self._claim)) as session:
                await engine.sum_children(session, parent_id)
        except DatabaseUnavailable:
            return
        await self._queue.tell_changed([parent_id])


def workspaces_of(claim: Claim) -> list[UUID] | db.System:
    """Return the scope of a job: its workspace, or the system for a job of the service itself."""
    return db.SYSTEM if claim.workspace_id is None else [claim.workspace_id]

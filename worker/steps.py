"""Commits steps in groups, with what they cost and what they were made from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog

from core.db import session as db
from core.db.base import uuid7
from core.db.direct import direct
from core.db.session import DatabaseUnavailable
from core.jobs import committing, engine
from core.jobs.errors import LostClaim
from core.jobs.queue import JobQueue
from core.jobs.records import Claim, Commit, Step, Usage
from core.limits import service as limits
from core.limits.repository import Settled
from core.limits.reserving import NOTHING
from core.lineage import service as lineage
from core.llm import service as answers
from core.llm.contract import Call, Completion, usage_of
from core.llm.service import Billed, CachedAnswer
from core.together import Together

log = structlog.get_logger(__name__)
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


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one job that are written together."""

    claim: Claim
    entries: Sequence[Entry]
    tell: bool = False
    id: UUID = field(default_factory=uuid7)

    def commit(self) -> Commit:
        """Return what the job's row gets of it."""
        used = usage_of([call for entry in self.entries for call in entry.calls])
        replayed = sum(entry.replayed for entry in self.entries)
        return Commit(
            self.claim,
            [entry.step for entry in self.entries if entry.step is not None],
            Usage(used.calls, used.input_tokens, used.output_tokens, used.cost_usd, replayed),
            sum(entry.done for entry in self.entries),
            self.tell,
            self.id,
        )

    def settled(self) -> Settled:
        """Return what of the run's reservation was spent."""
        usd = sum((call.charged_usd for entry in self.entries for call in entry.calls), start=NOTHING)
        return Settled(self.claim.job_id, self.claim.epoch, self.id, usd)


class Commits:
    """The commits of all jobs of this process: groups that wait at the same time share a transaction.

    So do look-ups of what workspaces remember.

    One transaction at a time, so that a thousand answers cost far fewer than a thousand commits and a job's row
    is never held for long. If it fails, each group is written by itself: a lost claim or a row that Postgres
    refuses is the matter of its own job.
    """

    def __init__(self) -> None:
        self._round: Together[Group, None] = Together(_store_all)
        self.remembered: Together[tuple[UUID, str], CachedAnswer | None] = Together(_find)
        self._parents: dict[UUID, float] = {}
        self._refreshing: set[asyncio.Task[None]] = set()

    async def write(self, group: Group) -> None:
        """Write a group; return once it is in the database. Raises LostClaim, STATEMENT_ERRORS.

        A database that is away is waited for: an answer that was paid for is not dropped. Whether the last try was
        committed before it went away is not known; the next one adds nothing twice. The heartbeat ends the run when
        the lease cannot be kept.
        """
        while True:
            try:
                await self._round(group)
                return
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_WRITE_S)

    def show_parent(self, claim: Claim, queue: JobQueue) -> None:
        """Let a shard's parent show how far its shards are, twice a second at most; no shard waits for it."""
        parent_id, now = claim.parent_id, time.monotonic()
        if parent_id is None or now - self._parents.get(parent_id, 0.0) < PARENT_INTERVAL_S:
            return
        self._parents = {one: at for one, at in self._parents.items() if now - at < PARENT_INTERVAL_S}
        self._parents[parent_id] = now
        task = asyncio.create_task(_show_parent(claim, parent_id, queue))
        self._refreshing.add(task)
        task.add_done_callback(self._refreshing.discard)


async def _show_parent(claim: Claim, parent_id: UUID, queue: JobQueue) -> None:
    try:
        async with direct(workspaces_of(claim)) as connection:
            await engine.sum_children(connection, parent_id)
    except DatabaseUnavailable:
        return
    except db.STATEMENT_ERRORS:
        log.exception("parent_not_shown", job_id=str(parent_id))
        return
    await queue.tell_changed([parent_id])


async def _find(wanted: Sequence[tuple[UUID, str]]) -> list[CachedAnswer | None]:
    async with direct({workspace_id for workspace_id, _ in wanted}) as connection:
        return await answers.find_answers(connection, wanted)


async def _store_all(groups: Sequence[Group]) -> list[BaseException | None]:
    """Write groups together or, where that fails, each by itself; return what went wrong with each."""
    if len(groups) > 1:
        with suppress(*db.STATEMENT_ERRORS, LostClaim):
            await _store(groups)
            return [None] * len(groups)
    return [await _stored(group) for group in groups]


async def _stored(group: Group) -> BaseException | None:
    try:
        await _store([group])
    except Exception as error:  # noqa: BLE001 - handed to its waiter
        return error
    return None


async def _store(groups: Sequence[Group]) -> None:
    """Write groups in one transaction, in the scope of their workspaces."""
    async with direct(workspaces_of(*(group.claim for group in groups))) as session:
        await committing.commit_steps(session, [group.commit() for group in groups])
        if settled := [group.settled() for group in groups if group.claim.budgeted]:
            await limits.settle(session, settled)
        entries = [(group.claim, entry) for group in groups for entry in group.entries]
        await lineage.record(session, [entry.lineage for _, entry in entries if entry.lineage is not None])
        await answers.record_calls(
            session,
            [
                Billed(call, claim.workspace_id, claim.job_id, entry.step_key)
                for claim, entry in entries
                if claim.workspace_id is not None
                for call in entry.calls
            ],
        )
        await answers.save_answers(
            session,
            [
                (claim.workspace_id, entry.completion)
                for claim, entry in entries
                if claim.workspace_id is not None and entry.completion is not None
            ],
        )


class StepWriter:
    """Commits steps of one job run in groups: whatever arrives while a commit is under way joins the next one."""

    def __init__(self, claim: Claim, queue: JobQueue, commits: Commits) -> None:
        self._claim = claim
        self._queue = queue
        self._commits = commits
        self._pending: list[Entry] = []
        self._task: asyncio.Task[None] | None = None
        self._told_at = 0.0

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
            except db.STATEMENT_ERRORS as error:
                await self._write_apart(batch, error)
            except BaseException as error:  # noqa: BLE001 - handed to every waiter
                self._hand(batch, error)
            else:
                self._hand(batch, None)

    async def _write_apart(self, batch: Sequence[Entry], error: Exception) -> None:
        """Write the entries of a refused batch one by one: only what Postgres cannot store fails, and is billed."""
        if len(batch) == 1:
            await self._bill(batch[0], error)
            return
        for entry in batch:
            try:
                await self._write([entry])
            except db.STATEMENT_ERRORS as own:
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
        except db.STATEMENT_ERRORS:
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
        tell = self._claim.parent_id is None and time.monotonic() - self._told_at >= engine.PROGRESS_INTERVAL_S
        await self._commits.write(Group(self._claim, batch, tell))
        if tell:
            self._told_at = time.monotonic()
            await self._queue.tell_changed([self._claim.job_id])
        self._commits.show_parent(self._claim, self._queue)


def workspaces_of(*claims: Claim) -> list[UUID] | db.System:
    """Return the scope of jobs: their workspaces, or the system where one is a job of the service itself."""
    ids = {claim.workspace_id for claim in claims}
    return db.SYSTEM if None in ids else sorted(i for i in ids if i is not None)

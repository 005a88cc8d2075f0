"""Runs one job: claim → body → finish. Every end of a body is mapped to one fenced write, or to none."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

import structlog
from pydantic import ValidationError

from core.db import session as db
from core.db.direct import direct
from core.db.session import DatabaseUnavailable
from core.errors import DomainError
from core.jobs import engine, fanning
from core.jobs.errors import BudgetError, JobError, LostClaim, PermanentError, Snooze, TransientError
from core.jobs.queue import JobQueue
from core.jobs.records import Claim, End, Fan, Finished
from core.jobs.service import announce_finished
from core.llm.contract import LanguageModel
from core.llm.errors import ModelError, ModelPaused, ModelUnavailable, SpendingRefused
from core.together import Together
from worker import registry
from worker.context import JobContext
from worker.heartbeat import Heartbeat, Verdict
from worker.lanes import Lanes
from worker.quarantine import Quarantine
from worker.registry import Done, Registered, Write
from worker.steps import RETRY_WRITE_S, Commits, workspaces_of

log = structlog.get_logger(__name__)
StopReason = Literal["cancelled", "lost", "shutdown"]
Taken = Claim | Literal["suspect"] | None
SHORTEST_DELAY_S: Final = 0.05
# Another side may ask for a longer wait than our own backoff ever is.
LONGEST_DELAY_S: Final = 3600.0


@dataclass(slots=True)
class Run:
    """A job body under way and, once somebody ends it from outside, why."""

    claim: Claim
    task: asyncio.Task[Any]
    reason: StopReason | None = None

    def stop(self, reason: StopReason) -> None:
        """Cancel the body once; a lost claim overrides the reasons for which it may still write."""
        if self.reason is None or (reason == "lost" and self.reason != "lost"):
            self.reason = reason
            self.task.cancel()


@dataclass(slots=True)
class Runner:
    """Claims and runs jobs for this process."""

    worker_id: UUID
    lease_s: float
    model: LanguageModel
    chat_model: str
    embedding_model: str
    lanes: Lanes
    queue: JobQueue
    heartbeat: Heartbeat
    quarantine: Quarantine | None = None
    runs: dict[UUID, Run] = field(default_factory=dict)
    commits: Commits = field(default_factory=Commits)
    _claims: Together[UUID, Taken] = field(init=False)
    _ends: Together[tuple[Claim, End], Finished] = field(init=False)
    _telling: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._claims = Together(self._claim_round)
        self._ends = Together(self._end_round)

    async def run(self, job_id: UUID) -> None:
        """Run a job if it is there to take; never raises for anything the job does.

        A suspect is handed to the quarantine; a runner without one is itself the process that a suspect runs in.
        """
        try:
            claim = await self._claims(job_id)
        except DatabaseUnavailable:
            return  # the dispatcher sends the job again
        except db.STATEMENT_ERRORS:
            log.exception("claim_failed", job_id=str(job_id))
            return
        if claim == "suspect":
            assert self.quarantine is not None
            await self.quarantine.run(job_id)
        elif claim is not None:
            with structlog.contextvars.bound_contextvars(job_id=str(claim.job_id), kind=claim.kind):
                await self._run_claimed(claim)

    async def _claim_round(self, job_ids: Sequence[UUID]) -> list[Taken]:
        room_for_suspects = self.quarantine is not None and self.quarantine.has_room
        async with direct(db.SYSTEM) as session:
            claims = await engine.claim_all(
                session, job_ids, self.worker_id, self.lease_s, alone=self.quarantine is None
            )
            others = set(job_ids) - set(claims)
            suspects = await engine.take_suspects(session, list(others)) if others and room_for_suspects else set()
        telling = asyncio.create_task(self.queue.tell_changed(list(claims)))  # no job waits for it
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)
        # A message that came twice gives its claim to one caller only.
        return [claims.pop(job_id, None) or ("suspect" if job_id in suspects else None) for job_id in job_ids]

    async def _end_round(self, ends: Sequence[tuple[Claim, End]]) -> list[Finished | BaseException]:
        try:
            async with direct(workspaces_of(*(claim for claim, _ in ends))) as session:
                found = await engine.finish_all(session, [end for _, end in ends])
        except db.STATEMENT_ERRORS as error:
            if len(ends) == 1:
                return [error]
            return [await self._end_alone(end) for end in ends]  # what one of them wants written cannot be
        await announce_finished([one for one in found if one is not None])
        return [one or LostClaim() for one in found]

    async def _end_alone(self, end: tuple[Claim, End]) -> Finished | BaseException:
        try:
            return (await self._end_round([end]))[0]
        except DatabaseUnavailable as error:
            return error

    async def _run_claimed(self, claim: Claim) -> None:
        loop = asyncio.get_running_loop()
        context = JobContext(
            claim,
            self.model,
            self.queue,
            claim.model or self.chat_model,
            self.embedding_model,
            self.lanes,
            self.commits,
        )
        run = Run(claim, asyncio.create_task(self._body(context)))
        self.runs[claim.job_id] = run

        def stop_now(verdict: Verdict) -> None:
            context.cancelled = verdict == "cancelled"
            run.stop(verdict)

        def stop(verdict: Verdict) -> None:  # called from the heartbeat's thread
            loop.call_soon_threadsafe(stop_now, verdict)

        self.heartbeat.hold(claim.job_id, claim.epoch, stop)
        started = time.monotonic()
        try:
            end = await self._outcome(run, context)
            if end is not None:
                await self._commit(run, end)
        except LostClaim:
            log.info("job_claim_lost", epoch=claim.epoch)
        finally:
            self.heartbeat.release(claim.job_id, claim.epoch)
            if self.runs.get(claim.job_id) is run:
                del self.runs[claim.job_id]
            log.info("job_run_ended", seconds=round(time.monotonic() - started, 3))

    async def _body(self, context: JobContext) -> Done | Fan:
        claim = context.claim
        found = registry.find(claim.kind)
        if found is None:
            raise PermanentError(f"No worker of this release knows the kind {claim.kind!r}.", code="job_kind_unknown")
        try:
            args = found.contract.args.model_validate(claim.args)
        except ValidationError as error:
            raise PermanentError(f"The job's arguments are not valid: {error}", code="job_args_invalid") from None
        await context.load_steps()
        function = _body_of(found, claim)
        try:
            async with asyncio.timeout(claim.timeout_s):
                return await function(context, args)
        except TimeoutError as error:
            raise TransientError(
                f"The job ran longer than its limit of {claim.timeout_s:g} s.", code="job_timeout"
            ) from error

    async def _outcome(self, run: Run, context: JobContext) -> Done | Fan | BaseException | None:
        """Return how the body ended; None when nothing may be written."""
        try:
            end: Done | Fan | BaseException = await run.task
        except asyncio.CancelledError as error:
            end = error
            if run.reason is None:  # this very coroutine is being cancelled: the process is going
                run.stop("shutdown")
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - classified below
            end = _single(error)
        await context.writer.close(lambda: run.reason == "lost")
        if run.reason == "lost" or isinstance(end, LostClaim):
            return None
        return end

    async def _commit(self, run: Run, end: Done | Fan | BaseException) -> None:
        """Write the end of a run, waiting for a database that is away until the lease is lost."""
        while run.reason != "lost":
            try:
                await self._write_end(run, end)
                return
            except LostClaim:
                raise
            except DatabaseUnavailable:
                try:
                    await asyncio.sleep(RETRY_WRITE_S)
                except asyncio.CancelledError:
                    if run.reason is None:
                        raise
            except Exception as error:
                if not isinstance(end, Done | Fan):
                    raise
                end = error  # what the body wanted written cannot be; the job says so

    async def _write_end(self, run: Run, end: Done | Fan | BaseException) -> None:
        claim = run.claim
        if isinstance(end, Done):
            await self._finish(claim, "succeeded", result=dict(end.result), write=end.write)
        elif isinstance(end, Fan):
            async with db.scope(workspaces_of(claim)) as session:
                hints = await fanning.fan_out(session, claim, end)
            await self.queue.announce(hints)
            await self.queue.tell_changed([claim.job_id])
        elif isinstance(end, asyncio.CancelledError) and run.reason == "cancelled":
            await self._finish(claim, "cancelled")
        elif isinstance(end, asyncio.CancelledError):
            await self._defer(claim, "released", 0, attempts=0)
        elif isinstance(end, DatabaseUnavailable):
            await self._defer(claim, "released", 1.0, attempts=0)
        else:
            await self._fail_or_defer(claim, _classified(end, claim))

    async def _finish(
        self,
        claim: Claim,
        status: str,
        *,
        result: dict[str, Any] | None = None,
        write: Write | None = None,
        error: dict[str, Any] | None = None,
    ) -> None:
        """End a job; one that has nothing else to write and no parent shares its transaction with others."""
        end = End(claim.job_id, claim.epoch, status, result=result, error=error, counts_attempt=status != "cancelled")
        if write is None and claim.parent_id is None:
            await self._ends((claim, end))
            return
        async with db.scope(workspaces_of(claim)) as session:
            finished = await engine.finish(session, end)
            if write is not None:
                await write(session)
        await announce_finished([finished])

    async def _defer(
        self,
        claim: Claim,
        outcome: str,
        delay_s: float,
        *,
        attempts: int,
        error: dict[str, Any] | None = None,
    ) -> None:
        async with db.scope(workspaces_of(claim)) as session:
            hint = await engine.defer(session, claim, outcome=outcome, delay_s=delay_s, attempts=attempts, error=error)
            if claim.parent_id is not None and delay_s > 0:
                await fanning.tell_wait(session, claim.parent_id)
        await self.queue.announce([hint] if hint else [])
        await self.queue.tell_changed([claim.job_id, claim.parent_id])

    async def _fail_or_defer(self, claim: Claim, error: JobError) -> None:
        if isinstance(error, Snooze):
            delay_s = min(max(SHORTEST_DELAY_S, error.delay_s), LONGEST_DELAY_S)
            await self._defer(claim, "snoozed", delay_s, attempts=0, error=error.problem())
            return
        contract = registry.find(claim.kind)
        if not isinstance(error, TransientError) or contract is None or claim.attempt + 1 >= claim.max_attempts:
            await self._finish(claim, "failed", error=error.problem())
            return
        delay_s = contract.contract.backoff.delay_s(claim.attempt + 1, random.Random())
        if error.retry_after_s is not None:
            delay_s = max(delay_s, min(error.retry_after_s, LONGEST_DELAY_S))
        await self._defer(claim, "retried", max(SHORTEST_DELAY_S, delay_s), attempts=1, error=error.problem())

    async def release_all(self) -> None:
        """Give all jobs back at once: this process is going."""
        runs = list(self.runs.values())
        for run in runs:
            run.stop("shutdown")
        if self.quarantine is not None:
            await self.quarantine.end()
        if runs:
            await asyncio.wait([run.task for run in runs], timeout=5)


def _body_of(found: Registered, claim: Claim) -> Callable[[JobContext, Any], Awaitable[Done | Fan]]:
    if claim.children_total and found.reduce is not None:
        return found.reduce
    return found.run


def _single(error: BaseException) -> BaseException:
    """Return the error to act on: of a group's, a lost claim before all, then one for good, then the first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = _leaves(error)
    for kind in (LostClaim, DatabaseUnavailable, PermanentError, BudgetError, SpendingRefused, ModelPaused, Snooze):
        for leaf in leaves:
            if isinstance(leaf, kind):
                return leaf
    return leaves[0]


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return found


def _classified(error: BaseException, claim: Claim) -> JobError:
    """Return the job error that a body's exception stands for; an unknown one is logged and tried again."""
    if isinstance(error, JobError):
        return error
    if isinstance(error, ModelError):
        if isinstance(error, SpendingRefused):
            return BudgetError(error.detail, code=error.code, budget=error.budget)
        if isinstance(error, ModelPaused):
            return Snooze(error.retry_after_s or 0.0, error.detail, code=error.code)
        if isinstance(error, ModelUnavailable):
            return TransientError(error.detail, code=error.code, retry_after_s=error.retry_after_s)
        return PermanentError(error.detail, code=error.code)
    if isinstance(error, DomainError):
        return PermanentError(error.detail, code=error.code)
    log.error("job_body_raised", job_id=str(claim.job_id), kind=claim.kind, exc_info=error)
    return TransientError("An unexpected error stopped the job; it was logged.", code="internal_error")

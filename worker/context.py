"""What a job body works with: checkpointed model calls, progress, reads and fenced writes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import session as db
from core.db.base import uuid7
from core.db.direct import direct
from core.db.session import DatabaseUnavailable
from core.jobs import committing, engine
from core.jobs.queue import JobQueue
from core.jobs.records import Claim, Step
from core.llm.contract import Call, Completion, LanguageModel, answer_key, is_demonstration
from core.llm.errors import ModelError
from core.llm.prompts import Prompt, canonical_json
from core.llm.service import CachedAnswer
from core.llm.spending import paid_by
from core.llm.streaming import Hear
from worker.lanes import Lanes
from worker.lull import STOPS, Lull
from worker.purse import RunPurse
from worker.steps import RETRY_WRITE_S, Commits, Entry, StepWriter, workspaces_of

log = structlog.get_logger(__name__)
In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
EMBEDDING: Final = ("embedding", 1)


@dataclass(frozen=True, slots=True)
class Asked(Generic[Out]):
    """An answer with its origin; `replayed` tells that it was paid for before."""

    output: Out
    value: Any
    model: str
    lineage_id: UUID | None
    replayed: bool

    @property
    def demonstration(self) -> bool:
        """Tell whether the offline demonstration model answered."""
        return is_demonstration(self.model)


@dataclass(frozen=True, slots=True)
class Derived:
    """What was made of vectors, in the order asked: JSON values, the model that embedded, the calls it took."""

    values: Sequence[Any]
    model: str
    calls: tuple[Call, ...]


@dataclass(slots=True)
class JobContext:
    """One run of a job. Bodies read through `scope`, ask through `ask` and `step`, write through `save`."""

    claim: Claim
    model: LanguageModel
    queue: JobQueue
    chat_model: str
    embedding_model: str
    lanes: Lanes
    commits: Commits
    cancelled: bool = field(default=False, init=False)
    """Whether its owner has asked for the job's end: what runs is being ended, and may still write."""
    writer: StepWriter = field(init=False)
    _committed: dict[tuple[str, str], Any] = field(default_factory=dict, init=False)
    _lull: Lull = field(default_factory=Lull, init=False)
    _purse: RunPurse | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.writer = StepWriter(self.claim, self.queue, self.commits)
        if self.claim.budgeted:
            self._purse = RunPurse(self.claim)

    async def load_steps(self) -> None:
        """Read what earlier runs of this job committed; a first run has nothing to read."""
        if self.claim.epoch > 1:
            async with db.scope(workspaces_of(self.claim)) as session:
                self._committed = await committing.committed_steps(session, self.claim.job_id)

    @asynccontextmanager
    async def scope(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction in the job's workspace, for reading. Close it before a model is asked."""
        async with db.scope(workspaces_of(self.claim)) as session:
            yield session

    async def progress(self, *, total: int, message: str = "") -> None:
        """Declare how many steps this job has and what it is doing now."""
        async with db.scope(workspaces_of(self.claim)) as session:
            await engine.set_progress(session, self.claim, total=total, message=message)
        await self.queue.tell_changed([self.claim.job_id])

    async def log(self, data: Mapping[str, Any]) -> None:
        """Tell who follows the job something of its work, in an event `log` of its stream; raises LostClaim."""
        async with direct(workspaces_of(self.claim)) as session:
            await engine.tell_log(session, self.claim, data)
        await self.queue.tell_changed([self.claim.job_id])

    async def save(self, write: Callable[[AsyncSession], Awaitable[None]]) -> None:
        """Run `write` in a transaction that commits only while the job is this worker's; raises LostClaim.

        A database that is away is waited for; the heartbeat ends the run when the lease cannot be kept.
        """
        while True:
            try:
                async with db.scope(workspaces_of(self.claim)) as session:
                    await engine.fence(session, self.claim)
                    await write(session)
                return
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_WRITE_S)

    async def ask(
        self,
        prompt: Prompt[In, Out],
        data: In,
        *,
        key: str,
        seed: int,
        draw: int = 0,
        done: int = 1,
        made_from: dict[str, Any] | None = None,
        hear: Hear | None = None,
    ) -> Asked[Out]:
        """Ask the model once for this step: replay what was committed, reuse what the workspace paid for, else call.

        `made_from` names what the answer rests on, for lineage; `hear` is told an answer while it is being written,
        none that was remembered. Raises ModelError, LostClaim.
        """
        input_hash = prompt.input_hash(data)
        parse = prompt.shape(data).parse
        committed = self._committed.get((key, input_hash))
        if committed is not None:
            self.lanes.asking.waive(self.claim.job_id)
            await self.writer.add(Entry(replayed=1))
            return _asked(committed, parse, replayed=True)
        cache_key = answer_key(self.chat_model, prompt.name, prompt.version, input_hash, seed, draw)
        cached = await self._cached(cache_key)
        if cached is not None:
            self.lanes.asking.waive(self.claim.job_id)
            entry, output = self._entry(key, prompt, input_hash, seed, draw, cached.model, cached.value, made_from)
            entry.replayed, entry.done = 1, done
            await self.writer.add(entry)
            return _asked(output, parse, replayed=True)
        async with self._paid_for(key):
            completion = await self._complete(prompt, data, seed, draw, hear)
            entry, output = self._entry(
                key, prompt, input_hash, seed, draw, completion.model, completion.value, made_from
            )
            entry.calls, entry.completion, entry.done = completion.calls, completion, done
            await self.writer.add(entry)
        return _asked(output, parse, replayed=False)

    async def _complete(
        self, prompt: Prompt[In, Out], data: In, seed: int, draw: int, hear: Hear | None
    ) -> Completion[Out]:
        if hear is None:
            return await self.model.complete(prompt, data, seed=seed, draw=draw, model=self.chat_model)
        return await self.model.complete(prompt, data, seed=seed, draw=draw, model=self.chat_model, hear=hear)

    @asynccontextmanager
    async def _paid_for(self, key: str) -> AsyncIterator[None]:
        """Hold one of the process's places from the question until its answer is committed.

        So what a kill can lose never exceeds the concurrency limit. Calls that gave no answer are billed too. Whatever
        calls are made meanwhile, the run's budget pays for them, if it has one.
        """
        try:
            claim = self.claim
            async with self.lanes.question(claim.job_id, claim.workspace_id, claim.concurrency):
                with self._lull.call(), paid_by(self._purse):
                    try:
                        yield
                    except ModelError as error:
                        if error.calls:
                            await self.writer.add(Entry(step_key=key, calls=error.calls))
                        raise
        except STOPS:
            await self._lull.calm()
            raise

    def _entry(
        self,
        key: str,
        prompt: Prompt[Any, Any],
        input_hash: str,
        seed: int,
        draw: int,
        model: str,
        value: Any,
        made_from: dict[str, Any] | None,
    ) -> tuple[Entry, dict[str, Any]]:
        lineage_id = uuid7() if self.claim.workspace_id is not None else None
        output = {"value": value, "model": model, "lineage_id": str(lineage_id) if lineage_id else None}
        row = None
        if lineage_id is not None:
            row = {
                "id": lineage_id,
                "workspace_id": self.claim.workspace_id,
                "job_id": self.claim.job_id,
                "step_key": key,
                "subject_type": self.claim.subject_type,
                "subject_id": self.claim.subject_id,
                "model": model,
                "prompt_name": prompt.name,
                "prompt_version": prompt.version,
                "seed": seed,
                "draw": draw,
                "input_hash": input_hash,
                "inputs": made_from or {},
            }
        step = Step(key, input_hash, output, lineage_id)
        return Entry(step=step, step_key=key, lineage=row), output

    async def step(
        self, key: str, data: Any, call: Callable[[], Awaitable[tuple[Any, Sequence[Call]]]], *, done: int = 0
    ) -> Any:
        """Run `call` once for this step and keep its JSON output; a committed output is replayed.

        `call` returns (output, the model calls it made).
        """
        input_hash = hashlib.sha256(canonical_json(data).encode()).hexdigest()
        committed = self._committed.get((key, input_hash))
        if committed is not None:
            await self.writer.add(Entry(replayed=1))
            return committed["value"]
        async with self._paid_for(key):
            output, calls = await call()
            step = Step(key, input_hash, {"value": output})
            await self.writer.add(Entry(step=step, step_key=key, calls=calls, done=done))
        return output

    async def pass_over(self, key: str) -> None:
        """Count a step as done that had nothing to ask; once, however often the job runs."""
        input_hash = hashlib.sha256(b"passed over").hexdigest()
        if (key, input_hash) not in self._committed:
            await self.writer.add(Entry(step=Step(key, input_hash, {"value": None}), step_key=key, done=1))

    async def embed(self, key: str, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts that several jobs need: the first one pays, the workspace remembers the vectors.

        Texts asked about once belong in a `step` that keeps what was made of the vectors, not the vectors.
        """
        input_hash = hashlib.sha256(canonical_json(list(texts)).encode()).hexdigest()
        name, version = EMBEDDING
        cached = await self._cached(answer_key(self.embedding_model, name, version, input_hash, 0, 0))
        if cached is not None:
            await self.writer.add(Entry(replayed=1))
            return list(cached.value)
        async with self._paid_for(key):
            embedded = await self.model.embed(texts, model=self.embedding_model)
            remembered = Completion(
                output=embedded.vectors,
                value=embedded.vectors,
                content="",
                model=embedded.model,
                model_requested=self.embedding_model,
                prompt_name=name,
                prompt_version=version,
                input_hash=input_hash,
                seed=0,
                draw=0,
                calls=embedded.calls,
            )
            await self.writer.add(Entry(step_key=key, calls=embedded.calls, completion=remembered))
        return embedded.vectors

    async def derive(
        self, key: str, recipe: tuple[str, int], data: Sequence[Any], make: Callable[[list[int]], Awaitable[Derived]]
    ) -> list[Any]:
        """Return what `make` gives for each piece of `data`: remembered values are reused, it makes the others.

        A piece is all that its value depends on besides the embedding model and the recipe (name, version); `make`
        gets the places of the pieces that nobody in the workspace has paid for.
        """
        input_hash = hashlib.sha256(canonical_json(list(data)).encode()).hexdigest()
        committed = self._committed.get((key, input_hash))
        if committed is not None:
            await self.writer.add(Entry(replayed=1))
            return list(committed["value"])
        hashes = [hashlib.sha256(canonical_json(piece).encode()).hexdigest() for piece in data]
        cache_keys = [answer_key(self.embedding_model, *recipe, piece, 0, 0) for piece in hashes]
        found = await asyncio.gather(*(self._cached(cache_key) for cache_key in cache_keys))
        values = [None if one is None else one.value for one in found]
        models = {one.model for one in found if one is not None}
        lacking = [place for place, one in enumerate(found) if one is None]

        async def commit(calls: tuple[Call, ...], remembered: Sequence[Completion[Any]]) -> None:
            step = Step(key, input_hash, {"value": values, "model": ", ".join(sorted(models))})
            first = Entry(step=step, step_key=key, calls=calls, replayed=0 if calls else 1)
            await asyncio.gather(*map(self.writer.add, [first, *(Entry(completion=one) for one in remembered)]))

        if not lacking:
            await commit((), ())
            return values
        async with self._paid_for(key):
            made = await make(lacking)
            models.add(made.model)
            for place, value in zip(lacking, made.values, strict=True):
                values[place] = value
            await commit(
                made.calls,
                [self._remembered(recipe, hashes[place], values[place], made.model) for place in lacking],
            )
        return values

    def _remembered(self, recipe: tuple[str, int], input_hash: str, value: Any, model: str) -> Completion[Any]:
        name, version = recipe
        return Completion(value, value, "", model, self.embedding_model, name, version, input_hash, 0, 0, ())

    async def _cached(self, key: str) -> CachedAnswer | None:
        """Look an answer up in the workspace's cache."""
        if self.claim.workspace_id is None:
            return None
        return await self.commits.remembered((self.claim.workspace_id, key))


def _asked(stored: dict[str, Any], parse: Callable[[Any], Out], *, replayed: bool) -> Asked[Out]:
    lineage_id = stored.get("lineage_id")
    return Asked(
        parse(stored["value"]),
        stored["value"],
        stored["model"],
        UUID(lineage_id) if lineage_id else None,
        replayed,
    )

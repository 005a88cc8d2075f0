"""Asks models: admission, retries, validation with one repair, and a record of every HTTP try.

The order of things around one try is fixed: money where there is a budget, admission (breaker, limits per minute,
gate), the try, what the endpoint's answer teaches each of them, the record. All waiting happens outside the gate, so
that a waiting call holds no slot.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from time import perf_counter
from typing import Any, TypeVar

from pydantic import BaseModel

from core import clock
from core.llm import refusal, replies
from core.llm.breaker import Breaker
from core.llm.concurrency import Gate, Slot
from core.llm.config import ModelConfig
from core.llm.contract import EMBEDDING_BATCH, Call, Completion, Embeddings, Outcome, wire_seed
from core.llm.dialect import Dialect
from core.llm.errors import (
    ModelContentFiltered,
    ModelError,
    ModelInvalidOutput,
    ModelPaused,
    ModelRefused,
    ModelRejected,
    ModelTruncated,
    ModelUnavailable,
)
from core.llm.limiter import Limiter, counted
from core.llm.prompts import OutputShape, Prompt
from core.llm.repair import explain, repair_messages
from core.llm.requests import Asking, Request
from core.llm.retries import retrying
from core.llm.spending import held, most_input_tokens, present_purse
from core.llm.streaming import Hear
from core.llm.suspension import Suspensions
from core.llm.transport import Answered, Transport, TryFailed

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
_OUTCOMES: dict[str, Outcome] = {"transient": "transient", "overloaded": "transient", "filtered": "filtered"}
_TOO_MANY = 429
_log = logging.getLogger(__name__)


class ModelClient:
    """A client of one OpenAI-compatible endpoint; one per process and event loop."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.gate = Gate(config.max_concurrency)
        self._transport = Transport(config)
        self._dialects: dict[str, Dialect] = {}
        self._breakers: dict[str, Breaker] = {}
        self._limiter = Limiter(config)
        self.suspensions = Suspensions()

    async def warm_up(self) -> None:
        """Load the SDK now, off the event loop, so that the first call does not pay for it."""
        await asyncio.to_thread(importlib.import_module, "openai")
        self._transport.open()

    async def complete(
        self,
        prompt: Prompt[In, Out],
        data: In,
        *,
        seed: int,
        draw: int = 0,
        model: str | None = None,
        hear: Hear | None = None,
    ) -> Completion[Out]:
        """Ask for one structured reply and validate it; an invalid one is repaired once.

        With `hear` the reply is streamed where the endpoint can; a try or repair after the first begins anew.

        Raises a ModelError whose `.calls` lists what was spent; ModelUnavailable is worth another time.
        """
        asked = self._admissible(model or self.config.model)
        asking = Asking("chat", asked, prompt.name, prompt.version)
        shape = prompt.shape(data)
        messages = prompt.messages(data)
        sent_seed = wire_seed(seed, draw)
        try:
            reply = await self._chat(asking, prompt, shape, messages, sent_seed, hear)
            try:
                value, output = _validated(reply, shape)
            except ValueError as error:
                _amend_last(asking, "invalid")
                messages = repair_messages(messages, reply.content, error)
                reply = await self._chat(asking, prompt, shape, messages, sent_seed + 1, hear)
                value, output = _validated_again(asking, reply, shape)
        except ModelError as error:
            error.calls = tuple(asking.calls)
            raise
        return Completion(
            output=output,
            value=value,
            content=reply.content,
            model=reply.model,
            model_requested=asked,
            prompt_name=prompt.name,
            prompt_version=prompt.version,
            input_hash=prompt.input_hash(data),
            seed=seed,
            draw=draw,
            calls=tuple(asking.calls),
        )

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        """Turn texts into vectors, each different text asked once, at most 128 to a request.

        Raises ValueError for an empty text, and the ModelErrors of `complete`.
        """
        asked = self._admissible(model or self.config.embedding_model)
        if not all(text.strip() for text in texts):
            raise ValueError("an empty text has no embedding")
        unique = list(dict.fromkeys(texts))
        batches = [unique[start : start + EMBEDDING_BATCH] for start in range(0, len(unique), EMBEDDING_BATCH)]
        asking = Asking("embedding", asked)
        # Under a budget one after the other: where it ends in between, no call under way is lost.
        lanes = [batches] if present_purse() is not None else [[batch] for batch in batches]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._embed_batches(asking, lane)) for lane in lanes]
        except BaseExceptionGroup as failures:
            error = failures.exceptions[0]
            if isinstance(error, ModelError):
                error.calls = tuple(asking.calls)
            raise error from None
        found = [one for task in tasks for one in task.result()]
        rows = (row for _, batch_rows in found for row in batch_rows)
        by_text = dict(zip(unique, rows, strict=True))
        answered = found[0][0] if found else asked
        return Embeddings([by_text[text] for text in texts], answered, tuple(asking.calls))

    async def aclose(self) -> None:
        """Close connections; the client can be used again afterwards."""
        await self._transport.aclose()
        await self._limiter.aclose()

    def _admissible(self, model: str) -> str:
        refusal.check()
        return self.config.allowed(model)

    async def _chat(
        self,
        asking: Asking,
        prompt: Prompt[Any, Any],
        shape: OutputShape[Any],
        messages: list[dict[str, str]],
        seed: int,
        hear: Hear | None = None,
    ) -> replies.ChatReply:
        def body(dialect: Dialect) -> dict[str, Any]:
            return dialect.chat_body(prompt, shape, messages, model=asking.model, seed=seed)

        def read(answered: dict[str, Any]) -> replies.ChatReply:
            return replies.chat_reply(answered, asking.model)

        request = Request("/chat/completions", body, read, messages, prompt.max_output_tokens, shape.schema, hear)
        reply = await self._ask(asking, request)
        _raise_if_unusable(asking, reply)
        return reply

    async def _embed_batches(self, asking: Asking, batches: Sequence[list[str]]) -> list[tuple[str, list[list[float]]]]:
        return [await self._embed_batch(asking, batch) for batch in batches]

    async def _embed_batch(self, asking: Asking, texts: list[str]) -> tuple[str, list[list[float]]]:
        def body(dialect: Dialect) -> dict[str, Any]:
            return dialect.embedding_body(texts, model=asking.model)

        def read(answered: dict[str, Any]) -> tuple[str, list[list[float]]]:
            return replies.model_name(answered, asking.model), replies.vectors(answered, len(texts))

        return await self._ask(asking, Request("/embeddings", body, read, texts))

    async def _ask(self, asking: Asking, request: Request[Out]) -> Out:
        """Try until there is a reply, leaving out what the endpoint does not know; raises ModelError."""
        tries = retrying(self.config, began=len(asking.calls), calls=asking.calls)
        while True:
            try:
                return await tries(self._try, asking, request)
            except TryFailed as failed:
                if not failed.learned:
                    raise self._given_up(asking, failed) from failed

    async def _try(self, asking: Asking, request: Request[Out]) -> Out:
        self.suspensions.check(asking.model)
        purse = present_purse()
        if purse is None:
            return await self._admit(asking, request)
        async with held(purse, self._most(asking, request), asking.model) as request.hold:
            return await self._admit(asking, request)

    def _most(self, asking: Asking, request: Request[Any]) -> Decimal | None:
        """Return the most that one try can cost; None where its price is unknown."""
        tokens = most_input_tokens(request.texts, request.schema)
        return self.config.prices.cost(tokens, request.most_output, asking.model)

    async def _admit(self, asking: Asking, request: Request[Out]) -> Out:
        self._transport.open()
        breaker = self._breakers.get(asking.model)
        if breaker is None:
            breaker = self._breakers[asking.model] = Breaker(asking.model, asked_s=self.config.longest_pause_s)
        if not breaker.broken:
            return await self._send(asking, request, breaker)
        async with breaker.probing(self.config.longest_wait_s):
            return await self._send(asking, request, breaker, probing=True)

    async def _send(self, asking: Asking, request: Request[Out], breaker: Breaker, *, probing: bool = False) -> Out:
        expected: int | None = None
        while True:
            pace = self._limiter.pace(asking.model)
            if pace is not None and expected is None:
                expected = pace.expect(_family(asking), counted(request.texts), request.most_output)
                await pace.turn(expected)
            async with self.gate.slot() as slot:
                if expected is None and self._limiter.pace(asking.model) is not None:
                    continue  # a limit became known while this call waited
                if breaker.broken and not probing:  # it opened meanwhile
                    raise breaker.paused()
                return await self._exchange(asking, request, breaker, slot, expected or 0)

    async def _exchange(
        self, asking: Asking, request: Request[Out], breaker: Breaker, slot: Slot, expected: int
    ) -> Out:
        # Read at admission: whoever waited here profits from what calls before it have learned.
        spoken = self._dialects.get(asking.model, Dialect())
        started_at, began = clock.now(), perf_counter()
        if request.hold is not None:
            request.hold.sent()
        try:
            answered = await self._transport.post(
                request.path, request.body(spoken), request.hear if spoken.stream else None
            )
        except TryFailed as failed:
            failed.learned = failed.kind == "unsupported" and self._learn(asking.model, spoken, failed)
            self._record(asking, request, _OUTCOMES.get(failed.kind, "error"), started_at, began, failed)
            if not await self._used_up(asking, failed, expected) and failed.kind == "overloaded":
                slot.overloaded()
            if not failed.outage:
                breaker.succeeded()
            elif breaker.failed(failed.detail, request.identity(failed), failed.retry_after_s):
                raise breaker.paused() from failed
            raise
        slot.succeeded()
        breaker.succeeded()
        self._settle(asking, answered, expected)
        try:
            result = request.read(answered.body)
        except replies.ReplyMalformed as malformed:
            self._record(asking, request, "transient", started_at, began, answered)
            raise TryFailed("transient", str(malformed), status=answered.status) from None
        self._record(asking, request, "ok", started_at, began, answered)
        return result

    def _settle(self, asking: Asking, answered: Answered, expected: int) -> None:
        """Take what a reply tells of the limits, and what it used, into account."""
        self._limiter.hear(asking.model, answered.headers)
        pace = self._limiter.pace(asking.model)
        if pace is not None:
            tokens = replies.token_count(answered.body)
            used = tokens.input + tokens.output if tokens.known else None
            pace.settle(_family(asking), expected, used, tokens.output)

    async def _used_up(self, asking: Asking, failed: TryFailed, expected: int) -> bool:
        """Take what a failure tells of the limits into account; tell whether it is one of them that is used up."""
        if failed.status is None:
            return False
        pace = self._limiter.pace(asking.model)
        if pace is not None:
            pace.settle(_family(asking), expected, 0, 0)
        said = self._limiter.hear(asking.model, failed.headers)
        return failed.status == _TOO_MANY and await self._limiter.exhausted(asking.model, said, failed.retry_after_s)

    def _given_up(self, asking: Asking, failed: TryFailed) -> ModelError:
        """Return the error of a request whose tries have ended without a reply."""
        if failed.kind == "filtered":
            return ModelContentFiltered(failed.detail)
        if not failed.passing:
            return ModelRejected(failed.detail)
        breaker = self._breakers[asking.model]
        if failed.outage and breaker.gave_up(self.config.tries):
            return breaker.paused()
        detail, retry_after_s = f"The model endpoint gave no answer: {failed.detail}.", failed.retry_after_s
        if retry_after_s is not None and retry_after_s > self.config.longest_wait_s:
            return ModelPaused(detail, retry_after_s=min(retry_after_s, self.config.longest_pause_s))
        return ModelUnavailable(detail, retry_after_s=retry_after_s)

    def _learn(self, model: str, spoken: Dialect, failed: TryFailed) -> bool:
        """Remember what the endpoint does not take; tell whether it is worth asking again without it."""
        fewer = spoken.without(failed.refused)
        if fewer is None:
            return False
        if self._dialects.get(model, Dialect()) == spoken:  # else a call beside this one has learned already
            self._dialects[model] = fewer
            _log.warning("the model endpoint does not take a parameter of ours; going on with %s", fewer)
        return True

    def _record(
        self,
        asking: Asking,
        request: Request[Any],
        outcome: Outcome,
        started_at: datetime,
        began: float,
        came: Answered | TryFailed,
    ) -> None:
        body = came.body if isinstance(came, Answered) else {}
        tokens = replies.token_count(body)
        answered = replies.model_name(body, asking.model)
        cost = self.config.prices.cost(tokens.input, tokens.output, answered, asking.model) if tokens.known else None
        unpaid = isinstance(came, TryFailed) and came.unpaid
        call = Call(
            kind=asking.kind,
            model=answered,
            outcome=outcome,
            attempt_no=len(asking.calls) + 1,
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cost_usd=Decimal(0) if unpaid else cost,
            latency_ms=round((perf_counter() - began) * 1000),
            started_at=started_at,
            request_id=came.request_id,
            status=came.status,
            prompt_name=asking.prompt_name,
            prompt_version=asking.prompt_version,
            most_usd=None if unpaid or tokens.known else self._most(asking, request),
        )
        asking.calls.append(call)
        if request.hold is not None:
            request.hold.charged = call.charged_usd


def _validated(reply: replies.ChatReply, shape: OutputShape[Out]) -> tuple[Any, Out]:
    value = replies.decode(reply.content)
    return value, shape.parse(value)


def _validated_again(asking: Asking, reply: replies.ChatReply, shape: OutputShape[Out]) -> tuple[Any, Out]:
    try:
        return _validated(reply, shape)
    except ValueError as error:
        _amend_last(asking, "invalid")
        wrong = "; ".join(explain(error))
        raise ModelInvalidOutput(
            f"The reply to {asking.prompt_name} is invalid even after one repair: {wrong}"
        ) from None


def _raise_if_unusable(asking: Asking, reply: replies.ChatReply) -> None:
    if reply.refusal is not None:
        _amend_last(asking, "refused")
        raise ModelRefused
    if reply.finish_reason == "length":
        _amend_last(asking, "truncated")
        raise ModelTruncated
    if reply.finish_reason == "content_filter":
        _amend_last(asking, "filtered")
        raise ModelContentFiltered


def _amend_last(asking: Asking, outcome: Outcome) -> None:
    asking.calls[-1] = replace(asking.calls[-1], outcome=outcome)


def _family(asking: Asking) -> str:
    return asking.prompt_name or asking.kind

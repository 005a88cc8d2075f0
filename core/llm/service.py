"""Remembers answers and spending. Callers bring the session; none is held while a model is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import uuid7
from core.db.session import Opened
from core.llm import repository
from core.llm.contract import Call, Completion
from core.llm.prompts import Prompt

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """A remembered answer: `value` is the decoded JSON of the reply, `model` the name that answered."""

    key: str
    model: str
    model_requested: str
    value: Any


async def find_answers(session: Opened, wanted: Sequence[tuple[UUID, str]]) -> list[CachedAnswer | None]:
    """Return what workspaces remember under keys, in the order of `wanted`, in one query."""
    rows = await repository.list_answers(session, wanted) if wanted else []
    found = {
        (row["workspace_id"], row["key"]): CachedAnswer(row["key"], row["model"], row["model_requested"], row["output"])
        for row in rows
    }
    return [found.get(one) for one in wanted]


async def latencies_ms(session: AsyncSession, workspace_id: UUID, model: str) -> list[int]:
    """Return how long a model took to answer in a workspace, shortest first, of its newest 500 calls."""
    return await repository.list_latencies_ms(session, workspace_id, model, 500)


async def save_answers(session: Opened, completions: Iterable[tuple[UUID, Completion[Any]]]) -> None:
    """Remember answers, each for its workspace; the first one under a key stays."""
    by_key = {(workspace_id, completion.key): completion for workspace_id, completion in completions}
    if by_key:
        rows = [_answer_row(workspace_id, key, found) for (workspace_id, key), found in by_key.items()]
        await repository.insert_answers(session, rows)


@dataclass(frozen=True, slots=True)
class Billed:
    """A call and what it was made for."""

    call: Call
    workspace_id: UUID
    job_id: UUID | None = None
    step_key: str | None = None


async def record_calls(session: Opened, calls: Iterable[Billed]) -> None:
    """Write one ledger row per HTTP try, failed ones included; a try that is written already stays as it is."""
    rows = [_call_row(billed) for billed in calls]
    if rows:
        await repository.insert_calls(session, rows)


def restore(prompt: Prompt[In, Out], data: In, answer: CachedAnswer, *, seed: int, draw: int = 0) -> Completion[Out]:
    """Turn a remembered answer back into the completion it was; it cost nothing, so `calls` is empty.

    Raises ValueError when the answer does not fit the prompt's shape.
    """
    return Completion(
        output=prompt.shape(data).parse(answer.value),
        value=answer.value,
        content="",
        model=answer.model,
        model_requested=answer.model_requested,
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        input_hash=prompt.input_hash(data),
        seed=seed,
        draw=draw,
        calls=(),
    )


def _answer_row(workspace_id: UUID, key: str, completion: Completion[Any]) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "workspace_id": workspace_id,
        "key": key,
        "model_requested": completion.model_requested,
        "model": completion.model,
        "prompt_name": completion.prompt_name,
        "prompt_version": completion.prompt_version,
        "input_hash": completion.input_hash,
        "seed": completion.seed,
        "draw": completion.draw,
        "output": completion.value,
    }


def _call_row(billed: Billed) -> dict[str, Any]:
    call = billed.call
    return {
        "id": call.id,
        "workspace_id": billed.workspace_id,
        "job_id": billed.job_id,
        "step_key": billed.step_key,
        "kind": call.kind,
        "model": call.model,
        "prompt_name": call.prompt_name,
        "prompt_version": call.prompt_version,
        "outcome": call.outcome,
        "attempt_no": call.attempt_no,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cost_usd": call.cost_usd,
        "most_usd": call.most_usd,
        "latency_ms": call.latency_ms,
        "request_id": call.request_id,
    }

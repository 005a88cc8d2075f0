"""What a model call gives: calls, completions, embeddings, usage; and the protocol all models here keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel

from core.db.base import uuid7
from core.llm.prompts import Prompt, canonical_json
from core.llm.streaming import Hear

In = TypeVar("In", bound=BaseModel)
Out = TypeVar("Out")
Outcome = Literal["ok", "transient", "invalid", "refused", "truncated", "filtered", "error"]
Kind = Literal["chat", "embedding"]
EMBEDDING_BATCH = 128
"""Texts in one request for embeddings, at most."""
DEMONSTRATION_PREFIX = "offline-demonstration"
OUTCOMES: tuple[Outcome, ...] = ("ok", "transient", "invalid", "refused", "truncated", "filtered", "error")


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP try, whatever came of it.

    `cost_usd` is None where the price or the token count is unknown; in the latter case `most_usd` is the most it can
    have cost.
    """

    kind: Kind
    model: str
    outcome: Outcome
    attempt_no: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    latency_ms: int
    started_at: datetime
    request_id: str | None = None
    status: int | None = None
    prompt_name: str | None = None
    prompt_version: int | None = None
    most_usd: Decimal | None = None
    id: UUID = field(default_factory=uuid7, compare=False)

    @property
    def charged_usd(self) -> Decimal:
        """What budgets count of it: its cost, or the most that can be; nothing where the price is unknown."""
        return self.cost_usd if self.cost_usd is not None else self.most_usd or Decimal(0)


@dataclass(frozen=True, slots=True)
class Completion(Generic[Out]):
    """A validated reply. `model` is the name that answered, `value` the decoded JSON of the reply."""

    output: Out
    value: Any
    content: str
    model: str
    model_requested: str
    prompt_name: str
    prompt_version: int
    input_hash: str
    seed: int
    draw: int
    calls: tuple[Call, ...]

    @property
    def key(self) -> str:
        """Key of this answer in a workspace's answer cache."""
        return answer_key(
            self.model_requested, self.prompt_name, self.prompt_version, self.input_hash, self.seed, self.draw
        )

    @property
    def demonstration(self) -> bool:
        """Tell whether the offline demonstration model answered."""
        return is_demonstration(self.model)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector per text, in the order asked; `model` is the name the endpoint answered with."""

    vectors: list[list[float]]
    model: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls cost together; `cost_usd` is None when the cost of any one of them is unknown."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            (self.cost_usd or Decimal(0)) + (other.cost_usd or Decimal(0)) if known else None,
        )


class LanguageModel(Protocol):
    """What domains ask: the real client or a scripted stand-in."""

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
        """Ask for one structured reply; `hear` is told its content while it is being written."""
        ...

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> Embeddings:
        """Turn texts into vectors."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


def answer_key(model: str, prompt_name: str, prompt_version: int, input_hash: str, seed: int, draw: int) -> str:
    """Return the key an answer is remembered under: sha256 over all that decides it, as 64 hex digits."""
    parts = canonical_json([model, prompt_name, prompt_version, input_hash, seed, draw])
    return hashlib.sha256(parts.encode()).hexdigest()


def usage_of(calls: Iterable[Call]) -> Usage:
    """Add up what `calls` used."""
    total = Usage()
    for call in calls:
        total += Usage(1, call.input_tokens, call.output_tokens, call.cost_usd)
    return total


def is_demonstration(model: str) -> bool:
    """Tell whether `model` names the offline demonstration model."""
    return model.startswith(DEMONSTRATION_PREFIX)


def wire_seed(seed: int, draw: int) -> int:
    """Return the seed sent for a draw: the seed itself for draw 0, another one for each further draw."""
    if draw == 0:
        return seed
    digest = hashlib.sha256(f"{seed}:{draw}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF

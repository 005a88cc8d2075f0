"""The contract of a job kind: typed arguments and policy, declared once, next to the domain it serves."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from core.limits.service import ModelKind

Args = TypeVar("Args", bound="JobArgs")
Pool = Literal["interactive", "batch", "delivery"]


class JobArgs(BaseModel):
    """Arguments of a job: ids and small values only. Old workers read new messages, so extras are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff with full jitter, in seconds."""

    base_s: float = 1.0
    cap_s: float = 300.0

    def delay_s(self, attempt: int, rng: random.Random) -> float:
        """Return a delay drawn from [0, min(cap, base·2^attempt)]."""
        return rng.uniform(0, min(self.cap_s, self.base_s * 2.0 ** min(attempt, 30)))


@dataclass(frozen=True, slots=True)
class JobContract(Generic[Args]):
    """A kind of job. The kind's name never changes; `subject` and `result` are published in the docs.

    `public` kinds are submitted by callers; the others are shards made by a parent. `asks` are the models it needs the
    prices of when it has a budget.
    """

    kind: str
    args: type[Args]
    pool: Pool
    subject: str
    result: tuple[str, ...]
    timeout_s: float = 900.0
    max_attempts: int = 3
    backoff: Backoff = field(default_factory=Backoff)
    public: bool = True
    asks: tuple[ModelKind, ...] = ("chat",)

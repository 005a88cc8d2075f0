"""One request of a caller, and the tries made for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.llm.contract import Call, Kind
from core.llm.dialect import Dialect
from core.llm.spending import Hold
from core.llm.streaming import Hear
from core.llm.transport import TryFailed

Out = TypeVar("Out")


@dataclass(slots=True)
class Asking:
    """One request of a caller and the tries made for it so far."""

    kind: Kind
    model: str
    prompt_name: str | None = None
    prompt_version: int | None = None
    calls: list[Call] = field(default_factory=list)


@dataclass(slots=True)
class Request(Generic[Out]):
    """What is sent, how its reply is read, what decides about the tokens it will take, and what is held for its try."""

    path: str
    body: Callable[[Dialect], dict[str, Any]]
    read: Callable[[dict[str, Any]], Out]
    texts: Sequence[Any]
    most_output: int = 0
    schema: Mapping[str, Any] | None = None
    hear: Hear | None = None
    hold: Hold | None = None

    def identity(self, failed: TryFailed) -> int | None:
        """Return a number that stands for what was asked; None if nothing was."""
        return None if failed.unreachable else hash(str(self.texts))

"""Bodies by job kind: one body each, registered once; a kind that fans out names its reducer too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core.jobs.contract import JobArgs, JobContract
from core.jobs.records import Fan
from worker.context import JobContext

Args = TypeVar("Args", bound=JobArgs)
Write = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Done:
    """A body's end: `result` is shown to the caller; `write` runs in the transaction that ends the job."""

    result: Mapping[str, Any] = field(default_factory=dict)
    write: Write | None = None


Body = Callable[[JobContext, Any], Awaitable[Done | Fan]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A contract with its body; `reduce` runs once a parent's shards are done."""

    contract: JobContract[Any]
    run: Body
    reduce: Body | None = None


_registered: dict[str, Registered] = {}


def body(
    contract: JobContract[Args], *, reduce: Callable[[JobContext, Args], Awaitable[Done]] | None = None
) -> Callable[
    [Callable[[JobContext, Args], Awaitable[Done | Fan]]], Callable[[JobContext, Args], Awaitable[Done | Fan]]
]:
    """Register the decorated function as the body of a job kind; raises ValueError for a second one."""

    def register(
        function: Callable[[JobContext, Args], Awaitable[Done | Fan]],
    ) -> Callable[[JobContext, Args], Awaitable[Done | Fan]]:
        if contract.kind in _registered:
            raise ValueError(f"{contract.kind} has a body already")
        _registered[contract.kind] = Registered(contract, function, reduce)
        return function

    return register


def find(kind: str) -> Registered | None:
    """Return what is registered for a kind; None for a kind this worker does not know."""
    return _registered.get(kind)


def kinds() -> dict[str, Registered]:
    """Return all that is registered, by kind."""
    return dict(_registered)

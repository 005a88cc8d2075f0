"""Forbids real model calls: a test that forgot its stand-in fails by name instead of reaching an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.llm.errors import ModelCallsForbidden

_forbidden = False


@contextmanager
def model_calls_forbidden() -> Iterator[None]:
    """Make every ModelClient of this process refuse calls within the block, in all tasks and threads."""
    with _set(forbidden=True):
        yield


@contextmanager
def model_calls_allowed() -> Iterator[None]:
    """Lift the ban within the block, for tests that bring a server of their own."""
    with _set(forbidden=False):
        yield


def check() -> None:
    """Raise ModelCallsForbidden while calls are forbidden."""
    if _forbidden:
        raise ModelCallsForbidden


@contextmanager
def _set(*, forbidden: bool) -> Iterator[None]:
    global _forbidden  # noqa: PLW0603 - one switch for the process: fixtures and tests run in different tasks
    before = _forbidden
    _forbidden = forbidden
    try:
        yield
    finally:
        _forbidden = before

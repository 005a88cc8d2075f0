"""The one owner of retries: which failed tries are repeated, after how long, and when it ends."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tenacity import AsyncRetrying, RetryCallState

from core.llm.config import ModelConfig
from core.llm.contract import Call
from core.llm.transport import TryFailed


def retrying(config: ModelConfig, *, calls: Sequence[Call], began: int) -> AsyncRetrying:
    """Return the retry loop of one request; `calls[began:]` are its tries so far.

    Passing failures are repeated with exponential full jitter, or after the Retry-After the endpoint sent. A
    Retry-After above `longest_wait_s` ends the loop, as any ModelPaused does: the caller gives its place back and
    comes again later.
    """

    def worth_another(state: RetryCallState) -> bool:
        error = _error(state)
        if error is None or not error.passing:
            return False
        return (error.retry_after_s or 0.0) <= config.longest_wait_s

    def wait(state: RetryCallState) -> float:
        error = _error(state)
        if error is not None and error.retry_after_s is not None:
            return error.retry_after_s + random.uniform(0, 0.1)
        ceiling = config.first_wait_s * 2.0 ** (state.attempt_number - 1)
        return random.uniform(0, min(config.longest_wait_s, ceiling))

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number >= config.tries:
            return True
        trying_s = sum(call.latency_ms for call in calls[began:]) / 1000
        return trying_s + state.idle_for + state.upcoming_sleep > config.total_s

    return AsyncRetrying(retry=worth_another, wait=wait, stop=stop, reraise=True)


def _error(state: RetryCallState) -> TryFailed | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TryFailed) else None

"""Requests that outlast a moment's outage: what can be sent again without harm is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from core.client.errors import ClientError, NoAnswer, refusal

TIMEOUT_S: Final = 30.0
LONGEST_WAIT_S: Final = 60
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0
REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
PASSING: Final = frozenset({429, 503})


class Transport:
    """One connection pool to one service.

    A request that may be repeated (a read, a PUT or DELETE, anything with an `Idempotency-Key`) is repeated after a
    lost connection, 503 and 429 until `patience_s` is over, Retry-After honoured; any other only after 429, by which
    it was refused.
    """

    def __init__(self, url: str, *, patience_s: float = 60.0, transport: httpx.BaseTransport | None = None) -> None:
        self.http = httpx.Client(
            base_url=url,
            timeout=httpx.Timeout(TIMEOUT_S, read=TIMEOUT_S + LONGEST_WAIT_S),
            trust_env=False,
            transport=transport,
        )
        self.patience_s = patience_s

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request; return the answer, whatever its status. Raises NoAnswer."""
        return self._answered(method, path, options)

    @contextmanager
    def open(
        self, method: str, path: str, *, patience_s: float | None = None, **options: Any
    ) -> Iterator[httpx.Response]:
        """Send a request and give the answer before its body is read. Raises NoAnswer, Refused."""
        answer = self._answered(method, path, options, stream=True, patience_s=patience_s)
        try:
            if not answer.is_success:
                answer.read()
                raise refusal(f"{method} {path}", answer.status_code, problem_of(answer))
            yield answer
        except httpx.HTTPError as error:
            raise no_answer(method, path, error) from error
        finally:
            answer.close()

    def _answered(
        self,
        method: str,
        path: str,
        options: dict[str, Any],
        *,
        stream: bool = False,
        patience_s: float | None = None,
    ) -> httpx.Response:
        patience = _Patience(self.patience_s if patience_s is None else patience_s)
        repeatable = may_repeat(method, options.get("headers"))
        while True:
            try:
                answer = self.http.send(self.http.build_request(method, path, **options), stream=stream)
            except httpx.HTTPError as error:
                if not repeatable or not patience.pause():
                    raise no_answer(method, path, error) from error
                continue
            passing = answer.status_code == httpx.codes.TOO_MANY_REQUESTS or (
                repeatable and answer.status_code in PASSING
            )
            if not passing or not patience.pause(retry_after_s(answer)):
                return answer
            answer.close()


class _Patience:
    """How much longer somebody tries, and the pauses between."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._pause_s = FIRST_PAUSE_S

    def pause(self, asked_s: float | None = None) -> bool:
        """Wait until the next try, as long as the service asked for; False when that would be too late."""
        wait_s = asked_s if asked_s is not None else random.uniform(0.5, 1.0) * self._pause_s
        if time.monotonic() + wait_s > self._ends:
            return False
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        time.sleep(wait_s)
        return True


def may_repeat(method: str, headers: Mapping[str, str] | None) -> bool:
    """Tell whether sending the request twice has its effect once."""
    return method in REPEATABLE or IDEMPOTENCY_KEY in (headers or {})


def retry_after_s(answer: httpx.Response) -> float | None:
    """Return what `Retry-After` asks for in seconds; None without it or where it is a date."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdecimal() and len(told) < 9 else None


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem document of an answer, or one made of what it said instead."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return problem
    return {"title": f"HTTP {answer.status_code}", "detail": answer.text[:300], "status": answer.status_code}


def no_answer(method: str, path: str, error: Exception) -> ClientError:
    """Return the error for a request that nothing answered."""
    return NoAnswer(f"{method} {path}: no answer: {str(error) or type(error).__name__}")

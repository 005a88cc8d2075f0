"""What the server has been asked, for tests and for the curious: served at `/stats`."""

from collections import Counter
from typing import Any

_MAX_FINGERPRINTS = 500_000


class Counters:
    """Counts of requests, answers, faults and tokens since the last reset."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Start counting afresh; requests in flight stay counted as such."""
        self.requests: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.schemas: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.embedded_texts = 0
        self.max_in_flight = self.in_flight
        self._seen: dict[int, int] = {}
        self._repeats = 0

    def arrive(self, endpoint: str, fingerprint: int) -> int:
        """Count one request and return how often the same one has come before."""
        self.requests[endpoint] += 1
        before = self._seen.get(fingerprint, 0)
        if before:
            self._repeats += 1
        if before or len(self._seen) < _MAX_FINGERPRINTS:
            self._seen[fingerprint] = before + 1
        return before

    def enter(self) -> None:
        """Count one more request in flight."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)

    def leave(self) -> None:
        """Count one request less in flight."""
        self.in_flight -= 1

    def as_dict(self) -> dict[str, Any]:
        """Return the counters as JSON; `calls` are the requests that were answered, faults excluded."""
        return {
            "requests": dict(self.requests),
            "calls": dict(self.calls),
            "calls_total": sum(self.calls.values()),
            "calls_by_schema": dict(self.schemas),
            "faults": dict(self.faults),
            "errors": dict(self.errors),
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "embedded_texts": self.embedded_texts,
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "distinct_requests": len(self._seen),
            "repeated_requests": self._repeats,
        }

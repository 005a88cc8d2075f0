"""Limits per minute that tests switch on: buckets that fill steadily, and the headers that tell of them."""

import time
from dataclasses import dataclass

from core.embedded.offline_model.faults import FaultConfig


@dataclass(slots=True)
class _Bucket:
    """What is left of one limit."""

    left: float = 0.0
    at: float = 0.0

    def refill(self, limit: float, burst: float, now: float) -> None:
        self.left = min(burst, self.left + (now - self.at) * limit / 60.0)
        self.at = now


class Limits:
    """Requests and tokens per minute of one model."""

    def __init__(self) -> None:
        self._buckets = {"requests": _Bucket(), "tokens": _Bucket()}

    def take(self, config: FaultConfig, tokens: int) -> tuple[float | None, dict[str, str]]:
        """Take one request and its tokens; return the wait in seconds if that is too much, and the headers.

        A request of more tokens than the burst is let in when the bucket is full.
        """
        now = time.monotonic()
        kept = [
            ("requests", config.requests_per_minute, 1.0),
            ("tokens", config.tokens_per_minute, float(tokens)),
        ]
        wait_s, headers = 0.0, {}
        for what, limit, amount in kept:
            if limit:
                bucket, burst = self._buckets[what], max(1.0, limit * config.limit_burst_s / 60.0)
                bucket.refill(limit, burst, now)
                wait_s = max(wait_s, (min(amount, burst) - bucket.left) * 60.0 / limit)
        for what, limit, amount in kept:
            if limit:
                bucket, burst = self._buckets[what], max(1.0, limit * config.limit_burst_s / 60.0)
                bucket.left -= 0.0 if wait_s > 0 else amount
                headers[f"x-ratelimit-limit-{what}"] = f"{limit:g}"
                headers[f"x-ratelimit-remaining-{what}"] = str(max(0, int(bucket.left)))
                headers[f"x-ratelimit-reset-{what}"] = _duration((burst - bucket.left) * 60.0 / limit)
        return (wait_s if wait_s > 0 else None), headers

    def spend(self, tokens: int) -> None:
        """Take the tokens of an answer, which nobody knew before."""
        self._buckets["tokens"].left -= tokens


def _duration(seconds: float) -> str:
    """Write a duration as endpoints do: 120ms, 1.5s, 6m0s."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes)}m{rest:.3f}s" if minutes else f"{rest:.3f}s"

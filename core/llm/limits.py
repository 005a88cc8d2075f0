"""Limits per minute: what an endpoint's headers say of them, and a bucket that keeps one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MINUTE_S: Final = 60.0
# A limit that takes longer than this to be whole again is one per hour or day, and not for us to spread.
_LONGEST_RESET_S: Final = 61.0
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True)
class Told:
    """What headers say of one limit; None where they say nothing."""

    limit: float | None = None
    remaining: float | None = None
    reset_s: float | None = None

    @property
    def per_minute(self) -> float | None:
        """The limit, if it can be one per minute."""
        if self.limit is None or self.limit < 1 or (self.reset_s or 0.0) > _LONGEST_RESET_S:
            return None
        return self.limit


def told(headers: Mapping[str, str], what: str) -> Told:
    """Read `x-ratelimit-{limit,remaining,reset}-<what>`; what cannot be read was not said."""
    return Told(
        _number(headers.get(f"x-ratelimit-limit-{what}")),
        _number(headers.get(f"x-ratelimit-remaining-{what}")),
        seconds(headers.get(f"x-ratelimit-reset-{what}")),
    )


def seconds(text: str | None) -> float | None:
    """Read a duration: `1s`, `6m0s`, `120ms`, `1h2m3.5s`, or a plain number of seconds."""
    text = (text or "").strip()
    parts = _PART.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * _UNITS[unit] for number, unit in parts)
    return _number(text)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def burst_of(limit: float) -> float:
    """Return what may be taken at once: a second's worth, one at least."""
    return max(1.0, limit / MINUTE_S)


def rate_of(limit: float) -> float:
    """Return what comes back in a second, so that burst and refill of any minute are within `limit`."""
    return (limit - burst_of(limit) + 1) / MINUTE_S


@dataclass(slots=True)
class Bucket:
    """A limit per minute in this process; the script in `buckets.py` keeps the shared one in the same way."""

    left: float = math.inf  # full, whatever the limit
    at: float = field(default=-math.inf)

    def refill(self, limit: float, now: float, back: float = 0.0, remaining: float | None = None) -> None:
        """Add what came back since the last time, and take over what the endpoint says remains."""
        came = (now - self.at) * rate_of(limit) if math.isfinite(self.at) else 0.0
        self.left = min(burst_of(limit), self.left + came + back, math.inf if remaining is None else remaining)
        self.at = now

    def wait_s(self, limit: float, amount: float) -> float:
        """Return how long until `amount` may be taken; one larger than the burst waits until the bucket is full."""
        return max(0.0, (min(amount, burst_of(limit)) - self.left) / rate_of(limit))

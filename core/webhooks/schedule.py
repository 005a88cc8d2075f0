"""When a message is sent again, and when an endpoint is left alone for a while, or for good: rules without a clock."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

RETRIES_S: Final = (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
"""Seconds before each attempt, counted from the one before; the first is made at once."""
JITTER: Final = 0.1
LONGEST_RETRY_AFTER_S: Final = 86400.0
FAILING_FOR: Final = timedelta(days=5)
GONE: Final = 410

# Failures in a row after which nothing but a probe is sent now and then.
OPEN_AFTER: Final = 3
FIRST_PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0
LONGEST_ASKED_PAUSE_S: Final = 3600.0


def delay_s(step: int, retry_after_s: float | None = None) -> float | None:
    """Return the seconds until the next attempt after `step` attempts; None when there is none to come.

    Up to a tenth is added, so that messages which failed together do not come back together. A receiver that asked
    for a longer pause gets it.
    """
    if step >= len(RETRIES_S):
        return None
    wait_s = RETRIES_S[step] * (1 + random.uniform(0, JITTER))
    return max(wait_s, min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S))


def pause_s(failures: int, retry_after_s: float | None = None) -> float:
    """Return for how many seconds an endpoint is left alone after so many failures in a row; 0: it is not."""
    asked = min(retry_after_s or 0.0, LONGEST_ASKED_PAUSE_S)
    if failures < OPEN_AFTER:
        return asked
    return max(asked, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures - OPEN_AFTER, 10)))


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number, or until a date; None where it says nothing."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:9])
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return None

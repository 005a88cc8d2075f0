"""Limits per minute: how headers are read, and that a bucket never gives out more."""

from __future__ import annotations

from bisect import bisect_left

import pytest

from core.llm.limits import Bucket, Told, burst_of, rate_of, seconds, told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", 1), ("6m0s", 360), ("120ms", 0.12), ("1h2m3.5s", 3723.5), ("1d", 86400), ("17", 17), (" 2s ", 2),
        ("0s", 0), ("", None), (None, None), ("soon", None), ("1x", None), ("s", None), ("-1s", None), ("-3", None),
        ("1s and more", None), ("nan", None), ("inf", None),
    ],
)  # fmt: skip
def test_durations_are_read(text: str | None, expected: float | None) -> None:
    assert seconds(text) == (None if expected is None else pytest.approx(expected))


def test_headers_are_read() -> None:
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "many",
    }
    assert told(headers, "requests") == Told(500, 499, 0.12)
    assert told(headers, "tokens") == Told()


def test_a_limit_per_day_is_not_taken_for_one_per_minute() -> None:
    assert Told(200, 199, 432.0).per_minute is None
    assert Told(200, 199, 0.3).per_minute == 200
    assert Told(0, 0, 1.0).per_minute is None


@pytest.mark.parametrize("limit", [1, 3, 20, 60, 61, 500, 3000])
def test_no_minute_gets_more_than_the_limit(limit: float) -> None:
    bucket, now, taken = Bucket(), 0.0, list[float]()
    while now < 150:
        bucket.refill(limit, now)
        now += bucket.wait_s(limit, 1) + 1e-6
        bucket.refill(limit, now)
        bucket.left -= 1
        taken.append(now)
    most = max(bisect_left(taken, one + 60) - place for place, one in enumerate(taken) if one < 90)
    assert most <= limit
    assert most >= 0.95 * limit


def test_one_call_larger_than_the_burst_waits_for_a_full_bucket_and_is_paid_off() -> None:
    bucket = Bucket()
    bucket.refill(6000, 0)
    assert bucket.wait_s(6000, 4000) == 0
    bucket.left -= 4000
    bucket.refill(6000, 10)
    assert bucket.wait_s(6000, 1) == pytest.approx((3901 - 10 * rate_of(6000)) / rate_of(6000))


def test_what_the_endpoint_says_remains_counts_if_it_is_less() -> None:
    bucket = Bucket()
    bucket.refill(6000, 0, remaining=7)
    assert bucket.left == 7
    bucket.refill(6000, 0, remaining=5000)
    assert bucket.left == 7
    bucket.refill(6000, 0, back=1e6)
    assert bucket.left == burst_of(6000)

"""Quantiles of the normal and Student distributions without scipy, which takes over a second to import."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_MAX_TERMS = 500
_TINY = 1e-300
_PRECISION = 1e-15


@lru_cache(maxsize=64)
def z_value(confidence: float) -> float:
    """Return the two-sided standard normal quantile, 1.95996… for 0.95.

    Raises ValueError unless 0 < confidence < 1.
    """
    _check_confidence(confidence)
    return NormalDist().inv_cdf(0.5 + confidence / 2)


@lru_cache(maxsize=512)
def t_value(confidence: float, df: float) -> float:
    """Return the two-sided Student t quantile for a real number of degrees of freedom.

    Found by bisection on P(|T| <= t) = 1 - I_x(df/2, 1/2), x = df/(df + t²)
    (Abramowitz & Stegun 26.7.1). Raises ValueError unless 0 < confidence < 1 and df > 0.
    """
    _check_confidence(confidence)
    if not df > 0 or math.isnan(df):
        raise ValueError("degrees of freedom must be above 0")
    if df > 1e7:
        return z_value(confidence)
    low, high = 0.0, 1.0
    while _central_probability(high, df) < confidence and high < 1e12:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if _central_probability(middle, df) < confidence:
            low = middle
        else:
            high = middle
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), 0 <= x <= 1.

    Continued fraction 26.5.8 of Abramowitz & Stegun, evaluated by Lentz's method.
    Raises ValueError for a or b not above 0 or x outside [0, 1].
    """
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        raise ValueError("incomplete beta needs a > 0, b > 0 and 0 <= x <= 1")
    if x in {0.0, 1.0}:
        return x
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(log_front)
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def _central_probability(t: float, df: float) -> float:
    return 1 - incomplete_beta(df / 2, 0.5, df / (df + t * t))


def _beta_fraction(a: float, b: float, x: float) -> float:
    c = 1.0
    d = 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            result *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return result


def _away_from_zero(value: float) -> float:
    return _TINY if abs(value) < _TINY else value


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1, both excluded")

"""Quantiles and tails of common distributions without scipy, which takes over a second to import."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

_MAX_TERMS = 500
_MAX_GAMMA_TERMS = 10_000
_LARGE_DF = 1e5
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


def f_survival(f: float, df1: float, df2: float) -> float:
    """Return P(F > f) for real degrees of freedom; I_x(df2/2, df1/2), x = df2/(df2 + df1·f) (A&S 26.6.2).

    Raises ValueError for degrees of freedom not above 0 or a negative f.
    """
    if not (df1 > 0 and df2 > 0 and f >= 0):
        raise ValueError("F needs degrees of freedom above 0 and a value of 0 or more")
    if df2 > _LARGE_DF:
        return chi2_survival(f * df1, df1)
    return incomplete_beta(df2 / 2, df1 / 2, df2 / (df2 + df1 * f))


def chi2_survival(x: float, df: float) -> float:
    """Return P(χ² > x) for a real number of degrees of freedom: Q(df/2, x/2) (A&S 26.4.19).

    By the series 6.5.29 below df + 2 and the continued fraction 6.5.31 above. Raises ValueError unless df > 0, x >= 0.
    """
    if not (df > 0 and x >= 0):
        raise ValueError("χ² needs degrees of freedom above 0 and a value of 0 or more")
    a, z = df / 2, x / 2
    if z == 0:
        return 1.0
    front = math.exp(a * math.log(z) - z - math.lgamma(a))
    if z < a + 1:
        return max(0.0, 1 - front * _gamma_series(a, z))
    return min(1.0, front * _gamma_fraction(a, z))


def _gamma_series(a: float, z: float) -> float:
    term = total = 1 / a
    for k in range(1, _MAX_GAMMA_TERMS):
        term *= z / (a + k)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _gamma_fraction(a: float, z: float) -> float:
    b = z + 1 - a
    c = 1 / _TINY
    d = 1 / _away_from_zero(b)
    result = d
    for k in range(1, _MAX_GAMMA_TERMS):
        term = -k * (k - a)
        b += 2
        d = 1 / _away_from_zero(term * d + b)
        c = _away_from_zero(b + term / c)
        result *= c * d
        if abs(c * d - 1) < _PRECISION:
            break
    return result


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

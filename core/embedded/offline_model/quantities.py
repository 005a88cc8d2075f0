"""Plausible numbers: what a question counts, per what time, and about how much of it is usual."""

import math
import re
from dataclasses import dataclass
from typing import Any

from core.embedded.offline_model import facts, prices
from core.embedded.offline_model.position import Reading
from core.embedded.offline_model.profile import Profile
from core.embedded.offline_model.seeding import Draws, phi

_PERIODS = (("day", r"(a|per|each|every|one|typical|average|on|working) ?(week)?day|daily|per night|hours? of sleep"),
            ("week", r"week(ly)?\b"), ("month", r"month(ly)?\b"), ("year", r"year(ly)?\b|annual|season"))  # fmt: skip
# What is counted: a pattern, then (usual, most) per day, week, month, year and by itself; None means `_OTHERWISE`.
_Usual = tuple[float, float]
_COUNTS: tuple[tuple[str, dict[str, _Usual]], ...] = (
    (r"hours? (of )?(sleep|do you sleep)|sleep.*hours", dict.fromkeys(("day", ""), (7.0, 11.0))),
    (r"\bhours?\b", {"day": (2.0, 16.0), "week": (5.0, 60.0), "month": (15.0, 200.0), "year": (120.0, 2000.0),
     "": (3.0, 24.0)}),
    (r"\bminutes?\b", {"day": (25.0, 240.0), "week": (60.0, 600.0), "month": (120.0, 1500.0), "": (20.0, 120.0)}),
    (r"how (long|many weeks)|\bweeks (did|do|have|would)", {"": (6.0, 52.0), "year": (4.0, 52.0)}),
    (r"leave|holiday|vacation", {"year": (22.0, 45.0), "": (14.0, 45.0)}),
    (r"how many days|days (per|a|each)", {"week": (3.0, 7.0), "month": (8.0, 31.0), "year": (15.0, 200.0),
     "": (5.0, 60.0)}),
    (r"how many months|months (did|do|have|would)", {"": (6.0, 48.0)}),
    (r"how many years|years (have|did|of)", {"": (6.0, 40.0)}),
    (r"kilomet(er|re)s?|\bkm\b|\bmiles?\b", {"day": (18.0, 200.0), "week": (120.0, 900.0), "month": (450.0, 3000.0),
     "year": (9000.0, 40000.0), "": (12.0, 300.0)}),
    (r"\bacres?\b|hectares?", {"": (220.0, 2500.0)}),
    (r"cups?\b|glass(es)?\b|drinks\b|servings?|portions?|meals?\b", {"day": (2.0, 8.0), "week": (8.0, 40.0),
     "month": (25.0, 120.0), "": (2.0, 10.0)}),
    (r"how many times|how often|number of times|times (per|a)\b|how frequently|visits?\b", {"day": (2.0, 8.0),
     "week": (2.0, 14.0),
     "month": (3.0, 30.0), "year": (4.0, 50.0), "": (3.0, 20.0)}),
    (r"how many (friends|people|colleagues|coworkers)", {"": (4.0, 30.0)}),
)  # fmt: skip
_OTHERWISE: _Usual = (4.0, 20.0)
_SHARE = re.compile(r"per ?cent|%|what (share|proportion)")
_MONEY = re.compile(
    r"[$£€₹]|dollars?|pounds?|euros?|rupees?|\bpay\b|spend|\bcosts?\b|\bprice|afford|\bworth\b|salary|income"
)
_IN_MONTHS = {"day": 1 / 30, "week": 12 / 52, "month": 1.0, "year": 12.0, "": 1.0}
# Prices named in the survey: most people name one near them, by so many logarithms.
_NEAR_NAMED = 0.22
_NOT_FAR = 1.6


@dataclass(frozen=True, slots=True)
class Wish:
    """A respondent's score, the highest price they said yes to before, and the lowest they said no to."""

    z: float
    yes: float = 0.0
    no: float = math.inf


@dataclass(frozen=True, slots=True)
class _Range:
    """`usual` is what most people say, `most` the largest plausible; both None where only the bounds are known.

    `fine`: a small amount of money, of which parts count. `spread`: how far answers go apart, None for the usual.
    """

    low: float
    most: float
    usual: float | None
    fine: bool = False
    spread: float | None = None


def answer(reading: Reading, scale: dict[str, Any], person: Profile, wish: Wish, draws: Draws) -> float | int:
    """Return a number within the scale that is plausible for what is asked, and moves with the score."""
    low, high = _finite(scale.get("min")), _finite(scale.get("max"))
    if low is not None and high is not None and high < low:
        low, high = high, low
    known = facts.number(reading.text, person)
    span = _range(reading, person, low, high)
    value = float(known) if known is not None else _drawn(span, wish, draws)
    return _bounded(value, low, high, whole=not (span.fine and known is None) and _is_whole(low, high, value))


def _range(reading: Reading, person: Profile, low: float | None, high: float | None) -> _Range:
    lowered = reading.text.lower()[:1000]
    found = _expected(reading, lowered, person)
    lowest = 0.0 if low is None else low
    inside = found.usual is not None and lowest <= found.usual <= (math.inf if high is None else high)
    bounded_both = low is not None and high is not None
    few = low is not None and high is not None and high - low <= 12 and not found.fine
    if (bounded_both and (not inside or few)) or (low is not None and low < 0 and high is not None):
        return _Range(lowest, high or 0.0, None)
    if not inside:
        return _Range(lowest, lowest + 10.0 if high is None else high, None)
    most = max(found.most, lowest + 1.0)
    return _Range(lowest, most if high is None else min(most, high), found.usual, found.fine, found.spread)


def _expected(reading: Reading, text: str, person: Profile) -> _Range:
    period = next((name for name, pattern in _PERIODS if re.search(pattern, text)), "")
    if _SHARE.search(text):
        usual = 9.0 if "sav" in text else 35.0
        return _Range(0.0, 100.0, usual)
    counted = next((row for pattern, row in _COUNTS if re.search(pattern, text)), None)
    priced = bool(_MONEY.search(text)) and not re.search(r"how many (times|hours|days|minutes|cups|people|weeks)", text)
    if priced:
        return _price(reading, text, period, person)
    if counted is None:
        return _Range(0.0, _OTHERWISE[1], _OTHERWISE[0])
    usual, most = counted.get(period) or counted.get("") or _OTHERWISE
    return _Range(0.0, most, usual)


def _price(reading: Reading, text: str, period: str, person: Profile) -> _Range:
    """Return the prices that the survey itself names, else what things of that kind cost."""
    means = math.exp(0.7 * (person.income - 0.5))
    named = f"{text} {reading.subject.phrase}"
    near = prices.of_kind(reading.prices, named)
    if near and _ASKS_PRICE.search(text):
        low, high = near[0], near[-1]
        middle = math.sqrt(low * high)
        spread = max(_NEAR_NAMED, 0.5 * math.log(high / low))
        return _Range(low / _NOT_FAR, high * _NOT_FAR, middle * means**0.3, fine=middle < 10, spread=spread)
    (usual, most), monthly = prices.usual(named) or (prices.OTHERWISE, False)
    times = (_IN_MONTHS[period] if monthly else 1.0) * prices.rate(text, person.country)
    return _Range(0.0, most * times, usual * times * means, fine=usual * times < 10)


_ASKS_PRICE = re.compile(r"\bpay\b|\bprice|\bworth\b|\bcosts?\b|expensive|dear|cheap|bargain")


def _drawn(span: _Range, wish: Wish, draws: Draws) -> float:
    noise = draws.normal(0.0, 0.2)
    z = max(-2.0, min(2.0, wish.z))
    if span.usual is None:
        return span.low + (span.most - span.low) * phi(0.8 * wish.z + noise)
    if span.spread is not None:
        value = span.usual * math.exp(span.spread * (0.8 * z + noise))
        value = max(wish.yes, min(value, wish.no * 0.95, span.most), span.low)
        return _rounded(value, fine=span.fine)
    narrow = min(1.0, math.log(max(1.01, span.most / span.usual)) / 1.2) if span.usual > 0 else 1.0
    value = span.usual * math.exp(narrow * (0.45 * z + noise))
    return _rounded(min(span.most, max(span.low, value)), fine=span.fine)


def _rounded(value: float, *, fine: bool) -> float:
    """Round as people do: small amounts of money to parts of one, larger numbers to fives and tens."""
    if fine:
        steps = 10 if value < 5 else 2
        return max(1.0, round(steps * value)) / steps
    if value < 15:
        return float(round(value))
    step = 5.0 if value < 100 else 10.0 ** math.floor(math.log10(value) - 0.7)
    return round(value / step) * step


def _is_whole(low: float | None, high: float | None, value: float) -> bool:
    if low is not None and high is not None:
        return high - low > 2 or (low.is_integer() and high.is_integer() and high - low >= 1)
    return value.is_integer()


def _bounded(value: float, low: float | None, high: float | None, *, whole: bool) -> float | int:
    if whole:
        value = round(value)
        if high is not None:
            value = min(math.floor(high), value)
        return value if low is None else int(max(math.ceil(low), value))
    value = value if high is None else min(high, value)
    return round(value if low is None else max(low, value), 3)


def _finite(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and abs(number) < 1e12 else None

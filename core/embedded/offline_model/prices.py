"""Money in questions: the price asked about, prices named around it, and what is usual for a thing of that kind."""

import math
import re
from functools import lru_cache

# What a thing costs in dollars, or a month of it: a pattern, (usual, most), and whether that is for a month.
Usual = tuple[float, float]
KINDS: tuple[tuple[re.Pattern[str], Usual, bool], ...] = tuple(
    (re.compile(pattern), usual, monthly)
    for pattern, usual, monthly in (
        (r"\brent\b|mortgage", (1200.0, 5000.0), True),
        (r"salary|income|earn", (4000.0, 20000.0), True),
        (r"groceries|food shop|household shopping", (420.0, 1500.0), True),
        (r"insurance", (140.0, 800.0), True),
        (r"electricity|energy (bill|tariff|plan)|heating (bill|cost)", (130.0, 500.0), True),
        (r"\bapps?\b|streaming|subscri|membership|newspaper|software", (12.0, 60.0), True),
        (r"\b(dog|cat|pet) food|\bdog\b|\bcat\b", (45.0, 250.0), True),
        (
            (r"yogh?urt|\bmilk\b|\bbread\b|\bloaf\b|cheese|butter\b|\beggs?\b|cereal|\bmuesli|chocolate|crisps|biscuit"
            r"|snack bar|ice cream|juice|lemonade|soft drink|\bpot of\b|\bjar of\b|\btin of\b"
            r"|\bpack of\b|spread\b|sauce"
            r"|\b\d{1,4} ?(g|gr|grams?|ml|cl)\b"),
            (2.4, 12.0),
            False,
        ),
        (r"\b(cup|glass|pint|bottle|can) of|espresso|cappuccino|latte", (3.5, 15.0), False),
        (r"coffee|\btea\b|snack|lunch", (35.0, 200.0), True),
        (r"\bride\b|\bbus\b|metro|scooter (ride|rental|hire)", (2.5, 15.0), False),
        (r"\bmeal\b|breakfast|sandwich|burger|pizza", (4.0, 20.0), False),
        (r"ticket|entry|admission|museum|cinema", (13.0, 60.0), False),
        (r"toothpaste|shampoo|soap|detergent|cosmetic|cream\b|lotion|vitamin", (7.0, 40.0), False),
        (r"\bbook\b|magazine|\btoy\b|candle|socks|lamp bulb", (14.0, 60.0), False),
        (r"course|training|class\b", (180.0, 2500.0), False),
        (r"electric car|new car|next car|\bcar\b", (28000.0, 90000.0), False),
        (r"phone|laptop|tablet|thermostat", (450.0, 2000.0), False),
        (r"tractor|machine", (60000.0, 400000.0), False),
        (r"scooter|\bbikes?\b|bicycle|washing|fridge|sofa|mattress|television|\btv\b", (600.0, 3000.0), False),
        (r"shirt|shoes|trainers|jeans|jacket|dress\b|clothes", (55.0, 400.0), False),
        (r"hotel|night's stay|flight|holiday|vacation", (180.0, 2000.0), False),
    )
)  # fmt: skip
OTHERWISE: Usual = (25.0, 300.0)
# What a dollar's worth of everyday goods costs in other money.
_MONEY_OF = (("rupee|₹|inr|\\brs\\b", 24.0), ("lakh", 0.00024), ("pound|£|gbp|pence", 0.75), ("euro|€", 0.85))
_DOLLARS = re.compile(r"\$|dollar|usd")
_DIGITS = r"(\d[\d,]{0,14}(?:\.\d{1,9})?)"
_CURRENCY = re.compile(
    rf"(?:[$£€₹]|\brs\.?|\busd|\binr|\bgbp|\beur)\s{{0,3}}{_DIGITS}"
    rf"|{_DIGITS}\s{{0,3}}(?:pounds?|dollars?|rupees?|euros?|lakhs?|gbp|usd|eur\b|inr|[€£₹$])"
)
# Two amounts with one unit after both: "1.90 or 2.60 pounds".
_SHARED_UNIT = re.compile(
    rf"{_DIGITS}\s{{0,3}}(?:or|and|to|-|–)\s{{0,3}}(?={_DIGITS}\s{{0,3}}(?:pounds?|dollars?|rupees?|euros?|[€£₹$]))"
)
_OF_A_PRICE = re.compile(r"\b(buy|pric\w*|cost\w*|pay|paid|sold|sells?|purchas\w*|offer\w*|charged?|at|for|per)\b")
_NO_PRICE = re.compile(r"income|salar|earn|savings? of|household budget|debt")
# How much a price moves people: those of middling sensitivity, and what their sensitivity adds.
_SLOPE, _BY_SENSITIVITY, _FURTHEST = 0.9, 0.35, 1.3
# Where nothing tells what is usual, a price says less.
_UNKNOWN_KIND = 0.3
# A price so many times the usual one is of something else.
_FAR = 8.0


@lru_cache(maxsize=2048)
def amounts(text: str) -> tuple[float, ...]:
    """Return the amounts of money that a text names, in the order they stand in."""
    lowered = text.lower()[:1000]
    found = [(match.start(), match.group(1)) for match in _SHARED_UNIT.finditer(lowered)]
    found += [(match.start(), match.group(1) or match.group(2)) for match in _CURRENCY.finditer(lowered)]
    values = [float(digits.replace(",", "")) for _, digits in sorted(found)]
    return tuple(value for value in values if 0.0 < value < math.inf)


def asked(text: str) -> float | None:
    """Return the one price that a question asks about; None where it names none, or several to weigh."""
    found = named((text,))
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=2048)
def named(texts: tuple[str, ...]) -> tuple[float, ...]:
    """Return the different prices that texts name, lowest first; incomes and debts are no prices."""
    priced = (text for text in texts if _OF_A_PRICE.search(text.lower()) and not _NO_PRICE.search(text.lower()))
    return tuple(sorted({amount for text in priced for amount in amounts(text)}))


def rate(text: str, country: str) -> float:
    """Return how much of the money a text speaks of a dollar's worth costs."""
    lowered = text.lower()
    stated = next((rate for pattern, rate in _MONEY_OF if re.search(pattern, lowered)), None)
    abroad = {"india": 24.0, "united kingdom": 0.75, "germany": 0.85, "france": 0.85}
    return stated or (1.0 if _DOLLARS.search(lowered) else abroad.get(country.lower(), 1.0))


def usual(text: str) -> tuple[Usual, bool] | None:
    """Return what things of the kind a text names cost in dollars, and whether by the month; None where unknown."""
    lowered = text.lower()[:1000]
    return next(((prices, monthly) for pattern, prices, monthly in KINDS if pattern.search(lowered)), None)


def of_kind(found: tuple[float, ...], text: str) -> tuple[float, ...]:
    """Return those of some prices that may be of a thing of the kind a text names; all where the kind is unknown."""
    known = usual(text)
    if not known:
        return found
    middle = known[0][0] * rate(text, "")
    return tuple(price for price in found if 1 / _FAR <= price / middle <= _FAR)


@lru_cache(maxsize=4096)
def push(price: float | None, text: str, sensitivity: float) -> float:
    """Return how far a price moves a favourable answer: down the dearer it is, more so for the thrifty."""
    if price is None:
        return 0.0
    found = usual(text)
    slope = _SLOPE + _BY_SENSITIVITY * max(-1.0, min(1.0, sensitivity))
    middle = (found[0][0] if found else OTHERWISE[0]) * rate(text, "")
    distance = math.log(price / middle) * (1.0 if found else _UNKNOWN_KIND)
    return -_FURTHEST * math.tanh(slope * distance / _FURTHEST)

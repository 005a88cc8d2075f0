"""Rules on money: a rent that the income cannot pay, luxury on hardly any income."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from core.personas.reading import Ages, Money, attribute, clauses, country_of, says, text_of, yearly
from core.personas.traits import Profile

Found = tuple[str, tuple[str, ...], str]
_RENT: Final = re.compile(r"\brent(?:s|ed|al|ing)?\b")
_NOT_PAID: Final = re.compile(r"\brent(?:s|ed|ing)? out\b|\bshar\w+|\bused to\b|\bsubsid\w+|\bpaid by\b")
_RENT_NAMES: Final = ("rent", "monthly_rent", "rent_per_month", "annual_rent", "yearly_rent")
_RENT_ABOVE: Final = re.compile(
    r"\brent\b(?: \w+){0,3}? (?:above|higher than|exceeds|exceeding|more than|larger than) (?:\w+ ){0,4}?"
    r"(?:income|earnings|salary|wages?|pay)\b"
)
_LUXURY: Final = re.compile(
    r"\b(?:private jets?|yachts?|supercars?|sports cars?|penthouse|designer (?:clothes|clothing|bags?|handbags?|"
    r"fashion|labels?|shoes|shopping)|first[- ]class (?:flights?|travel)|five-star|spends lavishly|lavish spending|"
    r"luxury)\b"
)
_SMALL_LUXURY: Final = re.compile(
    r"\b(?:second.?hand|used|cheap|discount\w*|sales?|outlets?|replicas?|fake|affordable|small|little|occasional\w*|once|"
    r"rare|treats?|savings?|saves|saved|works?|working|cleans?|waits?|sells?|watching|reads?|magazines?|films?|"
    r"window shopping|browses|admires?|low|medium|unnecessary|seen as|considers?)\b"
)
_OTHER_MEANS: Final = re.compile(
    r"\b(?:inherit\w*|trust fund|savings|wealth\w*|family money|parents pay|spouse'?s? (?:income|earns|salary)|"
    r"credit cards?|debts?|loans?|retired|pension|capital|student)\b"
)
_SPENDING: Final = ("accommodation", "lifestyle", "purchase_patterns", "purchase_channel", "brand_sensitivity",
                    "preferences", "hobbies")  # fmt: skip
_LOW_WORDS: Final = re.compile(r"^(?:very low|lowest|low|minimum wage|no income|none|on benefits|poverty)(?: income)?$")
_POOR: Final = {"$": 22_000.0, "£": 16_000.0, "€": 16_000.0, "₹": 180_000.0}
_MONEY_OF: Final = {"us": "$", "canada": "$", "australia": "$", "uk": "£", "germany": "€", "france": "€", "india": "₹"}


def money_rules(profile: Profile, _: Ages | None) -> Iterator[Found]:
    """Yield what a household's income rules out: a rent above it, and luxury beside it."""
    income = yearly(profile.income_range) if profile.income_range else None
    above = _rent_above(profile, income)
    if above:
        yield above
    poor = _is_poor(profile, income) and not _OTHER_MEANS.search(_told(profile))
    if not (above or poor):
        return
    luxury = [trait for trait in _SPENDING if _is_luxury(text_of(profile, trait))]
    if luxury:
        reason = "An income that does not pay the rent" if above else "An income as low as this"
        yield "income_luxury", ("income_range", *luxury), f"{reason} pays for no luxury."


def _rent_above(profile: Profile, income: Money | None) -> Found | None:
    if says(text_of(profile, "accommodation", "lifestyle"), _RENT_ABOVE):
        trait = "accommodation" if _RENT_ABOVE.search(text_of(profile, "accommodation")) else "lifestyle"
        return "income_rent", ("income_range", trait), "No household pays a rent above its income."
    if income is None:
        return None
    for trait, rent in _rents(profile):
        same = income.currency is None or rent.currency is None or income.currency == rent.currency
        if same and rent.low > income.high > 0:
            reason = f"A rent of {rent.low:,.0f} a year cannot be paid from an income of {income.high:,.0f}."
            return "income_rent", ("income_range", trait), reason
    return None


def _rents(profile: Profile) -> Iterator[tuple[str, Money]]:
    """Yield the rents that are given in figures: by the month unless they say otherwise."""
    found = attribute(profile, *_RENT_NAMES)
    if found and not isinstance(found[1], bool):
        by_year = "annual" in found[0].casefold() or "year" in found[0].casefold()
        money = yearly(_figure(found[1]), months=not by_year)
        if money:
            yield f"attributes.{found[0]}", money
    for trait in ("accommodation", "lifestyle"):
        for clause in clauses(text_of(profile, trait)):
            if _RENT.search(clause) and not _NOT_PAID.search(clause):
                money = yearly(clause, months=True, signed=True)
                if money:
                    yield trait, money


def _figure(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else str(value)


def _is_poor(profile: Profile, income: Money | None) -> bool:
    if income is None:
        return bool(_LOW_WORDS.match((profile.income_range or "").casefold().strip()))
    currency = income.currency or _MONEY_OF.get(country_of(profile.location_country) or "")
    return income.high <= _POOR.get(currency or "", 0.0)


def _is_luxury(text: str) -> bool:
    return any(says(clause, _LUXURY) and not _SMALL_LUXURY.search(clause) for clause in clauses(text))


def _told(profile: Profile) -> str:
    return text_of(profile, "income_range", "occupation", "lifestyle", "backstory", "purchase_patterns")

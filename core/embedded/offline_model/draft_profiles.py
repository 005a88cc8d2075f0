"""Questions on who somebody is, by the words of a segmentation."""

import re
from collections.abc import Iterator

from core.embedded.offline_model.draft_parts import Asked, choice, number

PLACE = ["A large city", "The suburbs of a large city", "A small city or town", "A village or the countryside"]
PLACE_ASKED = "Which of these best describes the place where you live?"
HOUSEHOLD_ASKED = "Which kind of household do you live in?"
HOUSEHOLD = ["One person", "A couple without children", "A family with children", "Another kind of household"]
_LEVELS = ["No school certificate", "School certificate", "Vocational training", "Bachelor's degree", "Higher degree"]
_MONEY = ["I live comfortably", "I get by", "I find it hard to get by", "I find it very hard to get by"]
_BANK: tuple[tuple[str, str, str, list[str], str], ...] = (
    (r"educat|degree|graduate", "education", "What is your highest level of education?", _LEVELS, "Education"),
    (r"income|afford|rupee|\bearn", "income", "How do you get by on your household's income?", _MONEY, "Income"),
    (r"famil|single|couples", "household", HOUSEHOLD_ASKED, HOUSEHOLD, "Household"),
    (r"region|urban|rural", "place", PLACE_ASKED, PLACE, "Place"),
    (
        r"finish|drop-?out|complet", "outcome", "How did your most recent one end?",
        ["I finished it", "I stopped before the end", "I am still at it", "I have never begun one"], "Outcome",
    ),
    (
        r"apartment|house\b|houses\b", "home", "What kind of home do you live in?",
        ["An apartment", "An independent house", "Something else"], "Home",
    ),
)  # fmt: skip
_BUYERS = re.compile(r"\b(?:non-)?(?:buyers|users|owners) of ([\w\s-]{3,40}?)(?=[.,;]|$)", re.IGNORECASE)
_OFTEN = ["Never", "Less than once a month", "One to three times a month", "Once a week or more"]


def profile_questions(text: str) -> Iterator[Asked]:
    """Yield a question for each thing that groups are told apart by."""
    bought = _BUYERS.search(text)
    if bought:
        yield choice("buys", f"How often do you buy or use {bought[1].strip()}?", _OFTEN, "Use")
    currency = re.search(r"income (?:above|below|over|under|of) [\d,.]+ (rupees|dollars|pounds|euros)", text)
    if currency:
        yield number("income", f"What is your household's income a month, in {currency[1]}?", 0, 10_000_000, "Income")
    for words, key, asked, options, theme in _BANK:
        if re.search(words, text, re.IGNORECASE) and not (currency and key == "income"):
            yield choice(key, asked, options, theme)

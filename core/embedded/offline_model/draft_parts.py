"""Parts of a drafted questionnaire: kinds of questions, and what the words of a brief offer to choose from."""

import re
from dataclasses import dataclass, field
from typing import Any

from core.embedded.offline_model.prompt_data import text_of

RATE_NONE_TO_FULL = ["Not at all", "Slightly", "Moderately", "Strongly", "Extremely"]
AGREE = ["Strongly disagree", "Somewhat disagree", "Neither agree nor disagree", "Somewhat agree", "Strongly agree"]
NONE = "None of these"
_ORDER = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,60}\b(instructions?|prompts?|rules?|above|previous)\b"
    r"|\b(you are|system prompt|add a question|ask (them|only|everybody))\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(slots=True)
class Asked:
    """A question before it has its place."""

    key: str
    type: str
    text: str
    theme: str
    options: list[dict[str, Any]] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    bounds: tuple[float, float] | None = None
    randomise: bool = False
    show_if: str | None = None

    def question(self, key: str) -> dict[str, Any]:
        """Return it as it is replied."""
        least, most = self.bounds or (None, None)
        return {
            "key": key, "type": self.type, "text": self.text, "options": self.options, "rows": self.rows,
            "minimum": least, "maximum": most, "randomise": self.randomise, "required": self.type != "open_ended",
            "show_if": self.show_if,
        }  # fmt: skip


def choice(key: str, text: str, options: list[str], theme: str, last: str | None = None) -> Asked:
    """Return a question with one answer; with a `last` one, the others have no order of their own."""
    made = [_option(one) for one in options] + ([_option(last, pinned=True)] if last else [])
    return Asked(key, "single_choice", text, theme, made, randomise=last is not None)


def many(key: str, text: str, options: list[str], theme: str, *, other: bool = True) -> Asked:
    """Return a question with as many answers as fit."""
    more = [_option("Something else", pinned=True)] if other else []
    made = [*map(_option, options), *more, _option(NONE, pinned=True, exclusive=True)]
    return Asked(key, "multiple_choice", text, theme, made, randomise=True)


def likert(key: str, text: str, points: list[str], theme: str) -> Asked:
    """Return a rating."""
    return Asked(key, "likert", text, theme, [_option(one) for one in points])


def matrix(key: str, text: str, rows: list[str], points: list[str], theme: str) -> Asked:
    """Return a rating of each of several things."""
    return Asked(key, "matrix", text, theme, [_option(one) for one in points], rows, randomise=True)


def ranked(key: str, text: str, options: list[str], theme: str) -> Asked:
    """Return a question that puts things in order."""
    return Asked(key, "ranking", text, theme, [_option(one) for one in options], randomise=True)


def number(key: str, text: str, least: float, most: float, theme: str) -> Asked:
    """Return a question for a number."""
    return Asked(key, "numeric", text, theme, bounds=(least, most))


def open_question(key: str, text: str, theme: str) -> Asked:
    """Return a question answered in words."""
    return Asked(key, "open_ended", text, theme)


def _option(label: str, *, pinned: bool = False, exclusive: bool = False) -> dict[str, Any]:
    return {"label": label, "pinned": pinned, "exclusive": exclusive}


def clean(value: object) -> str:
    """Return a text without sentences that give orders, on one line."""
    told = " ".join(text_of(value, 3000).split())
    return " ".join(one for one in _SENTENCE.split(told) if not _ORDER.search(one))


_BRACKETS = re.compile(r"\(([^()]{3,200})\)")
_SPLIT = re.compile(r",\s*(?:and |or )?|\s+(?:and|or)\s+")
_LEAD = re.compile(
    r"^(?:.*\b(?:how far|between|besides|compare|competitors are|frame is|is what|choose|test|include|such as|like|in"
    r"|of)\b)\s+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s+(?:hold|holds|tell|tells|keep|keeps|matter|matters|influence|that|which|people|is|are|at)\b.*$")
_MOST_WORDS = 5
_MOST_ITEMS = 8


def listed(text: str) -> list[str]:
    """Return the things that a text lists: in brackets, or in a row with "and" or "or"; none where it lists none."""
    bracketed = _BRACKETS.search(text)
    if bracketed and "," in bracketed[1]:
        return _items(bracketed[1])
    for sentence in _SENTENCE.split(text):
        for part in re.split(r"[;:]|, and whether |, nor ", sentence):
            bare = _TAIL.sub("", _LEAD.sub("", part.rstrip(". ")))
            found = _items(bare) if re.search(r"\b(?:and|or)\b", bare) else []
            if len(found) > 1:
                return found
    return []


def _items(text: str) -> list[str]:
    parts = [re.sub(r"^(?:and|or|what|the)\s+", "", one.strip(" .'\"“”’")) for one in _SPLIT.split(text)]
    parts = list(dict.fromkeys(one[:1].upper() + one[1:] for one in parts if one))
    whole = all(len(one.split()) <= _MOST_WORDS for one in parts)
    return parts[:_MOST_ITEMS] if whole else []


_BETWEEN = re.compile(r"\bbetween (.{3,120}?) and (.{3,120}?)(?=[.;?]|$)", re.IGNORECASE)
_CHOOSE = re.compile(r"\bchoose (?:between )?(.{3,200}?)(?=[.;?]|$)", re.IGNORECASE)
_EITHER = re.compile(
    r"\b(?P<link>of|under|as|for|with|by|in|at) (?P<one>[^.,;?]{3,60}?) or (?P=link) (?P<two>[^.,;?]{3,60}?)"
    r"(?=[.,;?]|$)",
    re.IGNORECASE,
)


def alternatives(text: str) -> list[str]:
    """Return what a decision is between."""
    if (either := _EITHER.search(text)) is not None:
        link = either["link"].capitalize()
        own = link if link != "Of" else "A message of"
        return [f"{own} {one.strip()}" for one in (_anyones(either["one"]), _anyones(either["two"]))]
    if (two := _BETWEEN.search(text)) is not None and two[1].count(",") == 0:
        return [_capital(one) for one in two.groups()]
    if (many_of := _CHOOSE.search(text)) is not None:
        found = re.split(r",\s*(?:or |and )?|\s+or\s+", many_of[1])
        return [_capital(one) for one in found if one.strip()][:_MOST_ITEMS]
    return []


def _capital(text: str) -> str:
    told = text.strip()
    return told[:1].upper() + told[1:]


def marks_of(audience: str) -> list[str]:
    """Return by what people of an audience can be told: its parts that say something of somebody."""
    text = re.sub(r"\s+(?:are|is) (?:the|our) target\b", "", audience.rstrip("."))
    parts = [one.strip() for one in re.split(r"[,:;]\s+|\.\s+", text)]
    kept = [
        one
        for one in parts
        if len(re.findall(r"\b(?!and\b|or\b)\w+", one)) > 2
        and not re.match(r"(?i)(?:in|aged|both|and|or|adults)\b", one)
    ]
    return [_capital(re.sub(r"\s+aged \d+ to \d+", "", one)) for one in kept][:_MOST_ITEMS]


def _anyones(text: str) -> str:
    return re.sub(r"\b(?:its|their) own\b", "the maker's own", text)


_PRICES = re.compile(
    r"(\d+(?:[.,]\d+)?)\s+(?:and|or)\s+(\d+(?:[.,]\d+)?)\s+((?:pounds|dollars|euros|rupees)(?: for [\w ]{2,12})?)"
)
_QUOTES = re.compile(r"(?:(?<=\s)|^)['‘“\"]([^'’”\"]{4,90})['’”\"]")


def prices(text: str) -> list[str]:
    """Return the two prices that a text compares."""
    found = _PRICES.search(text)
    return [f"{found[1]} {found[3]}", f"{found[2]} {found[3]}"] if found else []


def quoted(text: str) -> list[str]:
    """Return the claims in quotation marks."""
    return _QUOTES.findall(text)[:3]


_VERSUS = re.compile(r"^(.{3,80}?) (?:to )?matters? more than (.{2,60}?)[.]?$", re.IGNORECASE)
_EFFECT = re.compile(
    r"^(.{3,80}?) (?:raises?|lowers?|softens?|increases?|reduces?|improves?|weakens?|strengthens?) "
    r"(?!it\b)([\w' -]{3,40}?)(?: (?:among|in|for|of|when|and)\b.*)?[.]?$",
    re.IGNORECASE,
)
_FEEL = re.compile(r"\bfeel\w* (?:the )?(?:worst|worse|better|best)\b", re.IGNORECASE)
_PRICE = re.compile(r"\bprice sensitiv|\bprices?\b", re.IGNORECASE)
_THAN_YEAR_AGO = ["Much worse", "Somewhat worse", "About the same", "Somewhat better", "Much better"]
_RAISES = ["Lowers it a lot", "Lowers it a little", "Makes no difference", "Raises it a little", "Raises it a lot"]


def hypothesis_question(text: str, topic: str) -> Asked | None:
    """Return a question whose answers would show whether a hypothesis holds: about oneself, not about others."""
    if not text:
        return None
    if (versus := _VERSUS.match(text)) is not None:
        one, two = versus[1].strip(), versus[2].strip()
        one = one[:1].lower() + one[1:]
        points = [f"{one} matters much more", f"{one} matters somewhat more", "Both matter the same",
                  f"{two} matters somewhat more", f"{two} matters much more"]  # fmt: skip
        points = [point[:1].upper() + point[1:] for point in points]
        return likert("matters_more", f"What matters more to you: {one}, or {two}?", points, "Priorities")
    if _FEEL.search(text):
        asked = "Compared with a year ago, how are things for you personally?"
        return likert("year_ago", asked, _THAN_YEAR_AGO, "Change")
    if (effect := _EFFECT.match(text)) is not None:
        cause, what = effect[1].strip(), effect[2].strip()
        asked = f"What effect does {cause[:1].lower()}{cause[1:]} have on your own {what}?"
        return likert("effect", asked, _RAISES, what.capitalize())
    if _PRICE.search(text):
        asked = f"How strongly would a higher price change whether you choose {topic}?"
        return likert("price_effect", asked, RATE_NONE_TO_FULL, "Price")
    asked = f"How far do you agree or disagree: “{text.rstrip('.')}”?"
    return likert("agree", asked, AGREE, "Hypothesis")

"""Which type a question is of, by written rules: what is said of it, its options, its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from core.questionnaires.content import QUESTION_TYPES

_NAMES: Final[dict[str, str]] = {
    name: kind
    for kind, names in {
        "single_choice": """single, single choice, single select, select one, choose one, one answer, sc, radio,
            radio button, radio buttons, dropdown, drop down, closed, yes no, boolean, single answer,
            single response""",
        "multiple_choice": """multiple, multi, multi select, multiselect, multiple select, multiple answers,
            multiple answer, multiple response, mc, checkbox, checkboxes, select all, select all that apply,
            check all that apply, choose all that apply, tick all that apply, multiple choice""",
        "likert": "scale, likert scale, rating, rating scale, linear scale, agreement, agreement scale, opinion scale",
        "nps": "net promoter score, net promoter",
        "numeric": "number, numerical, integer, count, decimal, amount, numeric input",
        "open_ended": """open, open end, open ended, text, free text, freetext, paragraph, short answer, long answer,
            essay, verbatim, comment, comment box, text entry, string, open text, short text, long text""",
        "ranking": "rank, rank order, ordering",
        "matrix": "grid, matrix table, table, multiple choice grid",
        "max_diff": "maxdiff, max diff, best worst, best worst scaling",
    }.items()
    for name in " ".join(names.split()).split(", ")
}
_WORDS: Final = (
    ("likert", r"select one point"),
    ("nps", r"select one number from 0 to 10"),
    ("numeric", r"^give a number"),
    ("max_diff", r"select the best and the worst"),
    ("matrix", r"(?:select|choose|tick|mark) one (?:answer|option|point) (?:in|for) each row"),
    ("ranking", r"^number (?:the answers|your first \d+ answers|the first \d+ answers)"),
    ("multiple_choice", r"(?:select|check|choose|tick|mark|pick) (?:all|any|as many|up to|every|at most)"),
    ("multiple_choice", r"(?:all|any) that apply|multiple (?:answers|responses|selections?)|more than one answer"),
    ("ranking", r"\brank (?:the|these|order|in order|from|your)|in order of (?:preference|importance)"),
    ("single_choice", r"(?:select|check|choose|tick|pick) (?:only )?(?:one|1)\b|(?:one|single) answer(?: only)?"),
    ("open_ended", r"open[- ]?end(?:ed)?\b|in your own words|please (?:explain|describe|specify)"),
)
_RECOMMEND: Final = re.compile(r"(?i)\brecommend")
_COUNTED: Final = re.compile(
    r"(?i)^(?:(?:about|approximately|roughly) )?how (?:many|old|much (?:do|did|would) you (?:spend|pay))\b|"
    r"\bin what year\b|\byour age\b"
)
_POINT: Final = re.compile(
    r"(?i)\b(?:(?:dis)?agree|(?:dis|un)?satisfied|(?:un)?likely|(?:un)?important|never|rarely|seldom|sometimes|often|"
    r"always|(?:un)?interested|frequently|occasionally|very|somewhat|slightly|moderately|extremely|excellent|good|fair|poor|bad|neutral|neither|"
    r"better|worse|support|oppose|favou?rable|unfavou?rable|trust|confident|a (?:lot|little)|not at all|"
    r"concerned|more|less|the same|average|completely|totally)\b"
)
_SHARE_OF_POINTS: Final = 0.99
_PAST_POINTS: Final = re.compile(
    r"(?i)\b(?:don['’]t know|do not know|not sure|unsure|prefer not|no answer|not applicable|n/a|refused?|no opinion)\b"
)
_NONE: Final = re.compile(
    r"(?i)^(?:none(?: of)?\b|nothing\b|no,? none\b|not applicable\b|don['’]t know\b|prefer not\b)"
)
NPS: Final[tuple[float, float]] = (0.0, 10.0)


def named(name: str) -> str | None:
    """Return the type a file means by a word of its own, None for a word that is not known."""
    plain = " ".join(re.sub(r"[^a-z_]+", " ", name.lower()).split())
    if plain.replace(" ", "_") in QUESTION_TYPES:
        return plain.replace(" ", "_")
    return _NAMES.get(plain.replace("_", " "), _NAMES.get(plain))


def is_ambiguous(name: str) -> bool:
    """Tell whether a word means one answer in some tools and several in others."""
    return " ".join(name.lower().replace("-", " ").split()) == "multiple choice"


def said_in(text: str) -> str | None:
    """Return the type that instructions in a question's words ask for."""
    return next((kind for kind, words in _WORDS if re.search(words, text, re.IGNORECASE)), None)


def guess(text: str, options: Sequence[str], scale: tuple[float, float] | None) -> tuple[str, str]:
    """Return a type for a question that nobody names one for, and the reason in words."""
    asked = said_in(text)
    if len(options) > 0:
        if asked in ("multiple_choice", "ranking", "single_choice", "matrix", "max_diff"):
            return asked, "its words ask for it"
        if is_scale(options):
            return "likert", "its options are points of a scale"
        return "single_choice", "it has options and nothing says that several may be chosen"
    if scale is not None:
        if scale == NPS and _RECOMMEND.search(text):
            return "nps", "it asks about recommending from 0 to 10"
        return ("likert", "it has a scale") if 1 <= scale[1] - scale[0] <= 10 else ("numeric", "it has a range")
    if asked == "open_ended" or not _COUNTED.search(text):
        return "open_ended", "it has no options and no scale"
    return "numeric", "it asks for a number and has no options"


def is_scale(options: Sequence[str]) -> bool:
    """Tell whether options are the points of a scale, in words."""
    if not 3 <= len(options) <= 11 or any(_PAST_POINTS.search(one) for one in options):
        return False
    return sum(bool(_POINT.search(one)) for one in options) >= _SHARE_OF_POINTS * len(options)


def excludes(label: str) -> bool:
    """Tell whether an answer excludes all others."""
    return _NONE.search(label) is not None


_CODED: Final = re.compile(r"^\s*([A-Za-z0-9_.\-]{1,12})\s*=\s*(\S.*)$", re.DOTALL)
_SPACED: Final = re.compile(r"^([A-Za-z0-9_.\-]{1,12}) {2,}(\S.*)$", re.DOTALL)
_FLAGS: Final = re.compile(r"\s*[\[(]([^\[\]()]{1,60})[\])]\s*$")
_EXCLUSIVE: Final = frozenset({"exclusive", "only by itself"})
_PINNED: Final = frozenset({"pinned", "pin", "fixed", "anchored", "always last"})


def option(text: str) -> dict[str, Any]:
    """Return an option of words like "1=Yes" or "None of these (exclusive)"."""
    made: dict[str, Any] = {}
    while found := _FLAGS.search(text):
        flags = {one.strip().lower() for one in found[1].split(",")}
        if not flags <= _EXCLUSIVE | _PINNED:
            break
        made |= {"exclusive": True} if flags & _EXCLUSIVE else {}
        made |= {"pinned": True} if flags & _PINNED else {}
        text = text[: found.start()]
    if coded := _CODED.match(text) or _SPACED.match(text):
        return {"code": coded[1], "label": coded[2].strip(), **made}
    return {"label": text.strip(), **made}


_SCALE: Final = re.compile(
    r"(?i)(?:scale\s*(?:of|from|:)?\s*)?(?<![\d.])(-?\d{1,6}(?:\.\d+)?)\s*(?:-|–|—|to|\.\.|…)\s*(-?\d{1,6}(?:\.\d+)?)(?![\d.%])"
)
_ENDS: Final = re.compile(r"(-?\d+)\s*(?:=|:|is|means)\s*[“\"']?([^,;=()\[\]“”\"]+?)[”\"']?\s*(?=$|[,;()\[\]]|\band\b)")


def scale(text: str) -> dict[str, Any] | None:
    """Return the scale that words like "1-5 (1 = never, 5 = always)" or "0–10: Not at all; Extremely" tell."""
    found = _SCALE.search(text)
    if found is None:
        return None
    lowest, highest = float(found[1]), float(found[2])
    if lowest > highest:
        lowest, highest = highest, lowest
    made: dict[str, Any] = {"min": lowest, "max": highest}
    beside = f"{text[: found.start()]} {text[found.end() :]}"
    ends = {float(number): label.strip() for number, label in _ENDS.findall(beside)}
    listed = [one.strip() for one in re.split(r"[;|/]", text[found.end() :].lstrip(" :)]")) if one.strip()]
    if lowest in ends and highest in ends:
        made["labels"] = [ends[lowest], ends[highest]]
    elif len(listed) in (2, int(highest - lowest) + 1) and not ends:
        made["labels"] = listed
    return made


def scale_in(text: str) -> dict[str, Any] | None:
    """Return the scale that a sentence tells, such as "on a scale from 1 to 7, where 1 means never"."""
    return scale(text) if re.search(r"(?i)\bscale (?:of|from)\b", text) else None

"""Lint: what a survey methodologist would object to in a questionnaire's wording and options. Pure; English wording.

Rules look at words and shapes, so they overlook and they misjudge: each finding is advice with its reason, and nothing
is refused for it. In other languages only the rules on options speak.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.questionnaires.content import Content, Question
from core.questionnaires.schemas import LintCode
from core.stats.bands import Band, parse_band

LONGEST_WORDS: Final = 40
_RATED: Final = frozenset({"likert", "nps", "single_choice", "matrix"})
_PAIR: Final = re.compile(r"\b([a-z][\w'-]+) and (?:the |its |their |your |our |how )?([a-z][\w'-]+)\b")
_FIXED_PAIRS: Final = frozenset(
    """
    pros cons, more more, less less, back forth, now then, research development, terms conditions, bed breakfast,
    food drink, health safety, weddings funerals, friends family, men women, buyers non-buyers, each every, up down,
    one two, trial error, supply demand, black white
    """.replace("\n", " ").split(", ")
)  # fmt: skip
_BETWEEN: Final = re.compile(r"\b(?:between|both|from)\b[^,.;?]*$")
_LEADING: Final = (
    (re.compile(r"(?i)\b(?:do|would|is|are|should|have|has|was|were|can|could|did)n['’]t (?:you|we|it|they|th\w+)\b"),
     "asks for assent: “don't you …” expects a yes"),
    (re.compile(r"(?i)\b(?:obviously|of course|clearly|surely|undoubtedly|as (?:everyone|everybody|we all|you) knows?|"
                r"as you (?:may|might) know|everyone agrees|most people (?:think|agree|believe))\b"),
     "tells what others think or what goes without saying"),
    (re.compile(r"(?i)\b(?:how|what an?) (?:much )?(?:great|amazing|wonderful|excellent|awful|terrible|horrible|"
                r"delicious|innovative|beautiful)\b"),
     "praises or condemns what it asks about"),
    (re.compile(r"(?i)\bdo you agree that\b(?!.*\bdisagree\b)"),
     "names one side only: ask whether people agree or disagree"),
    (re.compile(r"(?i)\bhow much (?:do|did|would) you (?:like|love|enjoy|appreciate)\b(?!.*\bdislike\b)"),
     "takes for granted that people like it"),
)  # fmt: skip
_NEGATIVE: Final = re.compile(
    r"(?i)\b(?:not|never|no|without|cannot|can't|don't|doesn't|isn't|aren't|won't|shouldn't|wouldn't)\b"
)
_AGAINST: Final = re.compile(
    r"(?i)\b(?:not|never|cannot|can't|don't|doesn't|isn't|aren't|won't|shouldn't|wouldn't)\b[^.?!]*?"
    r"\b(?:oppose|against|disagree|dislike|unlikely|unnecessary|unimportant|unfair|unable|unwilling|"
    r"without|fail|forbid|ban|refuse|prevent|avoid|stop|impossible)\w*",
)
_GOOD: Final = re.compile(
    r"(?i)\b(?:agree|satisfied|likely|good|excellent|great|outstanding|support|favou?r|positive|better|easy|happy|important|"
    r"like|love|useful|believable|trust|improved?|increased?|fair|pleasant|strong)\b",
)
_BAD: Final = re.compile(
    r"(?i)\b(?:disagree|dissatisfied|unsatisfied|unlikely|bad|poor|terrible|awful|oppose|against|negative|worse|worst|difficult|"
    r"hard|unhappy|unimportant|dislike|hate|useless|unbelievable|distrust|worsened|decreased?|unfair|unpleasant|weak)\b",
)
_UNIPOLAR: Final = re.compile(r"(?i)^(?:not|never|none|nothing|no)\b")
_NONE: Final = re.compile(
    r"(?i)\b(?:none|nothing|neither|no one|nobody|never|not any|do(?:es)?n['’]t|do(?:es)? not|no answer|"
    r"not applicable|n/a)\b",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One objection: the question's key and place, what is meant, why it matters and what would be better."""

    code: LintCode
    section: int
    question: int
    key: str
    field: str
    message: str
    suggestion: str


Found = Iterator[tuple[LintCode, str, str, str]]


def lint(content: Content, language: str) -> list[Finding]:
    """Return all findings, in the order of the questions."""
    english = language.lower().partition("-")[0] == "en"
    rules = (*_WORDING, *_OPTIONS) if english else _OPTIONS
    return [
        Finding(code, i, j, question.key, field, message, suggestion)
        for i, section in enumerate(content.sections)
        for j, question in enumerate(section.questions)
        for code, field, message, suggestion in _of(question, rules, rows=english)
    ]


def _of(question: Question, rules: Sequence[Callable[[Question], Found]], *, rows: bool) -> Found:
    """Return what is said of a question and, with `rows`, of what each row of a matrix states."""
    for rule in rules:
        yield from rule(question)
    for place, row in enumerate(question.rows if rows else ()):
        item = question.item(row).model_copy(update={"text": row.label})
        for rule in _STATEMENTS:
            yield from ((code, f"rows.{place}.label", why, better) for code, _, why, better in rule(item))


def _double_barrelled(question: Question) -> Found:
    if question.type not in _RATED:
        return
    for match in _PAIR.finditer(question.text):
        first, second = match[1].lower(), match[2].lower()
        if f"{first} {second}" in _FIXED_PAIRS or _BETWEEN.search(question.text[: match.start()]):
            continue
        yield (
            "double_barrelled", "text",
            f"asks about “{match[0]}” at once: who thinks differently of the two has no answer",
            "Ask about each in a question of its own.",
        )  # fmt: skip
        return


def _leading(question: Question) -> Found:
    for pattern, why in _LEADING:
        if match := pattern.search(question.text):
            yield "leading", "text", f"“{match[0]}” {why}", "Word it so that every answer is as easy to give."
            return


def _double_negative(question: Question) -> Found:
    if match := _AGAINST.search(question.text):
        yield (
            "double_negative", "text",
            f"“{match[0]}” denies twice: it is not plain what a yes means", "Say it in the positive.",
        )  # fmt: skip
    elif (
        question.type == "likert"
        and _NEGATIVE.search(question.text)
        and any(_BAD.search(o.label) for o in question.options)
    ):
        yield (
            "double_negative", "text",
            "a negative statement on a scale that denies too: to disagree with a “not” is hard to answer",
            "Turn the statement round, and score it reversed.",
        )  # fmt: skip


def _long_text(question: Question) -> Found:
    words = len(question.text.split())
    if words > LONGEST_WORDS:
        yield "long_text", "text", f"has {words} words", f"Keep to {LONGEST_WORDS} words; move what explains before it."


def _unbalanced_scale(question: Question) -> Found:
    labels = [option.label for option in question.options]
    if (
        question.type not in ("likert", "matrix")
        or len(labels) < 3
        or any(map(_UNIPOLAR.match, (labels[0], labels[-1])))
    ):
        return
    sides = [(bool(_GOOD.search(label)), bool(_BAD.search(label))) for label in labels]
    good, bad = sides.count((True, False)), sides.count((False, True))  # (True, True): "Neither likely nor unlikely"
    if good + bad >= len(labels) - 1 and good != bad:
        side = "positive" if good > bad else "negative"
        yield (
            "unbalanced_scale", "options",
            f"has {good} positive and {bad} negative points: answers are drawn to the {side} side",
            "Give both sides as many points.",
        )  # fmt: skip


def _missing_none(question: Question) -> Found:
    if question.type != "multiple_choice" or any(option.exclusive for option in question.options):
        return
    if not any(_NONE.search(option.label) for option in question.options):
        yield (
            "missing_none", "options", "has no answer for those to whom nothing of it applies",
            "Add an exclusive option such as “None of these”.",
        )  # fmt: skip


def _ranges(question: Question) -> Found:
    if question.type not in ("single_choice", "likert", "matrix"):
        return
    bands = [(option.label, band) for option in question.options if (band := parse_band(option.label)) is not None]
    if len(bands) < 2 or len(bands) < len(question.options) - 2 or not any(band.lo < band.hi for _, band in bands):
        return
    ordered = sorted(bands, key=lambda one: (one[1].lo, one[1].hi))
    for (label, band), (next_label, other) in pairwise(ordered):
        if other.lo < band.hi or (other.lo == band.hi and band.lo < band.hi and _is_closed(label)):
            yield (
                "overlapping_ranges", "options", f"“{label}” and “{next_label}” overlap: some belong to both",
                "Let each range begin after the one before ends.",
            )  # fmt: skip
        elif other.lo - band.hi > _step([one for _, one in ordered]):
            yield (
                "gap_in_ranges", "options", f"between “{label}” and “{next_label}” some belong to neither",
                "Let each range begin where the one before ends.",
            )  # fmt: skip


def _is_closed(label: str) -> bool:
    """Tell whether a range names its upper end as its own; "under 18" and "less than 5" do not."""
    return not re.match(r"(?i)(?:under|below|less than|younger than|<(?!=))", label.strip())


def _step(bands: Sequence[Band]) -> float:
    """Return the usual distance from the end of a range to the next one's beginning: 1 for whole numbers, else 0."""
    ends = [value for band in bands for value in (band.lo, band.hi) if value != float("inf")]
    return 1.0 if all(value == int(value) for value in ends) else 0.011


_WORDING: Final[tuple[Callable[[Question], Found], ...]] = (
    _double_barrelled,
    _leading,
    _double_negative,
    _long_text,
    _unbalanced_scale,
    _missing_none,
)
_STATEMENTS: Final = (_double_barrelled, _leading, _double_negative, _long_text)
_OPTIONS: Final[tuple[Callable[[Question], Found], ...]] = (_ranges,)

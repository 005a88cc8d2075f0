"""Quality alarms of a simulation: figures of its answers against thresholds, each with what it means. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.questionnaires.content import Content, Question
from core.stats.response_quality import (
    chance_of_straight_lines,
    net_acquiescence,
    normalised_entropy,
    within_share,
)
from core.surveys.elicitation import rated_items
from core.surveys.retest import Stability
from core.surveys.schemas import AffectedQuestion, AlarmCode, QualityAlarm, QuestionResult

FEWEST_ANSWERS: Final = 50
FEWEST_IN_ORDER: Final = 200
FEWEST_ITEMS: Final = 4
FEWEST_IN_BLOCK: Final = 3
Figures = list[tuple[tuple[str, ...], float]]
"""Figures with the keys of the questions they are about."""
THRESHOLDS: Final[dict[AlarmCode, float]] = {
    "variance_collapse": 0.2,
    "persona_collapse": 0.1,
    "acquiescence": 0.5,
    "straight_lining": 0.1,
    "order_effect": 0.1,
    "refusals": 0.05,
    "test_retest": 0.4,
}
MEANINGS: Final[dict[AlarmCode, str]] = {
    "variance_collapse": (
        "Nearly everybody gives one answer: the normalised entropy of the answers (0 all alike, 1 evenly spread) is"
        " below the threshold. People differ more; the model may answer for a type and not for a person."
    ),
    "persona_collapse": (
        "All respondents of a persona answer alike: of the variance of the answers, the part within personas is below"
        " the threshold. They are then worth no more than one respondent each."
    ),
    "acquiescence": (
        "Statements are agreed to whatever they say: over all of them, agreement exceeds disagreement by more than the"
        " threshold (net acquiescence, -1 to 1). Statements worded both ways should cancel out."
    ),
    "straight_lining": (
        "Respondents give one point of the scale to a whole block of statements, in more cases than chance would make"
        " by more than the threshold."
    ),
    "order_effect": (
        "The option shown first is chosen more often, or less, than its turn by more than the threshold, though the"
        " order was drawn by lot for each respondent."
    ),
    "refusals": (
        "More than the threshold of those asked gave no usable answer: the model refused, a respondent left an"
        " optional question out, the answer could not be read, or the model failed."
    ),
    "test_retest": (
        "Respondents who are asked again, without sight of what they said, answer otherwise: the agreement of the two"
        " answers (kappa, weighted kappa or intra-class correlation; 1 perfect, 0 chance) is below the threshold by"
        " more than chance. Answers drawn from stated probabilities are not compared: another draw is another"
        " answer by design."
    ),
}
_AGREE: Final = re.compile(r"\bagree", re.IGNORECASE)
_DISAGREE: Final = re.compile(r"\bdisagree|\bnot agree|\bdo(?:es)? not agree", re.IGNORECASE)
_NEITHER: Final = re.compile(r"\b(?:nor|neither)\b", re.IGNORECASE)
UNUSABLE: Final = ("refused", "invalid", "error")


@dataclass(frozen=True, slots=True)
class Lines:
    """How many of `n` respondents, who answered three items of a block or more, gave all of them one answer."""

    straight: int
    n: int


@dataclass(frozen=True, slots=True)
class Positions:
    """How often the option shown first was chosen among `n` answers, and how often it would be by lot (0–1)."""

    first: int
    n: int
    expected: float


def blocks_of(content: Content) -> list[tuple[Question, ...]]:
    """Return the blocks of three or more statements in a row on one scale, and the matrices, section by section."""
    found = []
    for section in content.sections:
        found += [question.items() for question in section.questions]
        block: list[Question] = []
        for question in [*section.questions, None]:
            if question is not None and question.type == "likert" and (not block or _alike(block[0], question)):
                block.append(question)
                continue
            found.append(tuple(block))
            block = [question] if question is not None and question.type == "likert" else []
    return [block for block in found if len(block) >= FEWEST_IN_BLOCK]


def ordered_by_lot(content: Content) -> list[Question]:
    """Return the choices, and rankings, whose options each respondent sees in an order of their own."""
    return [one for one in content.questions() if one.type in ("single_choice", "ranking") and one.randomise]


def alarms(
    content: Content,
    results: Mapping[str, QuestionResult],
    lines: Mapping[tuple[str, ...], Lines],
    positions: Mapping[str, Positions],
    again: Mapping[str, Stability] = MappingProxyType({}),
) -> list[QualityAlarm]:
    """Return all alarms, those that fired or not; `lines` by the keys of a block, the others by question."""
    questions = [results[question.key] for question in content.questions()]
    rated = [row for one in questions for row in one.rows or [one]]
    results = {**results, **{row.key: row for row in rated}}
    return [
        _alarm("variance_collapse", _entropies(rated), lower_is_worse=True),
        _alarm("persona_collapse", _within(rated), lower_is_worse=True),
        _acquiescence(content, results),
        _alarm("straight_lining", _straight(content, results, lines)),
        _alarm("order_effect", _order(positions)),
        _alarm("refusals", _refusals(questions)),
        _retest(again),
    ]


def _alarm(code: AlarmCode, figures: Figures, *, lower_is_worse: bool = False) -> QualityAlarm:
    """Return an alarm whose figure is the worst of those of the questions; it fires for each past the threshold."""
    threshold = THRESHOLDS[code]
    sign = -1 if lower_is_worse else 1
    affected = [(keys, figure) for keys, figure in figures if sign * figure > sign * threshold]
    worst = max((figure for _, figure in figures), key=lambda figure: sign * figure, default=None)
    return QualityAlarm(
        code=code,
        measured=bool(figures),
        fired=bool(affected),
        figure=None if worst is None else round(worst, 6),
        threshold=threshold,
        meaning=MEANINGS[code],
        questions=[AffectedQuestion(key=key, figure=round(figure, 6)) for keys, figure in affected for key in keys],
    )


def _entropies(questions: Sequence[QuestionResult]) -> Figures:
    found: Figures = []
    for one in questions:
        if one.n >= FEWEST_ANSWERS and one.type != "multiple_choice":
            spread = normalised_entropy([option.weighted_count for option in one.options])
            if spread is not None:
                found.append(((one.key,), spread))
    return found


def _within(questions: Sequence[QuestionResult]) -> Figures:
    """Return the share of variance within personas where several personas have answers enough to tell."""
    found: Figures = []
    for one in questions:
        share = within_share(one.icc)
        several = sum(part.n >= FEWEST_IN_BLOCK for part in one.by_persona) >= FEWEST_IN_BLOCK
        if share is not None and one.n >= FEWEST_ANSWERS and several and (one.options or one.max_diff):
            found.append(((one.key,), share))
    return found


def _acquiescence(content: Content, results: Mapping[str, QuestionResult]) -> QualityAlarm:
    items = {
        question.key: sides
        for question in rated_items(content.questions())
        if results[question.key].n >= FEWEST_ANSWERS
        for sides in [_sides(question, results[question.key])]
        if sides is not None
    }
    if len(items) < FEWEST_ITEMS:
        return _alarm("acquiescence", [])
    figure = net_acquiescence(list(items.values()))
    assert figure is not None
    found = _alarm("acquiescence", [((), figure)])
    agreed = [AffectedQuestion(key=key, figure=round(agree - no, 6)) for key, (agree, no) in items.items()]
    return found.model_copy(update={"questions": agreed if found.fired else []})


def _sides(question: Question, result: QuestionResult) -> tuple[float, float] | None:
    """Return which shares agree and disagree with a statement; None where its scale is not one of agreement."""
    if question.type != "likert":
        return None
    disagree = {option.code for option in question.options if _DISAGREE.search(option.label)}
    agree = {option.code for option in question.options if _AGREE.search(option.label)} - disagree
    both = {option.code for option in question.options if _NEITHER.search(option.label)}
    agree, disagree = agree - both, disagree - both
    total = math.fsum(option.weighted_count for option in result.options)
    if not agree or not disagree or total <= 0:
        return None
    weights = {option.code: option.weighted_count for option in result.options}
    shares = [math.fsum(weights[code] for code in side) / total for side in (agree, disagree)]
    return min(1.0, shares[0]), min(1.0, shares[1])


def _straight(
    content: Content, results: Mapping[str, QuestionResult], lines: Mapping[tuple[str, ...], Lines]
) -> Figures:
    found: Figures = []
    for block in blocks_of(content):
        keys = tuple(question.key for question in block)
        seen = lines.get(keys)
        if seen is None or seen.n < FEWEST_ANSWERS:
            continue
        margins = [{option.code: option.pct / 100 for option in results[key].options} for key in keys if results[key].n]
        found.append((keys, seen.straight / seen.n - chance_of_straight_lines(margins)))
    return found


def _order(positions: Mapping[str, Positions]) -> Figures:
    return [
        ((key,), abs(seen.first / seen.n - seen.expected))
        for key, seen in positions.items()
        if seen.n >= FEWEST_IN_ORDER
    ]


def _refusals(questions: Sequence[QuestionResult]) -> Figures:
    found: Figures = []
    for one in questions:
        unusable = sum(one.missing.get(reason, 0) for reason in UNUSABLE)
        if one.n + unusable >= FEWEST_ANSWERS:
            found.append(((one.key,), unusable / (one.n + unusable)))
    return found


def _retest(again: Mapping[str, Stability]) -> QualityAlarm:
    """Return the alarm of test and retest: of questions below the threshold, those that are so by more than chance."""
    told = _alarm("test_retest", [((key,), one.value) for key, one in again.items() if one.value is not None],
                  lower_is_worse=True)  # fmt: skip
    unsteady = [one for one in told.questions if again[one.key].unsteady(THRESHOLDS["test_retest"])]
    return told.model_copy(update={"fired": bool(unsteady), "questions": unsteady})


def _alike(first: Question, other: Question) -> bool:
    return [(o.code, o.label) for o in first.options] == [(o.code, o.label) for o in other.options]

"""Options and scale of a question, made from what a caller sent; what is wrong is reported by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from core.db.text import look_of
from core.questionnaires.content import NPS_HIGHEST, NPS_LOWEST, Option, Scale
from core.questionnaires.schemas import OptionInput, QuestionInput, ScaleInput

Report = Callable[[tuple[str | int, ...], str], None]
Answers = tuple[tuple[Option, ...], Scale | None]

FEWEST_POINTS: Final = 2
MOST_POINTS: Final = 11
FEWEST_OPTIONS: Final = 2
NPS_LABELS: Final = ("Not at all likely", "Extremely likely")
ENDS: Final = 2


def answers_of(question: QuestionInput, report: Report) -> Answers:
    """Return the options and the scale of a question by its type.

    `report` is called with the place within the question and what is wrong there; what is returned after a
    report is of no use.
    """
    for index, option in enumerate(question.options):
        if option.exclusive and question.type != "multiple_choice":
            report(
                ("options", index, "exclusive"),
                "only an option of a multiple_choice question can be exclusive",
            )
    match question.type:
        case "single_choice" | "multiple_choice" | "ranking":
            return _choices(question, report)
        case "likert" | "matrix":
            return _likert(question, report)
        case "nps":
            return _nps(question, report)
        case "numeric":
            return _numeric(question, report)
        case "max_diff":
            return _items(question, report)
        case "open_ended":
            return _open_ended(question, report)


def _choices(question: QuestionInput, report: Report) -> Answers:
    if question.scale is not None:
        report(("scale",), f"a {question.type} question has options and no scale")
    if not question.options:
        report(("options",), "must not be empty")
    elif len(question.options) < FEWEST_OPTIONS:
        report(("options",), f"needs at least {FEWEST_OPTIONS} options")
    elif all(option.exclusive for option in question.options):
        report(("options",), "at least one option must not be exclusive")
    return _coded(question.options, report), None


def _items(question: QuestionInput, report: Report) -> Answers:
    """Return the options of a max_diff question, which are judged against each other in sets."""
    for index, option in enumerate(question.options):
        if option.pinned:
            report(("options", index, "pinned"), "an option of a max_diff question has no fixed place")
    return _choices(question, report)


def _likert(question: QuestionInput, report: Report) -> Answers:
    scale = question.scale
    if not question.options:
        if scale is None:
            report(("options",), f"must have {FEWEST_POINTS} to {MOST_POINTS} points, as options or as a scale")
            return (), None
        return _points(scale, report)
    if not FEWEST_POINTS <= len(question.options) <= MOST_POINTS:
        report(("options",), f"must have {FEWEST_POINTS} to {MOST_POINTS} points, not {len(question.options)}")
        return (), None
    options = _coded(question.options, report)
    scored = tuple(
        option if option.score is not None else option.model_copy(update={"score": float(number)})
        for number, option in enumerate(options, start=1)
    )
    if len({option.score for option in scored}) != len(scored):
        report(("options",), "no two points may have the same score")
    labels = tuple(option.label for option in scored)
    if scale is None:
        return scored, Scale(min=1, max=len(scored), labels=labels)
    return scored, _agreeing(scale, labels, report)


def _agreeing(scale: ScaleInput, labels: tuple[str, ...], report: Report) -> Scale | None:
    """Return the scale when it says the same as the options beside it."""
    points = _point_count(scale, report)
    if points is None:
        return None
    if points != len(labels):
        report(("scale",), f"has {points} points, but there are {len(labels)} options")
    given = tuple(scale.labels)
    if given and given not in (labels, (labels[0], labels[-1])):
        report(("scale", "labels"), "must say the same as the labels of the options, or be left out")
    return Scale(min=scale.min, max=scale.max, labels=labels)


def _points(scale: ScaleInput, report: Report) -> Answers:
    """Return one option per whole number of the scale, its number being its code and score."""
    points = _point_count(scale, report)
    if points is None or scale.min is None:
        return (), None
    numbers = [int(scale.min) + step for step in range(points)]
    labels = [str(number) for number in numbers]
    if len(scale.labels) == points:
        labels = list(scale.labels)
    elif len(scale.labels) == ENDS:
        labels[0], labels[-1] = scale.labels
    elif scale.labels:
        report(("scale", "labels"), f"must be {points} labels, one per point, or {ENDS} for the ends")
    _check_labels(labels, ("scale", "labels"), report)
    options = tuple(
        Option(code=str(number), label=label, score=float(number))
        for number, label in zip(numbers, labels, strict=True)
    )
    return options, Scale(min=scale.min, max=scale.max, labels=tuple(labels))


def _point_count(scale: ScaleInput, report: Report) -> int | None:
    if scale.min is None or scale.max is None:
        report(("scale", "min" if scale.min is None else "max"), "must be given for a scale of points")
        return None
    if not (scale.min.is_integer() and scale.max.is_integer()):
        report(("scale",), "min and max must be whole numbers")
        return None
    points = int(scale.max) - int(scale.min) + 1
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        report(("scale",), f"must have {FEWEST_POINTS} to {MOST_POINTS} points, not {max(points, 0)}")
        return None
    return points


def _nps(question: QuestionInput, report: Report) -> Answers:
    codes = [str(number) for number in range(NPS_LOWEST, NPS_HIGHEST + 1)]
    if question.options and [option.code for option in question.options] != codes:
        report(("options",), "an nps question has the points 0 to 10 by itself; leave options out")
    labels = NPS_LABELS
    if question.scale is not None:
        given = question.scale
        if given.min not in (None, NPS_LOWEST) or given.max not in (None, NPS_HIGHEST):
            report(("scale",), "an nps question runs from 0 to 10")
        if given.labels and len(given.labels) != ENDS:
            report(("scale", "labels"), "must be two labels, for 0 and for 10")
        elif given.labels:
            labels = (given.labels[0], given.labels[1])
    options = tuple(Option(code=code, label=code, score=float(code)) for code in codes)
    return options, Scale(min=NPS_LOWEST, max=NPS_HIGHEST, labels=labels)


def _numeric(question: QuestionInput, report: Report) -> Answers:
    if question.options:
        report(("options",), "a numeric question has no options")
    scale = question.scale
    if scale is None:
        return (), None
    if scale.min is not None and scale.max is not None and scale.min > scale.max:
        report(("scale", "min"), "must not be above max")
    if scale.labels and len(scale.labels) != ENDS:
        report(("scale", "labels"), "must be two labels, for min and for max")
    return (), Scale(min=scale.min, max=scale.max, labels=tuple(scale.labels))


def _open_ended(question: QuestionInput, report: Report) -> Answers:
    if question.options:
        report(("options",), "an open_ended question has no options")
    if question.scale is not None:
        report(("scale",), "an open_ended question has no scale")
    return (), None


def _coded(options: Sequence[OptionInput], report: Report) -> tuple[Option, ...]:
    """Return options with codes, those without one numbered from 1; duplicates are reported."""
    coded = tuple(
        Option(
            code=option.code or str(number),
            label=option.label,
            exclusive=option.exclusive,
            pinned=option.pinned,
            score=option.score,
        )
        for number, option in enumerate(options, start=1)
    )
    seen: dict[str, int] = {}
    for index, option in enumerate(coded):
        first = seen.setdefault(option.code, index)
        if first != index:
            report(("options", index, "code"), f"{option.code} is the code of option {first} already")
    _check_labels([option.label for option in coded], ("options",), report, "label")
    return coded


def _check_labels(labels: Sequence[str], place: tuple[str | int, ...], report: Report, *field: str) -> None:
    seen: dict[str, int] = {}
    for index, label in enumerate(labels):
        first = seen.setdefault(look_of(label), index)
        if first != index:
            same = "is the same label as" if label == labels[first] else "cannot be told from the label of"
            report((*place, index, *field), f"{same} number {first}")

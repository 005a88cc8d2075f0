"""Compares a question in two runs; pure. Formulas are in `core.stats.differences` and `core.stats.option_tests`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from core.questionnaires.content import Question
from core.stats.column_letters import Adjustment
from core.stats.contingency import Group, independence
from core.stats.differences import (
    Difference,
    Measured,
    Share,
    adjusted,
    difference_of_means,
    difference_of_shares,
    jensen_shannon,
    total_variation,
)
from core.stats.option_tests import option_tests
from core.surveys.comparison_schemas import (
    ComparedFigures,
    ComparedMean,
    ComparedOption,
    ComparedQuestion,
    NotCompared,
    Test,
)
from core.surveys.figures import maybe, rounded
from core.surveys.repository import Tally
from core.surveys.results import Outline, outline

CHOICES: Final = frozenset({"single_choice", "likert", "nps"})
COMPARED: Final = CHOICES | {"multiple_choice", "numeric"}
PROMOTERS, DETRACTORS = 9, 6
Changed = Literal["text", "labels", "range"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one run with its counted answers."""

    question: Question
    tallies: Sequence[Tally]

    def given(self) -> list[Tally]:
        """Return the answers there are."""
        return [one for one in self.tallies if one.missing_reason is None]


def matched(first: Sequence[Question], second: Sequence[Question]) -> tuple[list[str], list[NotCompared]]:
    """Return the keys of questions to be compared, in the order of the second run, and all others with the reason."""
    a, b = ({one.key: one for one in questions} for questions in (first, second))
    keys: list[str] = []
    others = [NotCompared(key=key, reason="is asked in a only") for key in a if key not in b]
    for key, question in b.items():
        reason = _unlike(a[key], question) if key in a else "is asked in b only"
        if reason is None:
            keys.append(key)
        else:
            others.append(NotCompared(key=key, reason=reason))
    return keys, others


def _unlike(first: Question, second: Question) -> str | None:
    if first.type != second.type:
        return f"is of another type: {first.type} in a, {second.type} in b"
    if second.type not in COMPARED:
        return f"answers to questions of the type {second.type} are not compared"
    if set(first.codes) != set(second.codes):
        return f"has other options: {', '.join(first.codes)} in a, {', '.join(second.codes)} in b"
    if second.type == "likert" and _points(first) != _points(second):
        return "its points have other scores"
    return None


def compared(a: Asked, b: Asked) -> ComparedQuestion:
    """Return one question in both runs, its p not yet adjusted for other questions."""
    question = b.question
    results = [outline(one.question, one.tallies) for one in (a, b)]
    groups = _groups(question, a, b)
    options, single = _options(question, results, groups), question.type in CHOICES
    table = independence(groups) if single else None
    mean = _mean(a, b)
    test: Test | None = None
    p: float | None = None
    if single and table is not None:
        test, p = ("planned" if table.correction == "planned" else "rao_scott"), table.p
    elif question.type == "numeric" and mean is not None:
        test, p = "means", mean.p
    elif question.type == "multiple_choice" and (found := [one.p for one in options if one.p is not None]):
        test, p = "options", min(found)
    shares = [_shares(result) for result in results] if single else []
    filled = len(shares) == 2 and all(shares)
    return ComparedQuestion(
        key=question.key,
        type=question.type,
        text=question.text,
        changed=_changed(a.question, question),
        a=_figures(results[0]),
        b=_figures(results[1]),
        options=options,
        mean=mean,
        nps=_mean(a, b, _promotion) if question.type == "nps" else None,
        total_variation=rounded(total_variation(*shares)) if filled else None,
        jensen_shannon=rounded(jensen_shannon(*shares)) if filled else None,
        test=test if p is not None else None,
        p=p,
        adjusted_p=None,
        differs=False,
    )


def _figures(result: Outline) -> ComparedFigures:
    return ComparedFigures(n=result.n, n_eff=result.n_eff, mean=result.mean, nps=result.nps)


def _shares(result: Outline) -> dict[str, float]:
    """Return the weighted distribution (0-1) of a run; empty where nobody with any weight answered."""
    if not result.n or any(one.weighted_pct is None for one in result.options):
        return {}
    return {one.code: (one.weighted_pct or 0.0) / 100 for one in result.options}


def _groups(question: Question, a: Asked, b: Asked) -> list[Group]:
    """Return the answers as tests of options take them, with a bit for each option chosen; personas are numbered."""
    if not question.codes:
        return []
    places = {code: place for place, code in enumerate(question.codes)}
    numbers: dict[Any, int] = {}
    return [
        Group(
            sum(1 << places[str(code)] for code in (one.value if isinstance(one.value, list) else [one.value])),
            run,
            numbers.setdefault(one.persona_id, len(numbers)),
            one.weight,
            one.count,
        )
        for run, asked in enumerate((a, b))
        for one in asked.given()
    ]


def _options(question: Question, results: Sequence[Outline], groups: Sequence[Group]) -> list[ComparedOption]:
    first = {one.code: one for one in results[0].options}
    tests = option_tests(groups, len(question.codes))
    adjustment: Adjustment = "bonferroni" if question.type == "multiple_choice" else "holm"
    ps = adjusted([None if one is None else one.p for one in tests], adjustment)
    found = []
    for one, tested, p in zip(results[1].options, tests, ps, strict=True):
        pcts = [first[one.code].weighted_pct, one.weighted_pct]
        difference = None
        if all(result.n for result in results) and None not in pcts:
            a, b = (
                Share(min(1.0, (pct or 0.0) / 100), result.n, result.n_eff)
                for pct, result in zip(pcts, results, strict=True)
            )
            difference = difference_of_shares(a, b, tested)
        found.append(
            ComparedOption(
                code=one.code,
                label=one.label,
                a_pct=pcts[0],
                b_pct=pcts[1],
                difference=maybe(100 * difference.value if difference else None),
                ci=(rounded(100 * difference.ci.lo), rounded(100 * difference.ci.hi)) if difference else None,
                p=p,
            )
        )
    return found


def _mean(a: Asked, b: Asked, of: Any = None) -> ComparedMean | None:
    """Return the difference of the means of numbers or points; None for questions that have none."""
    value = of or _number(b.question)
    if value is None:
        return None
    found = difference_of_means(_measured(a.given(), value), _measured(b.given(), value))
    return None if found is None else _told(found)


def _measured(given: Sequence[Tally], value: Any) -> Measured:
    return Measured(
        [value(one.value) for one in given],
        [one.weight for one in given],
        [one.persona_id for one in given],
        [one.count for one in given],
    )


def _told(found: Difference) -> ComparedMean:
    return ComparedMean(difference=rounded(found.value), ci=(rounded(found.ci.lo), rounded(found.ci.hi)), p=found.p)


def _number(question: Question) -> Any:
    if question.type in ("numeric", "nps"):
        return float
    points = _points(question)
    return points.__getitem__ if points else None


def _promotion(value: Any) -> float:
    return 100.0 * (int(value) >= PROMOTERS) - 100.0 * (int(value) <= DETRACTORS)


def _points(question: Question) -> Mapping[str, float]:
    """Return code → number of a likert scale: the options' scores, or their places from 1."""
    if question.type != "likert":
        return {}
    scored = all(one.score is not None for one in question.options)
    return {
        one.code: float(one.score or 0.0) if scored else float(place)
        for place, one in enumerate(question.options, start=1)
    }


def _changed(first: Question, second: Question) -> list[Changed]:
    labels = [{one.code: one.label for one in question.options} for question in (first, second)]
    ranges = [(one.scale.min, one.scale.max) if one.scale else None for one in (first, second)]
    found: list[tuple[Changed, bool]] = [
        ("text", first.text != second.text),
        ("labels", labels[0] != labels[1]),
        ("range", ranges[0] != ranges[1]),
    ]
    return [name for name, differs in found if differs]

"""Computes results from counted answers; pure. Formulas and their sources are in `core.stats`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from core.questionnaires.content import Question
from core.stats.histogram import histogram
from core.stats.intervals import nps
from core.stats.summary import Description, boxes, describe, frequencies, weighted_mean
from core.stats.weights import PLANNING_ICC, EffectiveSampleSize, clustered_n_eff, effective_sample_size
from core.surveys.batteries import first_choices, with_ranks, with_rows
from core.surveys.figures import interval, maybe, rounded
from core.surveys.max_diff import JudgedSets, max_diff_items, persona_scores
from core.surveys.repository import Alike, Tally
from core.surveys.schemas import (
    BinResult,
    NpsResult,
    OptionResult,
    PersonaBase,
    PersonaOption,
    PersonaResult,
    QuestionResult,
)


def question_result(
    question: Question, tallies: Sequence[Tally], names: Mapping[UUID, str], *, clustered: bool = True
) -> QuestionResult:
    """Return one question's results; `tallies` are its counted answers, `names` the personas in order.

    Not `clustered`, respondents of a persona count as independent of each other.
    """
    given = [t for t in tallies if t.missing_reason is None]
    missing: Counter[str] = Counter()
    methods: Counter[str] = Counter()
    for t in tallies:
        methods[t.method] += t.count
        if t.missing_reason is not None:
            missing[t.missing_reason] += t.count
    if question.type == "max_diff":
        return _max_diff(question, given, names, missing, methods)
    if question.type == "ranking":
        return with_ranks(question, given, question_result(*first_choices(question, tallies), names))
    if question.type == "matrix":
        plain = [replace(t, value=None) if t.missing_reason is None else t for t in tallies]
        whole = question_result(question.model_copy(update={"type": "open_ended", "options": ()}), plain, names)
        whole = whole.model_copy(update={"type": question.type})
        return with_rows(question, tallies, names, whole, question_result)
    answers = _Answers(question, given)
    size = answers.worth(clustered=clustered)
    numbers = answers.described()
    top2, bottom2 = answers.boxes()
    bins = answers.bins()
    return QuestionResult(
        key=question.key,
        type=question.type,
        text=question.text,
        methods=dict(sorted(methods.items())),
        n=size.n,
        n_eff=rounded(size.n_eff),
        icc=rounded(size.icc) if size.icc_source != "none" and size.n else None,
        missing=dict(sorted(missing.items())),
        options=answers.options(size),
        mean=maybe(numbers.mean if numbers else None),
        sd=maybe(numbers.sd if numbers else None),
        median=maybe(numbers.median if numbers else None),
        min=min(answers.numbers) if bins else None,
        max=max(answers.numbers) if bins else None,
        histogram=bins,
        top2=maybe(top2),
        bottom2=maybe(bottom2),
        nps=answers.nps(size),
        by_persona=_by_persona(question, given, names),
    )


def _max_diff(
    question: Question,
    given: Sequence[Tally],
    names: Mapping[UUID, str],
    missing: Mapping[str, int],
    methods: Mapping[str, int],
) -> QuestionResult:
    """Return the results of a max_diff question: what other types have stays empty."""
    judged = JudgedSets(question)
    for t in given:
        judged.add(t.value, t.weight, t.persona_id, t.count)
    found, base = judged.scored(), Counter(judged.clusters)
    return QuestionResult(
        key=question.key, type=question.type, text=question.text, methods=dict(sorted(methods.items())),
        n=found.size.n, n_eff=rounded(found.size.n_eff), icc=rounded(found.size.icc) if found.size.n else None,
        missing=dict(sorted(missing.items())), options=[], mean=None, sd=None, median=None, min=None, max=None,
        histogram=[], top2=None, bottom2=None, nps=None,
        max_diff=max_diff_items(question, found),
        by_persona=[
            PersonaResult(
                persona_id=persona_id, persona_name=name, n=base[persona_id], mean=None, options=[],
                max_diff=persona_scores(question, found, persona_id),
            )
            for persona_id, name in names.items()
        ],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outline:
    """The figures of a question by which two runs are compared, as `question_result` has them."""

    n: int
    n_eff: float
    options: Sequence[OptionResult]
    mean: float | None
    nps: float | None


def outline(question: Question, tallies: Sequence[Tally]) -> Outline:
    """Return the outline of a choice, a scale or a number; a fraction of the work of its results."""
    answers = _Answers(question, [t for t in tallies if t.missing_reason is None])
    size = answers.worth()
    score = answers.nps(size)
    mean = weighted_mean(answers.numbers, answers.weights, answers.counts) if answers.numbers else None
    return Outline(
        size.n, rounded(size.n_eff), answers.options(size), maybe(mean), None if score is None else score.value
    )


def persona_bases(people: Sequence[Alike], names: Mapping[UUID, str]) -> list[PersonaBase]:
    """Return how many respondents each persona stands for, in the order of `names`."""
    counts: Counter[UUID] = Counter()
    weights: dict[UUID, list[float]] = {persona_id: [] for persona_id in names}
    for alike in people:
        counts[alike.persona_id] += alike.count
        weights[alike.persona_id].append(alike.weight * alike.count)
    total = math.fsum(weight for own in weights.values() for weight in own)
    return [
        PersonaBase(
            persona_id=persona_id,
            persona_name=name,
            n=counts[persona_id],
            share=rounded(math.fsum(weights[persona_id]) / total) if total else 0.0,
        )
        for persona_id, name in names.items()
    ]


def worth_of(people: Sequence[Alike], *, clustered: bool = True) -> float:
    """Return what respondents are worth at the planning value of the intra-class correlation, or as independent."""
    if not people:
        return 0.0
    weights, counts = [one.weight for one in people], [one.count for one in people]
    icc = PLANNING_ICC if clustered else 0.0
    return rounded(clustered_n_eff(weights, [one.persona_id for one in people], icc, counts))


class _Answers:
    """The answers to one question: an entry for those who share value, weight and persona, and how many they are."""

    def __init__(self, question: Question, given: Sequence[Tally]) -> None:
        self.question = question
        self.values: list[Any] = [_value(question, t.value) for t in given]
        self.weights = [t.weight for t in given]
        places: dict[UUID, int] = {}
        self.clusters = [places.setdefault(t.persona_id, len(places)) for t in given]
        self.counts = [t.count for t in given]
        differ = any(t.squares is not None for t in given)
        self.squares = [t.weight**2 * t.count if t.squares is None else t.squares for t in given] if differ else None
        self.n = sum(self.counts)
        scores = _scores(question)
        self.numbers: list[float] = []
        if question.type == "numeric":
            self.numbers = [float(value) for value in self.values]
        elif scores:
            self.numbers = [scores[value] for value in self.values]

    def worth(self, *, clustered: bool = True) -> EffectiveSampleSize:
        """Return what the answers are worth."""
        values = self.numbers or (self.values if self.question.codes else [0.0] * len(self.values))
        clusters = self.clusters if clustered else None
        return effective_sample_size(values, self.weights, clusters, self.counts, self.squares)

    def described(self) -> Description | None:
        """Return mean, spread and median of numbers and of points of a scale."""
        if not self.numbers:
            return None
        return describe(*self._by_number)

    @cached_property
    def _by_number(self) -> tuple[list[float], list[float], list[int]]:
        """Return each number once with the mean weight of who gave it and how many they are, the weightless apart."""
        held: dict[tuple[float, bool], list[float]] = {}
        counts: Counter[tuple[float, bool]] = Counter()
        for number, weight, count in zip(self.numbers, self.weights, self.counts, strict=True):
            key = (number, weight > 0)
            held.setdefault(key, []).append(weight * count)
            counts[key] += count
        keys = sorted(held)
        weights = [math.fsum(held[key]) / counts[key] for key in keys]
        return [number for number, _ in keys], weights, [counts[key] for key in keys]

    def weighted(self) -> dict[str, float]:
        """Return the sum of weights of each value."""
        found: dict[str, float] = {}
        for value, weight, count in zip(self.values, self.weights, self.counts, strict=True):
            found[value] = found.get(value, 0.0) + weight * count
        return found

    def options(self, size: EffectiveSampleSize) -> list[OptionResult]:
        """Return counts, percentages and intervals of each option."""
        if not self.question.codes:
            return []
        rows = frequencies(self.values, self.question.codes, self.weights, self.counts)
        return [
            OptionResult(
                code=row.code,
                label=option.label,
                score=option.score,
                count=row.count,
                weighted_count=rounded(row.weighted_count),
                pct=rounded(row.pct or 0.0),
                weighted_pct=maybe(share),
                ci=None if share is None else interval(share / 100, size.n_eff),
            )
            for row, option in zip(rows, self.question.options, strict=True)
            for share in [row.weighted_pct if self.values else 0.0]
        ]

    def bins(self) -> list[BinResult]:
        """Return the classes of a numeric question."""
        if self.question.type != "numeric":
            return []
        return [
            BinResult(
                label=found.label,
                low=found.low,
                high=found.high,
                count=found.count,
                weighted_count=rounded(found.weighted_count),
                pct=rounded(found.pct),
                weighted_pct=maybe(found.weighted_pct),
            )
            for found in histogram(*self._by_number)
        ]

    def boxes(self) -> tuple[float | None, float | None]:
        """Return top-2 and bottom-2 box of an ordinal scale in per cent."""
        scores = _scores(self.question)
        if not scores or self.question.type != "likert":
            return None, None
        found = boxes(self.weighted(), sorted(scores, key=lambda code: scores[code]))
        return found.top, found.bottom

    def nps(self, size: EffectiveSampleSize) -> NpsResult | None:
        """Return the net promoter score of an nps question."""
        if self.question.type != "nps":
            return None
        found = nps(self.weighted(), size.n_eff)
        if found is None:
            return None
        return NpsResult(
            value=rounded(found.value),
            ci=(rounded(found.ci.lo), rounded(found.ci.hi)),
            promoters=rounded(found.promoters),
            passives=rounded(found.passives),
            detractors=rounded(found.detractors),
        )


def _by_persona(question: Question, given: Sequence[Tally], names: Mapping[UUID, str]) -> list[PersonaResult]:
    if not names:
        return []
    found = []
    own: dict[UUID, list[Tally]] = {persona_id: [] for persona_id in names}
    for t in given:
        own.setdefault(t.persona_id, []).append(t)
    for persona_id, name in names.items():
        part = _Answers(question, own[persona_id])
        # A persona that stands for nobody has answers nonetheless; among themselves they are alike.
        weights = part.weights if any(part.weights) else None
        rows = frequencies(part.values, question.codes, weights, part.counts) if question.codes else []
        mean = weighted_mean(part.numbers, weights, part.counts) if part.numbers else None
        found.append(
            PersonaResult(
                persona_id=persona_id,
                persona_name=name,
                n=part.n,
                mean=maybe(mean),
                options=[PersonaOption(code=row.code, pct=rounded(row.weighted_pct or 0.0)) for row in rows],
            )
        )
    return found


def _value(question: Question, stored: Any) -> Any:
    """Return a stored answer as statistics take it: codes as text, several codes as a tuple."""
    if question.type == "nps":
        return str(int(stored))
    return tuple(stored) if isinstance(stored, list) else stored


def _scores(question: Question) -> dict[str, float]:
    """Return code → number of an ordinal scale: the options' scores, or their places from 1."""
    if question.type == "nps":
        return {code: float(code) for code in question.codes}
    if question.type != "likert":
        return {}
    if all(option.score is not None for option in question.options):
        return {option.code: option.score or 0.0 for option in question.options}
    return {option.code: float(place) for place, option in enumerate(question.options, start=1)}

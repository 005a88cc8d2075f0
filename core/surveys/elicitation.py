"""Turns questions into prompts and replies into answers; pure, so that a seed fixes the dataset.

Every random draw of an answer comes from a generator named by (seed of the run, respondent, question), so
neither the number of workers nor a restart changes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from core.questionnaires.content import Content, Question, Section, shown_options, shown_rows
from core.questionnaires.item_sets import shown_sets
from core.questionnaires.logic import Condition, holds, references
from core.questionnaires.piping import needed_keys, piped, piped_keys
from core.stats.sampling import categorical, inclusion, rng
from core.surveys.methods import Method, Requested, method_for
from core.surveys.prompts import (
    AskedOption,
    AskedQuestion,
    AskedRow,
    AskedScale,
    AskedSection,
    DistributionInput,
    EarlierAnswer,
    Portrait,
    SectionInput,
)

MEMORY: Final = 30
REMEMBERED: Final = 2
"""How many best and worst options of a max_diff question a respondent remembers."""
# What a respondent says for a scale point, with the question it answers; each template makes one anchor set.
ANCHOR_TEMPLATES: Final = (
    "{stem} {label}.",
    "{stem} My answer: {label_lower}.",
    "{stem} I would say: {label_lower}.",
)

# With two points there is no number between the ends.
FEWEST_NUMBERED: Final = 3
# What the points of a likelihood from 0 to 10 mean in words: numbers alone are alike to an embedding.
NPS_WORDS: Final = (
    "not at all likely",
    "extremely unlikely",
    "very unlikely",
    "rather unlikely",
    "slightly unlikely",
    "neither likely nor unlikely",
    "slightly likely",
    "fairly likely",
    "likely",
    "very likely",
    "extremely likely",
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One respondent as the elicitation sees them; their arms (split → arm) decide the questions, in no prompt."""

    number: int
    persona_id: UUID
    persona_version: int
    profile: Mapping[str, Any]
    attributes: Mapping[str, Any]
    arms: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Given:
    """One answer, or the reason why there is none."""

    number: int
    key: str
    method: Method
    value: Any = None
    probabilities: Mapping[str, Any] | None = None
    """By code; of a matrix by row."""
    text: str | None = None
    flags: list[str] = field(default_factory=list)
    option_order: list[str] | None = None
    missing_reason: str | None = None
    model: str | None = None
    lineage_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions of a section that one call asks; those of a later `stage` read answers of an earlier one."""

    stage: int
    method: Method
    questions: tuple[Question, ...]


def batches(section: Section, requested: Requested, conditions: Mapping[str, Condition]) -> list[Batch]:
    """Return what each respondent is asked of a section, call by call, statements before direct answers."""
    stages: dict[str, int] = {}
    found: dict[tuple[int, Method], list[Question]] = {}
    for question in section.questions:
        method = method_for(question, requested)
        read = [*piped_keys(question.text)]
        if question.key in conditions:
            read.extend(references(conditions[question.key]))
        stage = max((stages[key] + 1 for key in read if key in stages), default=0)
        stages[question.key] = stage
        if method != "distribution":
            found.setdefault((stage, method), []).append(question)
    order: tuple[Method, Method] = ("ssr", "direct")
    return [
        Batch(stage, method, tuple(found[stage, method]))
        for stage in sorted({stage for stage, _ in found})
        for method in order
        if (stage, method) in found
    ]


def is_shown(question: Question, conditions: Mapping[str, Condition], answers: Mapping[str, Any]) -> bool:
    """Tell whether a question is put to who gave these answers: it is meant, and what its text needs is there."""
    condition = conditions.get(question.key)
    if condition is not None and not holds(condition, answers):
        return False
    return all(answers.get(key) is not None for key in needed_keys(question.text))


def asked(question: Question, *seed: Any, said: Mapping[str, str] = MappingProxyType({})) -> AskedQuestion:
    """Return a question as one respondent sees it: options in their order, the number scale of nps stated.

    `said` are earlier answers in words, by key, for what its text pipes.
    """
    scale = question.scale
    shown = AskedScale(min=scale.min, max=scale.max, labels=list(scale.labels)) if scale else None
    return AskedQuestion(
        key=question.key,
        type=question.type,
        text=piped(question.text, said),
        options=[
            AskedOption(code=option.code, label=option.label, exclusive=option.exclusive)
            for option in shown_options(question, *seed)
        ],
        scale=AskedScale(min=0, max=10) if question.type == "nps" else shown,
        rows=[AskedRow(code=row.code, label=row.label) for row in shown_rows(question, *seed)] or None,
        ranks=question.ranks if question.type == "ranking" else None,
        sets=shown_sets(question, *seed) if question.sets is not None else None,
        required=question.required,
    )


def section_input(
    voice: Voice,
    section: Section,
    questions: Sequence[Question],
    memory: Sequence[EarlierAnswer],
    language: str,
    seed: int,
    said: Mapping[str, str],
) -> SectionInput:
    """Return what one respondent is asked of one section; `said` are earlier answers in words, by key."""
    return SectionInput(
        respondent=Portrait(persona=dict(voice.profile), attributes=dict(voice.attributes), number=voice.number),
        language=language,
        earlier_answers=list(memory[-MEMORY:]),
        section=AskedSection(
            title=section.title, questions=[asked(question, seed, voice.number, said=said) for question in questions]
        ),
    )


def distribution_input(voice: Voice, question: Question, language: str, *seed: Any) -> DistributionInput:
    """Return what is asked about the people of one cell, who share a persona and all attributes.

    `seed` (that of the run, and the cell) draws the order of the options they are shown.
    """
    return DistributionInput(
        persona=dict(voice.profile),
        attributes=dict(voice.attributes),
        language=language,
        question=asked(question, *seed),
    )


def by_method(section: Section, requested: Requested, method: Method) -> list[Question]:
    """Return the questions of a section that are asked with `method`."""
    return [question for question in section.questions if method_for(question, requested) == method]


def parts_of(question: Question, value: Any) -> dict[str, Any]:
    """Return an answer by key, and its parts by theirs: the rows of a matrix, the places of a ranking."""
    found = {question.key: value}
    if question.type == "matrix":
        found |= {f"{question.key}.{row}": code for row, code in value.items()}
    elif question.type == "ranking":
        found |= {f"{question.key}.{place}": code for place, code in enumerate(value, start=1)}
    return found


def statements_of(questions: Sequence[Question], seed: int, number: int) -> list[Question]:
    """Return what respondents are asked for in their own words: a matrix row by row, in the order they see."""
    return [
        item
        for question in questions
        for item in (
            [question.item(row) for row in shown_rows(question, seed, number)] if question.rows else [question]
        )
    ]


def rated_items(questions: Iterable[Question]) -> list[Question]:
    """Return the scales that statements are rated on: of a matrix each row."""
    return [item for question in questions for item in question.items() or (question,)]


def together_again(content: Content, answers: Sequence[Given]) -> list[Given]:
    """Return answers to questions: what was said of a matrix's rows, one by one, becomes one answer again.

    Its value holds the rows that were rated; where none was, it is missing for the reason of its first row.
    """
    found: list[Given] = []
    matrices = {question.key: question for question in content.questions() if question.rows}
    rows: dict[tuple[int, str], dict[str, Given]] = {}
    for answer in answers:
        key, _, row = answer.key.partition(".")
        if not row or key not in matrices:
            found.append(answer)
        else:
            rows.setdefault((answer.number, key), {})[row] = answer
    return found + [_matrix(matrices[key], given) for (_, key), given in rows.items()]


def _matrix(question: Question, given: Mapping[str, Given]) -> Given:
    first = next(iter(given.values()))
    rated = {row: answer for row, answer in given.items() if answer.value is not None}
    labels = {row.code: row.label for row in question.rows}
    ended = all(answer.value is not None or answer.missing_reason is not None for answer in given.values())
    return Given(
        first.number,
        question.key,
        first.method,
        value={row: answer.value for row, answer in rated.items()} if rated and ended else None,
        probabilities={row: answer.probabilities for row, answer in rated.items()} if rated else None,
        text="\n".join(f"{labels[row]}: {answer.text}" for row, answer in given.items() if answer.text) or None,
        flags=sorted({f"{flag}:{row}" for row, answer in given.items() for flag in answer.flags}),
        option_order=list(given) if question.randomise else None,
        missing_reason=None if rated else first.missing_reason,
        model=first.model,
        lineage_id=first.lineage_id,
    )


def in_words(question: Question, value: Any) -> str:
    """Return an answer as the respondent would remember it."""
    if question.type == "max_diff":
        return _liked(question, value)
    if question.type == "matrix":
        points = {option.code: option.label for option in question.options}
        return "; ".join(f"{row.label}: {points[value[row.code]]}" for row in question.rows if row.code in value)
    if isinstance(value, list):
        return ", ".join(in_words(question, code) for code in value)
    option = question.option(str(value)) if isinstance(value, str) else None
    return option.label if option else str(value)


def in_a_text(question: Question, value: Any) -> str:
    """Return an answer as the text of a later question takes it up: of a max_diff the option that came out best."""
    if question.type == "max_diff":
        net = _net(question, value)
        best = max(question.options, key=lambda option: net[option.code])
        return best.label
    return in_words(question, value)


def _net(question: Question, value: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how much more often each option was best than worst."""
    net = dict.fromkeys(question.codes, 0)
    for judged in value:
        net[judged["best"]] += 1
        net[judged["worst"]] -= 1
    return net


def _liked(question: Question, value: Sequence[Mapping[str, Any]]) -> str:
    """Return the options that came out best and worst over all sets."""
    net = _net(question, value)
    order = sorted(net, key=lambda code: -net[code])
    best = [code for code in order if net[code] > 0][:REMEMBERED]
    worst = [code for code in reversed(order) if net[code] < 0][:REMEMBERED]
    labels = {option.code: option.label for option in question.options}
    told = [", ".join(labels[code] for code in codes) or "none more than others" for codes in (best, worst)]
    return f"best: {told[0]}; worst: {told[1]}"


def anchor_sets(question: Question) -> list[list[str]]:
    """Return the anchor sentences of an ordinal scale, in scale order: one list per set."""
    labels = spoken_labels(question)
    stem = piped(question.text, {}).strip()
    return [
        [template.format(label=label, label_lower=label[:1].lower() + label[1:], stem=stem) for label in labels]
        for template in ANCHOR_TEMPLATES
    ]


def spoken_labels(question: Question) -> list[str]:
    """Return what a respondent would say for each point: its label, and with a bare number the ends of the scale."""
    labels = [option.label.strip().rstrip(".") for option in question.options]
    codes = [option.code for option in question.options]
    if len(labels) < FEWEST_NUMBERED or not all(label.isdecimal() for label in labels[1:-1]):
        return labels
    numbers = [label if label.isdecimal() else code for label, code in zip(labels, codes, strict=True)]
    told = [f"{number} on a scale from {numbers[0]} to {numbers[-1]}" for number in numbers]
    words = list(NPS_WORDS) if question.type == "nps" and len(labels) == len(NPS_WORDS) else labels
    return [number if word.isdecimal() else f"{word}, {number}" for word, number in zip(words, told, strict=True)]


def draw_one(seed: int, number: int, question: Question, probabilities: Mapping[str, float]) -> Any:
    """Return the answer of one respondent, drawn from the probabilities of a choice question."""
    generator = rng(seed, "answer", number, question.key)
    if question.type == "multiple_choice":
        exclusive = [option.code for option in question.options if option.exclusive]
        chosen = set(inclusion(probabilities, exclusive, generator))
        return [code for code in question.codes if code in chosen]
    code = categorical(probabilities, generator)
    return int(code) if question.type == "nps" else code


def mean_probabilities(draws: Sequence[Mapping[str, float]], codes: Sequence[str]) -> dict[str, float]:
    """Return the mean over draws of each code's probability."""
    return {code: math.fsum(draw[code] for draw in draws) / len(draws) for code in codes}

"""Divides a simulation into shards: by respondents for what is asked of each, by cells for distributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.questionnaires.content import Content, Question
from core.questionnaires.logic import Condition, conditions_of, holds
from core.stats.sampling import derive_seed31
from core.stats.targets import values_key
from core.surveys.arms import Arms, part_of
from core.surveys.elicitation import Voice, batches, by_method
from core.surveys.methods import Requested

SMALLEST: Final = 20
LARGEST: Final = 200
WANTED_SHARDS: Final = 64
CELLS_PER_SHARD: Final = 12
# Respondents whose answers are embedded and written together; each write holds up the commits of its job's steps.
CHUNK: Final = 50
# With more shards than this, the last eighth of the respondents is in shards half as large: workers end together.
MANY_SHARDS: Final = 16


@dataclass(frozen=True, slots=True)
class Span:
    """A run of respondent numbers or cell indices: first included, last excluded."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Respondents who share a persona version and all attributes; a distribution is asked once for them.

    Where a question differs by arm, it is asked once for each part of them that reads it alike: `arms` are those of
    each number.
    """

    key: str
    voice: Voice
    numbers: tuple[int, ...]
    arms: Mapping[int, Arms]


@dataclass(frozen=True, slots=True)
class Part:
    """Respondents of a cell who are in the same arms of those splits that a question reads."""

    arms: Arms
    numbers: tuple[int, ...]


def respondent_spans(n: int) -> list[Span]:
    """Return spans over the respondent numbers 1…n."""
    size = min(LARGEST, max(SMALLEST, -(-n // WANTED_SHARDS)))
    if n <= MANY_SHARDS * size:
        return _spans(1, n + 1, size)
    last_part = n + 1 - n // 8
    return [*_spans(1, last_part, size), *_spans(last_part, n + 1, size // 2)]


def _spans(first: int, last: int, size: int) -> list[Span]:
    return [Span(start, min(start + size, last)) for start in range(first, last, size)]


def cell_spans(n_cells: int) -> list[Span]:
    """Return spans over the cell indices 0…n-1."""
    return _spans(0, n_cells, CELLS_PER_SHARD)


def cells_of(same: Sequence[tuple[Voice, Sequence[int]]]) -> list[Cell]:
    """Group respondents, given as voices with the numbers they stand for, in an order that depends on nothing else."""
    groups: dict[str, list[tuple[Voice, Sequence[int]]]] = {}
    for voice, numbers in same:
        key = f"{voice.persona_id}:{voice.persona_version}:{values_key(voice.attributes)}"
        groups.setdefault(key, []).append((voice, numbers))
    return [
        Cell(
            key,
            min((voice for voice, _ in members), key=lambda voice: voice.number),
            tuple(sorted(number for _, numbers in members for number in numbers)),
            {number: voice.arms for voice, numbers in members for number in numbers},
        )
        for key, members in sorted(groups.items())
    ]


def parts_of(cell: Cell, question: Question) -> list[Part]:
    """Return the parts of a cell that a question is asked for one by one: the whole of it where it reads no split."""
    if not question.splits:
        return [Part({}, cell.numbers)]
    parts: dict[tuple[str, ...], list[int]] = {}
    for number in cell.numbers:
        parts.setdefault(part_of(cell.arms[number], question.splits), []).append(number)
    return [
        Part(dict(zip(question.splits, arms, strict=True)), tuple(numbers)) for arms, numbers in sorted(parts.items())
    ]


def steps_per_respondent(content: Content, requested: Requested) -> int:
    """Return how many model calls one respondent takes at most: one per section, kind of reply, and stage of logic."""
    conditions = conditions_of(content)
    return sum(len(batches(section, requested, conditions)) for section in content.sections)


def distribution_questions(content: Content, requested: Requested) -> list[Question]:
    """Return the questions that are asked per cell."""
    return [one for section in content.sections for one in by_method(section, requested, "distribution")]


def steps_of_cell(cell: Cell, questions: Sequence[Question], conditions: Mapping[str, Condition]) -> int:
    """Return how often one draw of each of these questions is asked for a cell: once for each part it is shown to."""
    return sum(
        condition is None or holds(condition, part.arms)
        for question in questions
        for condition in [conditions.get(question.key)]
        for part in parts_of(cell, question)
    )


def step_seed(seed: int, *parts: str | int) -> int:
    """Return the seed of one model call."""
    return derive_seed31(seed, *parts)

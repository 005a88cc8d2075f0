"""Shards cover every respondent once, and depend on nothing but who is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import UUID

import pytest

from core.questionnaires.building import build_content
from core.questionnaires.content import Content
from core.questionnaires.schemas import QuestionnaireCreate
from core.surveys import sharding
from core.surveys.elicitation import Voice
from core.surveys.methods import Requested
from core.surveys.sharding import (
    Cell,
    Span,
    cell_spans,
    distribution_questions,
    respondent_spans,
    step_seed,
    steps_per_respondent,
)
from tests.factories.questionnaires import question

CITY = {"city": "Lyon", "age": "18-29"}


def voice(number: int, persona: int = 1, version: int = 1, attributes: Mapping[str, Any] = CITY) -> Voice:
    return Voice(number, UUID(int=persona), version, {"name": "Ada"}, attributes)


def cells_of(voices: Sequence[Voice]) -> list[Cell]:
    """Return the cells of respondents given one by one."""
    return sharding.cells_of([(voice, (voice.number,)) for voice in voices])


def numbers(spans: list[Span]) -> list[int]:
    return [number for span in spans for number in range(span.first, span.last)]


@pytest.mark.parametrize("n", [0, 1, 19, 20, 21, 45, 320, 321, 1280, 1281, 9_999, 12_800, 50_000])
def test_respondents_are_covered_once_and_in_order(n: int) -> None:
    spans = respondent_spans(n)
    assert numbers(spans) == list(range(1, n + 1))
    assert all(0 < span.last - span.first <= 200 for span in spans)


def test_shards_grow_with_the_sample_up_to_a_bound() -> None:
    assert respondent_spans(45) == [Span(1, 21), Span(21, 41), Span(41, 46)]
    assert [span.last - span.first for span in respondent_spans(6_400)] == [100] * 56 + [50] * 16
    assert {span.last - span.first for span in respondent_spans(48_000)} == {200, 100}
    assert [len(respondent_spans(n)) for n in (1, 320, 1280, 6_400, 12_800, 48_000)] == [1, 16, 72, 72, 72, 270]


@pytest.mark.parametrize("n", [0, 1, 12, 13, 500])
def test_cells_are_covered_once(n: int) -> None:
    spans = cell_spans(n)
    assert numbers(spans) == list(range(n))
    assert len(spans) == -(-n // 12)


def test_a_cell_is_a_persona_version_and_all_attributes() -> None:
    turned = dict(reversed(CITY.items()))
    voices = [voice(5), voice(2, attributes=turned), voice(3, persona=2), voice(4, version=2), voice(1, attributes={})]
    cells = cells_of(voices)
    assert sorted(cell.numbers for cell in cells) == [(1,), (2, 5), (3,), (4,)]
    assert all(cell.voice.number == min(cell.numbers) for cell in cells)


def test_values_that_look_like_the_ends_of_others_make_cells_of_their_own() -> None:
    tricky: list[dict[str, Any]] = [
        {"a": "1"}, {"a": 1}, {"a": '1"],["b","2'}, {"a": "1", "b": "2"}, {"a:1": ""}, {"a": ":1"}, {},
    ]  # fmt: skip
    cells = cells_of([voice(number, attributes=values) for number, values in enumerate(tricky, start=1)])
    assert len({cell.key for cell in cells}) == len(cells) == len(tricky)


def test_respondents_known_to_be_the_same_make_the_cells_they_make_one_by_one() -> None:
    one, other, apart = voice(2), voice(3, attributes=dict(reversed(CITY.items()))), voice(4, persona=2)
    [cell, single] = sharding.cells_of([(other, (3, 7)), (one, (2, 5)), (apart, (4,))])
    assert (cell.voice.number, cell.numbers, single.numbers) == (2, (2, 3, 5, 7), (4,))
    assert cell.key == cells_of([one])[0].key


def test_the_order_in_which_respondents_are_read_changes_no_cell() -> None:
    people = [voice(number, persona=number % 7, attributes={"age": str(number % 3)}) for number in range(1, 200)]
    expected = cells_of(people)
    for seed in range(5):
        Random(seed).shuffle(people)
        assert cells_of(people) == expected
    assert sorted(number for cell in expected for number in cell.numbers) == list(range(1, 200))
    assert len(expected) == 21


def two_sections() -> Content:
    scales = [question("likert"), question("nps")]
    rest = [question("single_choice"), question("multiple_choice"), question("open_ended")]
    sections = [{"title": "A", "questions": scales}, {"title": "B", "questions": rest}]
    return build_content(QuestionnaireCreate.model_validate({"title": "t", "sections": sections}).sections)


@pytest.mark.parametrize(
    ("requested", "calls_each", "per_cell"),
    [
        ("auto", 3, 2),  # A: what is said, the nps number; B: the open end | the two choices
        ("direct", 2, 0),
        ("ssr", 2, 2),  # A: what is said of both scales; B: the open end
        ("distribution", 1, 4),
    ],
)
def test_calls_are_counted_as_they_will_be_made(requested: Requested, calls_each: int, per_cell: int) -> None:
    content = two_sections()
    assert steps_per_respondent(content, requested) == calls_each
    assert len(distribution_questions(content, requested)) == per_cell


def test_seeds_of_calls_stay_the_same_in_every_release() -> None:
    assert step_seed(7, "respondent", 1, 0, "direct") == 1_737_737_124
    assert step_seed(7, "respondent", 1, 0, "direct") != step_seed(8, "respondent", 1, 0, "direct")
    seeds = {step_seed(7, "respondent", number, 0, method) for number in range(500) for method in ("direct", "ssr")}
    assert len(seeds) == 1000
    assert all(0 <= seed < 2**31 for seed in seeds)

"""Sets of max_diff questions: what is taken where nothing is said, and what is refused by its place."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from core.errors import Invalid
from core.questionnaires.item_sets import default_count, default_size, shown_sets
from tests.factories.questionnaires import content, question, stored


def items(count: int) -> list[str]:
    return [f"Item {number}" for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("count", "size", "sets"), [(2, 2, 1), (3, 2, 5), (4, 3, 4), (8, 4, 6), (12, 4, 9), (20, 5, 12), (100, 5, 60)]
)
def test_each_option_is_shown_three_times_where_nothing_is_said(count: int, size: int, sets: int) -> None:
    assert (default_size(count), default_count(count, size)) == (size, sets)


def test_what_is_said_is_taken() -> None:
    asked = stored("max_diff", options=items(6), sets={"size": 3})
    assert asked.sets is not None
    assert (asked.sets.size, asked.sets.count) == (3, 6)


@pytest.mark.parametrize(
    ("members", "loc", "words"),
    [
        ({"sets": {"size": 6}}, ("sets", "size"), "more than the 5 options"),
        ({"sets": {"size": 2, "count": 2}}, ("sets", "count"), "cannot show all 5"),
        ({"options": items(12), "sets": {"size": 10, "count": 41}}, ("sets", "count"), "more than 400"),
        ({"options": []}, ("options",), "must not be empty"),
        ({"options": ["One"]}, ("options",), "at least 2"),
        ({"options": [{"label": "A", "pinned": True}, "B"]}, ("options", 0, "pinned"), "no fixed place"),
        ({"options": [{"label": "A", "exclusive": True}, "B"]}, ("options", 0, "exclusive"), "multiple_choice"),
        ({"scale": {"min": 1, "max": 5}}, ("scale",), "no scale"),
        ({"randomise": True}, ("randomise",), "cannot be randomised"),
        ({"type": "single_choice", "sets": {"size": 2}}, ("sets",), "has no sets"),
    ],
)
def test_what_does_not_fit_is_named(members: dict[str, Any], loc: tuple[str | int, ...], words: str) -> None:
    with pytest.raises(Invalid) as caught:
        content(question("max_diff") | members)
    found = {error.loc[5:]: error.msg for error in caught.value.errors}
    assert words in found[loc]


@pytest.mark.parametrize("wrong", [{"size": 1}, {"size": 11}, {"size": "4"}, {"count": 0}, {"count": 61}, {"x": 1}, 4])
def test_sets_of_another_shape_are_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="sets"):
        content(question("max_diff", sets=wrong))


def test_a_condition_can_only_ask_whether_it_was_answered() -> None:
    first = question("max_diff", key="traits")
    content(first, question(key="next", show_if="answered(traits)"))
    with pytest.raises(Invalid, match="max_diff question: only answered"):
        content(first, question(key="next", show_if='traits == "1"'))


def test_respondents_see_sets_of_their_own_and_the_same_each_time() -> None:
    asked = stored("max_diff", options=items(8))
    seen = [shown_sets(asked, 7, number) for number in range(1, 11)]
    assert seen == [shown_sets(asked, 7, number) for number in range(1, 11)]
    assert len({str(sets) for sets in seen}) == 10
    assert {Counter(code for one in sets for code in one)[code] for sets in seen for code in asked.codes} == {3}
    assert shown_sets(stored("single_choice"), 7, 1) == []

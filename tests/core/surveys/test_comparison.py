"""Questions of two runs: which are compared, and what is told of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest

from core.surveys.comparison import Asked, compared, matched
from core.surveys.repository import Tally
from tests.factories.questionnaires import stored

SPACE = UUID(int=1)


def asked(type_: str, answers: dict[Any, int], people: int = 6, **members: Any) -> Asked:
    """Return a question whose answers are spread over so many personas."""
    question = stored(type_, **{"key": "q"} | members)
    tallies = [
        Tally(
            "q", uuid5(SPACE, str(person)), 1.0, list(value) if isinstance(value, tuple) else value, "direct", None, n
        )
        for value, count in answers.items()
        for person in range(people)
        if (n := count // people + (person < count % people))
    ]
    return Asked(question, tallies)


def test_a_choice() -> None:
    found = compared(asked("single_choice", {"1": 60, "2": 60}), asked("single_choice", {"1": 90, "2": 30}))
    assert (found.a.n, found.b.n, found.test) == (120, 120, "rao_scott")
    first = found.options[0]
    assert (first.a_pct, first.b_pct, first.difference) == (50, 75, 25)
    assert first.ci is not None
    assert 0 < first.ci[0] < 25 < first.ci[1]
    assert (found.total_variation, found.mean) == (0.25, None)
    assert found.p is not None
    assert found.p < 0.01


def test_the_same_answers_do_not_differ() -> None:
    one = asked("likert", {"1": 20, "3": 40, "5": 20})
    found = compared(one, one)
    assert (found.p, found.total_variation, found.jensen_shannon) == (1, 0, 0)
    assert found.mean is not None
    assert (found.mean.difference, found.mean.p) == (0, 1)


def test_points_have_a_mean() -> None:
    found = compared(asked("likert", {"1": 30, "2": 30}), asked("likert", {"4": 30, "5": 30}))
    assert found.mean is not None
    assert found.mean.difference == 3
    assert found.test == "planned"  # one variable all but tells the other


def test_a_net_promoter_score_is_in_its_own_points() -> None:
    found = compared(asked("nps", {9: 20, 7: 20, 3: 20}), asked("nps", {10: 40, 0: 20}))
    assert found.nps is not None
    assert found.nps.difference == pytest.approx(100 / 3)
    assert (found.a.nps, found.b.nps) == pytest.approx((0, 100 / 3), abs=1e-5)


def test_numbers_are_compared_by_their_means() -> None:
    found = compared(asked("numeric", {1: 30, 3: 30}), asked("numeric", {2: 30, 4: 30}))
    assert found.mean is not None
    assert (found.mean.difference, found.test, found.p) == (1, "means", found.mean.p)
    assert found.total_variation is None


def test_of_several_options_the_one_that_differs_most_decides() -> None:
    options: dict[str, Any] = {"options": ["a", "b", "c"]}
    found = compared(
        asked("multiple_choice", {("1",): 30, ("1", "2"): 60, ("3",): 30}, **options),
        asked("multiple_choice", {("1",): 30, ("1", "2"): 20, ("3",): 70}, **options),
    )
    assert [one.difference for one in found.options] == pytest.approx([-100 / 3, -100 / 3, 100 / 3], abs=1e-5)
    ps = [one.p for one in found.options]
    assert (found.test, found.p) == ("options", min(p for p in ps if p is not None))


@pytest.mark.parametrize("type_", ["single_choice", "multiple_choice", "likert", "nps", "numeric"])
@pytest.mark.parametrize("answers", [0, 1])
def test_next_to_nobody(type_: str, answers: int) -> None:
    value: Any = {"multiple_choice": ("1",), "nps": 9, "numeric": 2}.get(type_, "1")
    some = asked(type_, {value: 40})
    found = compared(asked(type_, {value: answers}), some)
    assert (found.a.n, found.b.n, found.p) == (answers, 40, None)
    assert [one.difference for one in found.options if one.b_pct] == (
        [] if type_ == "numeric" else [0.0 if answers else None]
    )


def test_an_option_nobody_chose_has_an_interval_all_the_same() -> None:
    one = asked("single_choice", {"1": 40})
    never = compared(one, one).options[1]
    assert never.ci is not None
    assert never.ci[0] < 0 < never.ci[1]
    assert (never.difference, never.p) == (0, None)


def test_who_is_matched_and_why_not() -> None:
    first = [
        stored("single_choice", key="same"),
        stored("single_choice", key="gone"),
        stored("likert", key="type"),
        stored("single_choice", key="options"),
        stored("open_ended", key="text"),
    ]
    second = [
        stored("open_ended", key="text"),
        stored("single_choice", key="options", options=["Yes", "No", "Maybe"]),
        stored("nps", key="type"),
        stored("single_choice", key="new"),
        stored("single_choice", key="same", text="Really?", options=["Yes", "Not"]),
    ]
    keys, others = matched(first, second)
    assert keys == ["same"]
    assert {one.key: one.reason.split(":")[0] for one in others} == {
        "gone": "is asked in a only",
        "new": "is asked in b only",
        "type": "is of another type",
        "options": "has other options",
        "text": "answers to questions of the type open_ended are not compared",
    }
    found = compared(Asked(first[0], []), Asked(second[4], []))
    assert (found.changed, found.p, found.differs) == (["text", "labels"], None, False)

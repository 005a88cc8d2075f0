"""Test and retest: who is asked again what, and an alarm that fires for answers made anew, and for no others."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.surveys.quality import alarms
from core.surveys.results import question_result
from core.surveys.retest import Pair, asked_again, people_again, stabilities, stability
from core.surveys.schemas import QualityAlarm
from tests.factories.questionnaires import content, question, stored

N, RUNS = 30, 40
AGREEMENT = ["Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"]
CONTENT = content(
    *(question("likert", key=f"item_{at}", options=AGREEMENT) for at in range(3)),
    question(key="choice", options=["A", "B", "C"]),
    question("multiple_choice", key="several", options=["A", "B", "C"]),
    question("numeric", key="hours"),
    question("open_ended", key="why"),
)


def answered(rng: np.random.Generator, *, again: bool) -> list[Pair]:
    """Return pairs of people whose answers rest on what they are like; asked `again`, or somebody else answers."""
    people = rng.normal(0, 1.2, N)
    others = people if again else rng.permutation(people)
    found: list[Pair] = []
    for at in range(3):
        first, second = _points(rng, people), _points(rng, others)
        found += [Pair(f"item_{at}", a, None, b, None) for a, b in zip(first, second, strict=True)]
    for key, ends in (("choice", ("1", "2", "3")), ("several", (["1"], ["1", "2"], ["3"]))):
        found += [Pair(key, _of(ends, a, rng), None, _of(ends, b, rng), None)
                  for a, b in zip(people, others, strict=True)]  # fmt: skip
    found += [Pair("hours", 20 + 5 * a + rng.normal(), None, 20 + 5 * b + rng.normal(), None)
              for a, b in zip(people, others, strict=True)]  # fmt: skip
    return found


def _points(rng: np.random.Generator, people: Any) -> list[str]:
    return [str(int(point)) for point in np.clip(np.rint(3 + people + rng.normal(0, 0.5, N)), 1, 5)]


def _of(ends: tuple[Any, ...], leaning: float, rng: np.random.Generator) -> Any:
    return ends[0 if (felt := leaning + rng.normal(0, 0.3)) < -0.6 else 1 if felt < 0.6 else 2]


def judged(pairs: list[Pair]) -> QualityAlarm:
    results = {one.key: question_result(one, (), {}) for one in CONTENT.questions()}
    told = alarms(CONTENT, results, {}, {}, stabilities(CONTENT, "direct", pairs))
    return next(alarm for alarm in told if alarm.code == "test_retest")


def test_the_alarm_fires_where_somebody_else_seems_to_answer_and_is_silent_otherwise() -> None:
    fired = [judged(answered(np.random.default_rng(at), again=False)).fired for at in range(RUNS)]
    silent = [judged(answered(np.random.default_rng(at), again=True)).fired for at in range(RUNS)]
    assert sum(fired) / RUNS >= 0.95
    assert sum(silent) / RUNS <= 0.05


def test_a_question_that_all_answer_alike_does_not_fire() -> None:
    pairs = [Pair("choice", "1", None, "1" if at % 8 else "2", None) for at in range(N)]
    found = stabilities(CONTENT, "direct", pairs)["choice"]
    assert found.value == 0
    assert not found.unsteady(0.4)


def test_each_question_tells_its_coefficient_or_why_it_has_none() -> None:
    found = stabilities(CONTENT, "auto", answered(np.random.default_rng(1), again=True))
    assert {key: one.reason for key, one in found.items() if one.reason} == {
        "choice": "drawn_from_probabilities", "several": "drawn_from_probabilities", "why": "type",
    }  # fmt: skip
    found = stabilities(CONTENT, "direct", answered(np.random.default_rng(1), again=True))
    names = {"item_0": "weighted_kappa", "choice": "kappa", "several": "mean_kappa", "hours": "icc"}
    assert {key: found[key].coefficient for key in names} == names
    few = [Pair("hours", 1.0, None, 2.0, None)] * 3
    assert stabilities(CONTENT, "direct", few)["hours"].reason == "too_few"
    assert stabilities(CONTENT, "direct", few)["choice"].reason == "not_drawn"


def test_statements_are_compared_by_the_points_they_mean_and_not_by_what_was_drawn() -> None:
    item = stored("likert", options=AGREEMENT)
    sure = [{str(code): 0.8 if code == 1 + at % 5 else 0.05 for code in range(1, 6)} for at in range(20)]
    pairs = [Pair(item.key, str(1 + at % 5), p, str(1 + (at + 1) % 5), p) for at, p in enumerate(sure)]
    found = stability(item, pairs)
    assert (found.coefficient, found.agreement, found.value) == ("icc", 1, 1)


def test_a_share_is_asked_again_thirty_at_least_and_a_hundred_at_most() -> None:
    sizes = {(49, 0.1): 0, (50, 0.1): 30, (400, 0.1): 40, (5000, 0.1): 100, (400, 0.0): 0, (400, 0.5): 100}
    assert {given: len(people_again(7, *given)) for given in sizes} == sizes
    assert people_again(7, 400, 0.1) == people_again(7, 400, 0.1) != people_again(8, 400, 0.1)
    assert people_again(7, 400, 0.1) <= set(range(1, 401))


def test_ten_questions_at_most_are_asked_again_and_none_that_rests_on_answers() -> None:
    many = [question("nps", key=f"n{at}") for at in range(14)]
    asked = content(
        *many, question(key="gate"), question("numeric", key="more", show_if='gate == "1"'), question("open_ended")
    )
    again = asked_again(asked, "direct", 7)
    keys = [one.key for part in again for one in part.batch.questions]
    assert len(keys) == 10
    assert set(keys) <= {one["key"] for one in many} | {"gate"}
    assert asked_again(content(question(), question("open_ended")), "auto", 7) == []

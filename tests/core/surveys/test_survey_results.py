"""Results against figures worked out by hand; one persona per respondent where clusters should cost nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.questionnaires.content import Question
from core.surveys.repository import Tally
from core.surveys.results import question_result
from core.surveys.schemas import QuestionResult
from tests.factories.questionnaires import stored

LETTERS = [{"code": code, "label": code.upper()} for code in "abc"]
SINGLE = stored(key="q", options=LETTERS)
MULTIPLE = stored("multiple_choice", key="q", options=LETTERS)
LIKERT = stored("likert", key="q")
NPS = stored("nps", key="q")
HOURS = stored("numeric", key="q", scale={"min": 0, "max": 24})


def tally(
    value: Any, persona: int, *, weight: float = 1.0, count: int = 1, missing: str | None = None, method: str = "direct"
) -> Tally:
    return Tally("q", UUID(int=persona), weight, value, method, missing, count)


def result(question: Question, *tallies: Tally) -> QuestionResult:
    names = {t.persona_id: f"P{t.persona_id.int}" for t in tallies}
    return question_result(question, tallies, names)


def apart(question: Question, values: Sequence[Any], weights: Sequence[float] | None = None) -> QuestionResult:
    """Return the result of answers that come from one persona each."""
    given = weights or [1.0] * len(values)
    return result(question, *(tally(v, i, weight=w) for i, (v, w) in enumerate(zip(values, given, strict=True))))


def shares(found: QuestionResult) -> dict[str, tuple[int, float, float | None]]:
    return {row.code: (row.count, row.pct, row.weighted_pct) for row in found.options}


def test_equal_weights_give_plain_percentages_and_wilson() -> None:
    found = apart(SINGLE, ["a", "a", "a", "b"])
    assert (found.n, found.n_eff, found.methods, found.missing) == (4, 4.0, {"direct": 4}, {})
    assert shares(found) == {"a": (3, 75.0, 75.0), "b": (1, 25.0, 25.0), "c": (0, 0.0, 0.0)}
    intervals = [row.ci for row in found.options]
    assert intervals[0] == pytest.approx((30.064184, 95.441274), abs=1e-6)
    assert intervals[1] == pytest.approx((4.558726, 69.935816), abs=1e-6)
    assert intervals[2] == pytest.approx((0.0, 48.989084), abs=1e-6)
    assert [row.label for row in found.options] == ["A", "B", "C"]
    assert (found.mean, found.sd, found.median, found.top2, found.bottom2, found.nps) == (None,) * 6


def test_weights_move_the_share_and_shrink_what_it_rests_on() -> None:
    found = apart(SINGLE, ["a", "b", "b", "b"], [3, 1, 1, 1])
    assert shares(found)["a"] == (1, 25.0, 50.0)
    assert found.options[0].weighted_count == 3.0
    assert found.n_eff == 3.0  # 6² / (9 + 1 + 1 + 1)
    assert found.options[0].ci == pytest.approx((12.533447, 87.466553), abs=1e-6)


def test_respondents_of_one_mind_count_as_their_personas() -> None:
    found = result(SINGLE, tally("a", 1, count=2), tally("b", 2, count=2))
    assert (found.n, found.icc, found.n_eff) == (4, 1.0, 2.0)
    assert found.options[0].ci == pytest.approx((9.453121, 90.546879), abs=1e-6)


def test_where_all_agree_the_planning_correlation_is_taken() -> None:
    found = result(SINGLE, tally("a", 1, count=2), tally("a", 2, count=2))
    assert found.icc == 0.2
    assert found.n_eff == pytest.approx(4 / 1.2, abs=1e-6)
    assert found.options[0].ci == pytest.approx((46.458953, 100.0), abs=1e-6)


def test_a_scale_by_hand() -> None:
    found = apart(LIKERT, ["1", "2", "4", "5", "5"])
    assert (found.mean, found.median, found.top2, found.bottom2) == (3.4, 4.0, 60.0, 40.0)
    assert found.sd == pytest.approx(math.sqrt(13.2 / 4), abs=1e-6)


def test_a_weighted_scale_by_hand() -> None:
    found = apart(LIKERT, ["1", "3", "5"], [1, 1, 2])
    assert (found.mean, found.median) == (3.5, 4.0)  # half of the weight lies at or below 3
    # squares: 6.25 + 0.25 + 2·2.25 = 11 over weight 4, times 3/2
    assert found.sd == pytest.approx(math.sqrt(11 / 4 * 3 / 2), abs=1e-6)
    assert (found.top2, found.bottom2) == (50.0, 25.0)


def test_boxes_follow_the_scores_and_short_scales_have_none() -> None:
    turned = [{"code": str(place), "label": str(place), "score": 6 - place} for place in range(1, 6)]
    found = apart(stored("likert", key="q", scale=None, options=turned), ["1", "1", "1", "5"])
    assert (found.mean, found.top2, found.bottom2) == (4.0, 75.0, 25.0)
    short = apart(stored("likert", key="q", scale={"min": 1, "max": 3}), ["1", "3"])
    assert (short.mean, short.top2, short.bottom2) == (2.0, None, None)


def test_the_net_promoter_score_by_hand() -> None:
    found = apart(NPS, [10, 9, 8, 6])
    assert found.nps is not None
    assert (found.nps.value, found.nps.promoters, found.nps.passives, found.nps.detractors) == (25.0, 50.0, 25.0, 25.0)
    assert found.nps.ci == pytest.approx((-46.559960, 72.065419), abs=1e-6)
    assert (found.mean, found.median, len(found.options), found.top2) == (8.25, 8.5, 11, None)
    assert {row.code: row.count for row in found.options if row.count} == {"6": 1, "8": 1, "9": 1, "10": 1}
    weighted = apart(NPS, [10, 0], [1, 3]).nps
    assert weighted is not None
    assert (weighted.value, weighted.promoters, weighted.detractors) == (-50.0, 25.0, 75.0)


def test_choices_are_counted_per_respondent() -> None:
    found = apart(MULTIPLE, [["a", "b"], ["a"], ["a", "b", "c"], ["b"]], [1, 1, 1, 3])
    assert shares(found) == {
        "a": (3, 75.0, 50.0),
        "b": (3, 75.0, pytest.approx(83.333333)),
        "c": (1, 25.0, pytest.approx(16.666667)),
    }


def test_numbers_have_a_description_and_no_options() -> None:
    found = apart(HOURS, [0, 1, 2.5, 24])
    assert (found.mean, found.median, found.options, found.nps) == (6.875, 1.75, [], None)
    assert found.sd == pytest.approx(math.sqrt(394.1875 / 3), abs=1e-6)  # Σx² - n·x̄² = 583.25 - 189.0625


def test_texts_are_counted_only() -> None:
    found = result(stored("open_ended", key="q"), tally(None, 1, count=3), tally(None, 2, missing="refused"))
    assert (found.n, found.missing, found.options, found.mean) == (3, {"refused": 1}, [], None)


@pytest.mark.parametrize("question", [SINGLE, MULTIPLE, LIKERT, NPS, HOURS], ids=lambda q: str(q.type))
def test_nothing_is_made_of_nothing(question: Question) -> None:
    for found in (result(question), result(question, tally(None, 1, count=7, missing="invalid"))):
        assert (found.n, found.n_eff, found.icc) == (0, 0.0, None)
        assert (found.mean, found.sd, found.median, found.top2, found.bottom2, found.nps) == (None,) * 6
        assert {(row.count, row.pct, row.weighted_pct, row.ci) for row in found.options} <= {(0, 0, 0, (0, 100))}
    assert (found.missing, found.methods) == ({"invalid": 7}, {"direct": 7})
    assert [(part.n, part.mean) for part in found.by_persona] == [(0, None)]


def test_one_answer_has_a_mean_and_no_spread() -> None:
    found = apart(LIKERT, ["4"])
    assert (found.n, found.n_eff, found.mean, found.median, found.sd) == (1, 1.0, 4.0, 4.0, None)
    assert found.options[3].ci == pytest.approx((20.654931, 100.0), abs=1e-6)
    assert found.options[0].ci == pytest.approx((0.0, 79.345069), abs=1e-6)


def test_all_weight_on_one_row_is_one_answer() -> None:
    found = apart(LIKERT, ["1", "5", "5"], [2, 0, 0])
    assert (found.n, found.n_eff, found.mean, found.sd, found.top2, found.bottom2) == (3, 1.0, 1.0, None, 0.0, 100.0)
    assert (found.options[4].count, found.options[4].weighted_pct) == (2, 0.0)
    assert found.options[4].pct == pytest.approx(200 / 3, abs=1e-6)
    weightless = apart(NPS, [10, 0], [0, 0])
    assert (weightless.n, weightless.n_eff, weightless.mean, weightless.nps) == (2, 0.0, None, None)


@pytest.mark.parametrize("question", [SINGLE, LIKERT], ids=lambda q: str(q.type))
def test_answers_of_no_weight_have_no_weighted_figure(question: Question) -> None:
    code = question.codes[2]
    found = result(question, tally(code, 1, weight=0.0), tally(None, 2, missing="refused"))
    chosen = found.options[2]
    assert (chosen.count, chosen.weighted_count, chosen.pct, chosen.weighted_pct, chosen.ci) == (
        1,
        0.0,
        100.0,
        None,
        None,
    )
    assert {(row.weighted_pct, row.ci) for row in found.options} == {(None, None)}
    assert [(b.pct, b.weighted_pct) for b in apart(HOURS, [1, 1], [0, 0]).histogram] == [(100.0, None)]


def test_a_persona_that_stands_for_nobody_is_told_of_as_it_answered() -> None:
    tallies = [tally("1", 1, weight=0.0, count=3), tally("5", 1, weight=0.0), tally("3", 2, count=4)]
    found = result(LIKERT, *tallies)
    assert [(row.count, row.weighted_pct) for row in found.options] == [(3, 0), (0, 0), (4, 100), (0, 0), (1, 0)]
    weightless, weighed = found.by_persona
    assert (weightless.n, weightless.mean, weighed.mean) == (4, 2.0, 3.0)
    assert [option.pct for option in weightless.options] == [75.0, 0.0, 0.0, 0.0, 25.0]


def test_why_answers_are_missing_and_how_they_were_asked_is_told() -> None:
    found = result(
        LIKERT,
        tally("3", 1, method="ssr", count=5),
        tally("2", 2, count=2),
        tally(None, 1, method="ssr", count=3, missing="refused"),
        tally(None, 2, missing="not_asked"),
        tally(None, 2, missing="refused"),
    )
    assert (found.n, found.methods, found.missing) == (7, {"direct": 4, "ssr": 8}, {"not_asked": 1, "refused": 4})


def test_personas_are_told_apart_and_weighted_within() -> None:
    tallies = [tally("1", 1), tally("5", 1, weight=3), tally("2", 2), tally(None, 3, missing="invalid")]
    names = {UUID(int=3): "Cora", UUID(int=1): "Ada", UUID(int=2): "Ben", UUID(int=4): "Dan"}
    found = question_result(LIKERT, tallies, names).by_persona
    assert [(part.persona_name, part.n, part.mean) for part in found] == [
        ("Cora", 0, None), ("Ada", 2, 4.0), ("Ben", 1, 2.0), ("Dan", 0, None),
    ]  # fmt: skip
    assert [option.pct for option in found[1].options] == [25.0, 0.0, 0.0, 0.0, 75.0]


ROWS = st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.floats(0, 50), st.integers(1, 30))


@given(st.lists(ROWS, max_size=12), st.floats(0.01, 100))
def test_shares_hold_together_and_the_unit_of_weights_does_not_matter(rows: list[Any], unit: float) -> None:
    found, scaled = (
        result(SINGLE, *(tally(code, persona, weight=w * times, count=n) for code, persona, w, n in rows))
        for times in (1, unit)
    )
    assert sum(row.count for row in found.options) == found.n == sum(n for *_, n in rows)
    assert 0 <= found.n_eff <= found.n
    shown = [
        (row.ci[0], row.weighted_pct, row.ci[1]) for row in found.options if row.ci and row.weighted_pct is not None
    ]
    assert len(shown) == (0 if rows and not any(w for _, _, w, _ in rows) else 3)
    assert all(0 <= low <= pct <= high <= 100 for low, pct, high in shown)
    if sum(w for _, _, w, _ in rows) > 1e-6:
        assert sum(pct for _, pct, _ in shown) == pytest.approx(100, abs=1e-4)
        assert scaled.n_eff == pytest.approx(found.n_eff, abs=1e-4)
        assert [row.ci for row in scaled.options] == [pytest.approx(row.ci, abs=1e-3) for row in found.options]

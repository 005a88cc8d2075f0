"""What a survey report says follows from its results."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.reports import content as c
from core.reports.survey_content import DEMONSTRATION, build_survey_content
from core.reports.survey_figures import interval, key_figure, number, signed
from core.reports.survey_input import QuestionResult, QuoteGiven
from core.reports.survey_questions import base_line, choose_quotes, scale_points
from tests.core.reports import made_up


def _question(**changes: object) -> QuestionResult:
    return QuestionResult.model_validate(made_up.question("k", "single_choice", "?", ["A", "B", "C"]) | changes)


def test_sections_are_the_summary_the_method_and_each_question() -> None:
    anchors = [section.anchor for section in made_up.survey().sections]
    assert anchors == ["glance", "method", "q1", "q2", "q3", "q4", "q5", "q6"]


def test_every_charted_question_has_its_table() -> None:
    for section in made_up.survey().sections[2:7]:
        kinds = {block.type for block in section.blocks}
        assert "table" in kinds
        assert kinds & {"bar_chart", "scale_chart", "column_chart"}


def test_a_demonstration_is_named_on_cover_method_and_every_page() -> None:
    content = made_up.survey()
    assert content.demonstration
    assert content.running_notice == DEMONSTRATION
    assert "demonstration model" in content.cover.statement
    assert DEMONSTRATION in [block.title for block in content.sections[1].blocks if isinstance(block, c.Notice)]


def test_a_real_model_is_not_called_a_demonstration() -> None:
    content = build_survey_content(made_up.results(demonstration=False, model="some-model"), made_up.facts())
    assert "emonstration model" not in content.model_dump_json()
    assert "simulated" in content.running_notice.lower()


def test_partial_results_are_labelled() -> None:
    content = build_survey_content(made_up.results(complete=False, status="cancelled"), made_up.facts())
    for section in content.sections[:2]:
        titles = [block.title for block in section.blocks if isinstance(block, c.Notice)]
        assert "Partial results" in titles


def test_the_leading_option_is_the_key_figure_and_overlap_is_said() -> None:
    figure = key_figure(_question())
    assert (figure.value, figure.label) == ("50%", "A")
    assert "next: B 33%" in figure.detail
    assert "intervals overlap" in figure.detail


def test_nps_keeps_its_sign_and_interval() -> None:
    figure = key_figure(QuestionResult.model_validate(made_up.questions()[3]))
    assert (figure.value, figure.detail) == ("−51", "interval −66 to −36")


def test_a_scale_coded_from_best_to_worst_is_read_by_score() -> None:
    options = [{"code": "1", "label": "Better", "score": 3}, {"code": "2", "label": "Same", "score": 2}]
    options.append({"code": "3", "label": "Worse", "score": 1})
    asked = QuestionResult.model_validate({"key": "k", "type": "likert", "n": 9, "options": options, "top2": 40})
    assert [option.label for option in asked.scale] == ["Worse", "Same", "Better"]
    assert key_figure(asked).label == "Top two: Same / Better"


def test_no_valid_answer_gives_no_figure() -> None:
    assert key_figure(_question(n=0)).value == "–"


def test_the_base_names_each_reason_for_missing() -> None:
    line = base_line(_question(n=380, missing={"refused": 15, "budget": 5, "invalid": 0}))
    assert line == "Base: 380 answers  ·  20 missing (budget used up 5, refused 15)"


def test_scale_points_have_a_middle_only_when_odd() -> None:
    options = _question().options
    assert [point.tone for point in scale_points(options)] == ["negative", "neutral", "positive"]
    assert [point.tone for point in scale_points(options[:2])] == ["negative", "positive"]


def test_quotes_are_spread_over_personas_verbatim_and_distinct() -> None:
    said = [QuoteGiven(text="same words", persona_name=name) for name in "AABBC"]
    said += [QuoteGiven(text=f"{name} says {n}", persona_name=name) for name in "ABC" for n in range(9)]
    chosen = choose_quotes(said, 6)
    assert sorted(quote.persona_name for quote in chosen) == list("AABBCC")
    assert len({quote.text for quote in chosen}) == 6
    assert all(quote in said for quote in chosen)


def test_numbers_are_written_for_readers() -> None:
    assert [number(2.0), number(2.345), number(12345.6), number(None)] == ["2", "2.35", "12,346", "–"]
    assert [signed(12.2), signed(-0.2), signed(-12.0)] == ["+12", "0", "−12"]
    assert [interval((3.2, 9.9)), interval(None)] == ["3–10%", "–"]


def test_results_of_another_shape_are_refused() -> None:
    with pytest.raises(ValidationError):
        build_survey_content({"questions": "none"}, made_up.facts())


def test_content_survives_its_own_json() -> None:
    content = made_up.survey()
    assert c.ReportContent.model_validate_json(content.model_dump_json()) == content

"""What a survey report says follows from its results."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from core.reports import content as c
from core.reports.survey_content import build_survey_content
from core.reports.survey_figures import average, described, interval, key_figure, number, percent, ranged, signed
from core.reports.survey_input import QuestionResult
from core.reports.survey_method import DEMONSTRATION
from core.reports.survey_questions import base_line, question_section
from core.surveys.cautions import partial_warning
from tests.core.reports import made_up


def _question(**changes: object) -> QuestionResult:
    return QuestionResult.model_validate(made_up.question("k", "single_choice", "?", ["A", "B", "C"]) | changes)


def test_sections_are_the_summary_the_method_and_each_question() -> None:
    anchors = [section.anchor for section in made_up.survey().sections]
    assert anchors == ["glance", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "method"]


CHARTS = {"bar_chart", "scale_chart", "column_chart"}


def test_every_charted_question_has_its_table_right_after_the_chart() -> None:
    for section in made_up.survey().sections[1:6]:
        kinds = [block.type for block in section.blocks]
        first = next(place for place, kind in enumerate(kinds) if kind in CHARTS)
        assert kinds[first + 1] == "table"


def test_an_open_question_has_quotes_and_says_how_many_answered_and_why_others_did_not() -> None:
    section = made_up.survey().sections[6]
    assert [block.type for block in section.blocks] == ["text", "quotes"]
    assert section.meta == "Base: 371 answers  ·  29 missing (answer not valid 29)"


def test_a_demonstration_is_named_on_cover_method_and_every_page() -> None:
    content = made_up.survey()
    assert content.demonstration
    assert content.running_notice == DEMONSTRATION
    assert "demonstration model" in content.cover.statement
    assert DEMONSTRATION in [block.title for block in content.sections[-1].blocks if isinstance(block, c.Notice)]


def test_a_real_model_is_not_called_a_demonstration() -> None:
    content = build_survey_content(made_up.results(demonstration=False, model="some-model"), made_up.facts())
    assert "emonstration model" not in content.model_dump_json()
    assert "simulated" in content.running_notice.lower()


def test_partial_results_are_labelled() -> None:
    content = build_survey_content(made_up.results(complete=False, status="cancelled"), made_up.facts())
    for section in (content.sections[0], content.sections[-1]):
        titles = [block.title for block in section.blocks if isinstance(block, c.Notice)]
        assert "Partial results" in titles


def test_of_a_partial_run_those_who_answered_are_counted_and_the_planned_are_named() -> None:
    warning = partial_warning("cancelled", 80, 600)
    given = made_up.results(
        complete=False, status="cancelled", n=80, n_planned=600, warnings=[warning, "Few personas."]
    )
    content = build_survey_content(given, made_up.facts())
    assert content.cover.facts[0] == c.Fact(label="Simulated respondents", value="80 of 600 planned")
    method = content.sections[-1]
    facts = [fact for block in method.blocks if isinstance(block, c.Facts) for fact in block.items]
    assert facts[0].value == "80 of 600 planned"
    notices = {block.title: block.text for block in method.blocks if isinstance(block, c.Notice)}
    assert notices["Partial results"].startswith("Incomplete: the run was cancelled, and 80 of 600 planned respondents")
    assert notices["To know about this sample"] == "Few personas."


def test_the_leading_option_is_the_key_figure_and_overlap_is_said() -> None:
    figure = key_figure(_question())
    assert (figure.value, figure.label) == ("50%", "A")
    assert "next: B 33%" in figure.detail
    assert "intervals overlap" in figure.detail


def test_best_and_worst_are_told_by_score_share_and_persona() -> None:
    given = QuestionResult.model_validate(made_up.best_worst("b", "What matters?", ["Worst", "Best"][::-1]))
    figure = key_figure(given)
    assert (figure.value, figure.label, figure.detail) == ("75%", "of all appeal: Best", "score +33; last: Worst 25%")
    chart, table, personas = question_section(1, given, []).blocks
    assert isinstance(chart, c.BarChart)
    assert [(bar.label, bar.value) for bar in chart.bars] == [("Best", 75.0), ("Worst", 25.0)]
    assert isinstance(table, c.Table)
    assert table.rows[0] == ["Best", "1,170", "500", "100", "+33", "23–43", "75.0%"]
    assert table.rows[1][4:6] == ["−33", "−43 to −23"]
    assert isinstance(personas, c.Table)
    assert personas.rows[0] == ["Maria Gonzalez", "130", "+33", "−33"]


def test_nps_keeps_its_sign_and_interval() -> None:
    figure = key_figure(QuestionResult.model_validate(made_up.questions()[3]))
    assert (figure.value, figure.detail) == ("−51", "interval −66 to −36")


def _scale(labels: list[str], **more: object) -> QuestionResult:
    asked = made_up.question("k", "likert", "How good is it?", labels, top2=11.0, bottom2=41.0, mean=2.0)
    return QuestionResult.model_validate(asked | more)


RATINGS = ["Excellent", "Good", "Fair", "Poor"]


@pytest.mark.parametrize(
    ("labels", "scores", "said"),
    [
        # The lower numbers are bottom2 (41 %), whichever end of the list they stand at.
        (RATINGS, [1, 2, 3, 4], {"Excellent or good": "41%", "Poor or fair": "11%"}),
        (RATINGS, [4, 3, 2, 1], {"Excellent or good": "11%", "Poor or fair": "41%"}),
        (RATINGS[::-1], [1, 2, 3, 4], {"Poor or fair": "41%", "Excellent or good": "11%"}),
        (RATINGS, None, {"Excellent or good": "41%", "Poor or fair": "11%"}),
    ],
)
def test_the_ends_of_a_scale_are_named_in_words(
    labels: list[str], scores: list[int] | None, said: dict[str, str]
) -> None:
    asked = _scale(labels)
    if scores:
        options = [option.model_copy(update={"score": s}) for option, s in zip(asked.options, scores, strict=True)]
        asked = asked.model_copy(update={"options": options})
    figures = next(block for block in question_section(1, asked, []).blocks if isinstance(block, c.Figures))
    assert [(figure.label, figure.value) for figure in figures.items[:2]] == list(said.items())
    low, high = next(iter(said)).split(" or ")[0], list(said)[1].split(" or ")[0]
    ends = (low, high) if scores is None or scores[0] == 1 else (high, low)
    assert figures.items[2].label == f"Mean (1 = {ends[0]}, 4 = {ends[1]})"


def test_the_larger_end_leads_unless_one_answer_alone_weighs_more() -> None:
    figure = key_figure(_scale(RATINGS))
    assert (figure.value, figure.label, figure.detail) == (
        "41%",
        "Excellent or good",
        "at the other end: Poor or fair 11%",
    )
    middle = key_figure(_scale(RATINGS, bottom2=12.0))
    assert (middle.value, middle.label) == ("40%", "Excellent")


def test_a_name_stays_large_in_the_middle_of_a_sentence() -> None:
    labels = ["Lean Republican", "Republican", "Other", "Democrat", "Lean Democrat"]
    figure = key_figure(_scale(labels))
    assert figure.label == "Lean Republican or Republican"


def test_a_scale_has_one_sequence_of_colours_in_the_order_asked() -> None:
    [first, by_persona] = [b for b in question_section(1, _scale(RATINGS), []).blocks if isinstance(b, c.ScaleChart)]
    assert [(point.label, point.tone) for point in first.points] == [(label, "ordered") for label in RATINGS]
    assert by_persona.points == first.points


def test_a_number_has_its_classes_as_chart_and_table_and_its_spread() -> None:
    section = question_section(5, QuestionResult.model_validate(made_up.questions()[4]), [])
    figures, chart, table = section.blocks[:3]
    assert isinstance(figures, c.Figures)
    assert isinstance(chart, c.ColumnChart)
    assert isinstance(table, c.Table)
    assert {figure.label: figure.value for figure in figures.items} == {
        "Median": "1",
        "Mean": "1.20",
        "Standard deviation": "0.90",
        "Range": "0 to 2",
    }
    assert [column.label for column in chart.columns] == [row[0] for row in table.rows] == ["0", "1", "2"]
    assert table.rows[0] == ["0", "133", "33.3%", "33.3%"]


def test_an_open_question_is_not_summed_up_by_a_number() -> None:
    figure = key_figure(QuestionResult.model_validate(made_up.questions()[5]))
    assert (figure.value, figure.label) == ("", "371 answers in own words; see the quotes")


def test_one_respondent_is_written_of_in_the_singular() -> None:
    asked = [{**question, "n": 1, "n_eff": 1.0, "missing": {}} for question in made_up.questions()]
    person = made_up.facts().personas[:1]
    content = build_survey_content(made_up.results(n=1, questions=asked), made_up.facts(personas=person))
    assert [fact.label for fact in content.cover.facts[:2]] == ["Simulated respondent", "Persona"]
    assert content.sections[1].meta == "Base: 1 answer, worth 1 independent one (n_eff); a small base  ·  none missing"


def test_no_valid_answer_gives_no_figure() -> None:
    assert key_figure(_question(n=0)).value == "–"


def test_the_base_names_each_reason_for_missing() -> None:
    line = base_line(_question(n=380, missing={"refused": 15, "budget": 5, "invalid": 0}))
    assert line == "Base: 380 answers  ·  20 missing (budget used up 5, refused 15)"


def test_numbers_are_written_for_readers() -> None:
    assert [number(2.0), number(2.345), number(12345.6), number(None)] == ["2", "2.35", "12,346", "–"]
    assert [number(16.5), average(16.5), average(-4.0), average(120.0)] == ["16.5", "16.50", "−4.00", "120.0"]
    assert [signed(12.2), signed(-0.2), signed(-12.5)] == ["+12", "0", "−13"]
    assert [percent(16.5), percent(13.5), percent(6.25, 1), average(0.125)] == ["17%", "14%", "6.3%", "0.13"]
    assert [interval((3.2, 9.9)), interval((-64.0, -0.2), ""), interval(None)] == ["3–10%", "−64 to 0", "–"]
    assert described({"age": "62", "gender": "Female", "race": "Other"}) == "Age 62, Female, Race Other"


def test_results_of_another_shape_are_refused() -> None:
    with pytest.raises(ValidationError):
        build_survey_content({"questions": "none"}, made_up.facts())


def test_content_survives_its_own_json() -> None:
    content = made_up.survey()
    assert c.ReportContent.model_validate_json(content.model_dump_json()) == content


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("45-64", "45–64"),
        ("$30k - $50k", "$30k–$50k"),
        ("65+", "65+"),
        ("Non-binary", "Non-binary"),
        ("Covid-19", "Covid-19"),
        ("2026-11-25", "2026-11-25"),
    ],
)
def test_a_range_has_an_en_dash(value: str, expected: str) -> None:
    assert ranged(value) == expected

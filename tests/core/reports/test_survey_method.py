"""The method section says how answers came about, and no more than is true."""

from __future__ import annotations

from typing import Any

import pytest

from core.reports import content as c
from core.reports.survey_input import PersonaFact, QuestionMethod, SurveyResults
from core.reports.survey_method import DEMONSTRATION, METHOD_NAMES, method_section
from core.surveys.methods import AUTOMATIC
from tests.core.reports import made_up


def _text(methods: dict[str, str], **results: Any) -> str:
    named = [QuestionMethod(key=key, method=method) for key, method in methods.items()]
    asked = [question for question in made_up.questions() if question["key"] in methods]
    given = SurveyResults.model_validate(made_up.results(questions=asked, **results))
    return method_section(given, made_up.facts(methods=named)).model_dump_json()


def test_every_method_of_the_surveys_has_its_words() -> None:
    assert set(METHOD_NAMES) == {*AUTOMATIC.values()}


def test_values_of_rated_statements_are_said_to_be_drawn_and_open_answers_to_follow_the_statements() -> None:
    text = _text({"economy": "ssr", "why": "direct"})
    assert "the respondent’s value is drawn from them with the run’s seed" in text
    assert "of their statement, not of the value drawn from it" in text
    assert "an answer in own words follows the statements" in text
    assert "those rated by similarity first" in text


def test_what_was_not_used_is_not_explained() -> None:
    direct = _text({"why": "direct"})
    assert "statement" not in direct.replace("Respondents are simulated", "")
    assert "reminded of what they said before (up to 30 answers)" in direct
    apart = _text({"worry": "distribution"})
    assert "neither knows of the other" in apart
    assert "reminded" not in apart


def test_what_answered_is_recorded_in_full() -> None:
    facts = made_up.facts()
    section = method_section(SurveyResults.model_validate(made_up.results()), facts)
    items = {fact.label: fact.value for b in section.blocks if isinstance(b, c.Facts) for fact in b.items}
    assert items["Model"] == "offline-demonstration-2"
    assert items["Embedding model"] == "some-embeddings-1"
    assert items["Prompt versions"] == "survey_direct 1"
    assert items["Model temperature"].startswith("1, ")
    assert items["Seed"].startswith("20241105, ")
    assert items["Simulated respondents"] == "400"
    assert items["Effective sample size (n_eff)"].startswith("37 ")
    tables = [block for block in section.blocks if isinstance(block, c.Table)]
    assert [row[0] for row in tables[0].rows] == [persona.name for persona in facts.personas]
    assert "temperature 1, epsilon 0.01" in tables[1].rows[0]


@pytest.mark.parametrize("demonstration", [True, False])
def test_respondents_are_called_simulated_and_a_demonstration_a_demonstration(*, demonstration: bool) -> None:
    text = _text({"why": "direct"}, demonstration=demonstration)
    assert "no person was asked" in text
    assert (DEMONSTRATION in text) is demonstration


def test_missing_answers_are_counted_by_reason() -> None:
    text = _text({"why": "direct", "worry": "distribution"})
    assert "Missing over all questions: 39 answers (answer not valid 29, refused 10)." in text


def test_what_the_sample_assumes_is_told() -> None:
    assert "Gwen has no population weight" in _text({"why": "direct"}, warnings=["Gwen has no population weight."])
    assert "To know about this sample" not in _text({"why": "direct"})


def test_respondents_stand_beside_the_population_they_were_drawn_for() -> None:
    realised = {"margins": {"age": {"18-34": 0.35, "35+": 0.65}}, "target_margins": {"age": {"18-34": 0.4, "35+": 0.6}}}
    given = SurveyResults.model_validate(made_up.results(realised=realised))
    blocks = method_section(given, made_up.facts()).blocks
    [table] = [block for block in blocks if isinstance(block, c.Table) and block.caption.startswith("Who was")]
    assert table.rows == [["Age", "18–34", "40.0%", "35.0%"], ["", "35+", "60.0%", "65.0%"]]


def test_personas_are_told_with_what_they_do_where_and_for_whom_they_stand() -> None:
    person = PersonaFact(
        persona_id="1",
        name="Beth",
        summary="Nurse, Ohio",
        attributes={"age": "45-64", "race": "Other"},
        n=3,
        weight=1.0,
    )
    blocks = method_section(SurveyResults.model_validate(made_up.results()), made_up.facts(personas=[person])).blocks
    [table] = [block for block in blocks if isinstance(block, c.Table) and block.caption == "The personas"]
    assert table.rows[0][:2] == ["Beth", "Nurse, Ohio  ·  Age 45–64, Race Other"]
